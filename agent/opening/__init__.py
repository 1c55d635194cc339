"""The opening of a run: what was wanted becomes a goal, a model, a workspace and tools, put together to be driven."""
