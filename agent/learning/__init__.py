"""Learning: what a run writes into long-term memory by itself, and when it looks there.

A note is written where the user corrects the agent, where a failure was put right, and at the end; where older steps
are folded only if the model marks a finding as lasting. At most 20 a run, with those that the tool `remember` writes.
"""

from __future__ import annotations

from agent.kit import Kit
from agent.learning.recalling import recall_for_errors, recall_for_goal, recall_for_task
from agent.learning.writing import write_episode, write_learned
from agent.mail import Items

__all__ = ["learn", "recall_for_goal", "recall_for_task", "write_episode"]


def learn(kit: Kit) -> Items:
    """After a step: what is to be kept of it, and what memory knows of its errors. Looks at nothing but the newest."""
    if kit.ended:
        return  # what it taught is written down with how the run ended
    yield from write_learned(kit)
    yield from recall_for_errors(kit)
