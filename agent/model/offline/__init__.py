"""The rooms of the offline model: rules that turn a goal's words into tool calls, and results into a brief."""
