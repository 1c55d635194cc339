"""Answers from documents: what a model says of passages, each statement held against the words that it quotes.

A model is given passages, which are numbered, and states what they say, each statement with the number of a passage and
some of its words. What it writes is not believed: a passage that was not given is none, and words that do not stand in
it are no quotation. Where there is no model, sentences of the passages are quoted that say what is asked.
"""

from agent.answering.citations import Answer, Citation, LeftOut, Statement, check
from agent.answering.evidence import Evidence
from agent.answering.looking import look, sharing
from agent.answering.prompting import asking, claims_in
from agent.answering.quoting import quote

__all__ = [
    "Answer",
    "Citation",
    "Evidence",
    "LeftOut",
    "Statement",
    "asking",
    "check",
    "claims_in",
    "look",
    "quote",
    "sharing",
]
