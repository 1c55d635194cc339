"""Runs: one run from opening to end, and those that are stored."""

from agent.runs.clock import Clock
from agent.runs.run import Late, Listener, Run
from agent.runs.stored import envelope, folder_of, listed, make_folder, new_id, records

__all__ = [
    "Clock",
    "Late",
    "Listener",
    "Run",
    "envelope",
    "folder_of",
    "listed",
    "make_folder",
    "new_id",
    "records",
]
