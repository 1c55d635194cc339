"""The history: the events of one run, folded into what the rest asks about."""

from agent.history.history import History, round_address
from agent.history.opened import OpenedPage, page_key
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
    "OpenedPage",
    "Spend",
    "Step",
    "page_key",
    "round_address",
]
