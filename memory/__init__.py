"""What outlasts a thought: the journal, the window, artifacts and notes. Knows nothing of `agent` and `plugins`."""
