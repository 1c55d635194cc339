"""The history: the events of one run, folded into what the rest asks about."""

from agent.history.history import History, round_address
from agent.history.values import (
    CALL,
    COMMENTED,
    FIND,
    FINISH,
    RESERVED,
    ROUND,
    UNSETTLED,
    Done,
    Edited,
    OpenCall,
    Spend,
    Step,
)

__all__ = [
    "CALL",
    "COMMENTED",
    "FIND",
    "FINISH",
    "RESERVED",
    "ROUND",
    "UNSETTLED",
    "Done",
    "Edited",
    "History",
    "OpenCall",
    "Spend",
    "Step",
    "round_address",
]
