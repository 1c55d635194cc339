"""Checks: is the goal really reached? They look at files, programs and the answer; the model's word never decides."""

from agent.checks.judging import question, verdict
from agent.checks.making import baseline, before, describe, make
from agent.checks.scene import Scene, Verdict
from agent.checks.unfinished import claims, placeholder

__all__ = [
    "Scene",
    "Verdict",
    "baseline",
    "before",
    "claims",
    "describe",
    "make",
    "placeholder",
    "question",
    "verdict",
]
