"""Moving and renaming: one document to another name, documents into a folder under their own names."""

from __future__ import annotations

from agent.events import JSON
from agent.model.offline.arguments import TARGET_NAMES
from agent.model.offline.documents import documents
from agent.model.offline.intents import Outcome, Steps
from agent.model.offline.marks import Marked
from agent.model.offline.matching import Match
from agent.model.offline.parameters import parameters
from agent.model.offline.rules import call_each, rule_any
from agent.model.offline.script import Job
from agent.model.offline.targets import folder_of


def rule_move(job: Job, marked: Marked, match: Match, outcome: Outcome) -> Steps:
    """Move or rename a document; into a folder documents go under their own names."""
    folder = folder_of(marked)
    sources = [one for one in marked.places if one.part != "target" and one.text.rstrip("/") != folder]
    names = [one.name for one in parameters(match.tool) if one.kind == "path"] if match.tool else []
    target = next((one for one in names if one in TARGET_NAMES), None)
    source = next((one for one in names if one != target), None)
    if match.tool is None or not folder or not sources or target is None or source is None:
        yield from rule_any(job, marked, match, outcome)
        return
    without = next((one for one in marked.places if one.text.rstrip("/") == folder), None)
    paths = yield from documents(job, outcome, marked, without=without)
    moves: list[dict[str, JSON]] = [{source: path, target: f"{folder}/{path.rpartition('/')[2]}"} for path in paths]
    if not outcome.failed:
        yield from call_each(job, match.tool, moves, outcome)
