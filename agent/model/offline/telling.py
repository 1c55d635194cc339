"""Telling: the end of a run by rules, with an answer that says what was done, what was not, and what was found."""

from __future__ import annotations

from agent.events import JSON
from agent.model.offline.clauses import clauses
from agent.model.offline.forbidding import concerns_a_tool
from agent.model.offline.intents import Intent, Wants
from agent.model.offline.marks import mark
from agent.model.offline.matching import FINISH
from agent.model.offline.script import Job
from agent.model.offline.wording import short

MOST_ANSWER = 6000
"""Characters of the answer at most."""


def finish(job: Job) -> Wants:
    """The end: an answer that tells what was done and what was not, and whether that was all."""
    reached = bool(job.outcomes) and all(outcome.ok for outcome in job.outcomes)
    reached = reached and not job.transcript.refused
    late: dict[str, JSON] = {"answer": _answer(job, reached)}
    files = _files(job)
    if files and reached and job.tools.finish_names_files:
        late["files"] = list(files)
    intent = Intent(tool=FINISH, arguments={"reached": reached}, late=lambda: late)
    return Wants(intents=(intent,), line=job.say("finish"))


def _files(job: Job) -> list[str]:
    return [path for path in job.written if path not in job.gone]


def _answer(job: Job, reached: bool) -> str:
    told = {finding.source for found in job.composed.values() for finding in found}
    shown = [text for one in job.outcomes for part in one.shown if part.source not in told and (text := part.text())]
    parts = ["\n\n".join(shown)[:MOST_ANSWER]] if shown else []
    done = [f"- {line}" for outcome in job.outcomes for line in outcome.done]
    undone = [f"- {short(one.text, 160)}: {'; '.join(one.failed)}" for one in job.outcomes if one.failed]
    if done:
        parts.append("\n".join([job.say("done"), *dict.fromkeys(done)]))
    files = _files(job)
    if files:
        parts.append(job.say("files", what=", ".join(files)))
    if job.left_alone:
        parts.append(job.say("left_alone", what="; ".join(dict.fromkeys(job.left_alone))))
    if undone:
        parts.append("\n".join([job.say("undone"), *undone]))
    if not job.outcomes:
        parts.append(job.say("nothing"))
    unweighed = _unweighed(job)
    if unweighed:
        parts.append(job.say("unweighed", what="; ".join(unweighed)))
    parts.append(job.say("intro"))
    if not reached:
        parts.append(job.say("hint"))
    return "\n\n".join(parts)


def _unweighed(job: Job) -> list[str]:
    """Constraints that are no lengths, and prohibitions that speak of no tool."""
    known = {clause.text for clause in job.prohibitions if concerns_a_tool(clause, job.tools)}
    of_goal = {clause.text for text in job.goal.constraints for clause in clauses(text, job.tools.verbs)}
    left = [short(one.text, 100) for one in job.prohibitions if one.text not in known | of_goal]
    for text in job.goal.constraints:
        parts = clauses(text, job.tools.verbs)
        lengths = any(number.name for number in mark(text).of("number"))
        if not lengths and not all(one.negated and one.text in known for one in parts):
            left.append(short(text, 100))
    return left
