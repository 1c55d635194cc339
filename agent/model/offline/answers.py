"""Answers: questions to the documents and to the notes of earlier runs."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence

from agent.model.offline.clauses import is_question
from agent.model.offline.documents import documents, documents_meant
from agent.model.offline.findings import Finding, Sentence, coverage, ranked, shared
from agent.model.offline.focusing import collect, files_about, texts_about
from agent.model.offline.gather import read_handed, show
from agent.model.offline.intents import Outcome, Steps, Wants
from agent.model.offline.lexicon import ANSWERS_CHINESE, ANSWERS_ENGLISH
from agent.model.offline.marks import BLANK, Marked, mark
from agent.model.offline.questions import Question, question_of
from agent.model.offline.script import Job
from agent.model.offline.transcript import Result
from agent.model.offline.wishes import topic_of
from agent.model.offline.wording import short
from agent.model.offline.words import terms

MOST_ANSWERS = 3
"""So many sentences are given as the answer."""


_WEB = re.compile(
    r"\b(?:the (?:web|internet|net)|online|google|bing|wikipedia|websites?)\b|网上|网络上?|互联网|上网|百度|谷歌", re.I
)


def means_the_web(marked: Marked) -> bool:
    """Does a sub-goal send one to the network?"""
    return bool(_WEB.search(marked.masked)) or bool(marked.of("address"))


_ASKING = re.compile(
    r"^\s*(?:(?:answer|find out|tell (?:me|us)|figure out|determine|establish)\b(?: the question)?|"
    r"回答|解答|找出|查明|告诉我们?|说明)[\s:：,，]*",
    re.IGNORECASE,
)


_SAYS = re.compile(
    r"\bwhat (?:does|do|did) .+ (?:say|contain|tell(?: me| us)?)\s*\??$|\bwhat is .+ about\s*\??$|"
    r"(?:说|写|讲|提到|记录|记)了?(?:些)?(?:什么|啥)",
    re.IGNORECASE,
)
"""Questions for all that a document says."""


def answer(job: Job, marked: Marked, start: int, outcome: Outcome) -> Steps:
    """Answer a question with sentences of the documents or of notes; truthfully not, where none fits."""
    question = _asked(marked, start)
    if not terms(question) and not marked.places:
        outcome.failed.append(job.say("beyond"))
        return
    if not topic_of(mark(question), 0) and (marked.places or job.mentioned):
        question = ""  # "what does it say?" asks for all of it
    paths = yield from documents(job, outcome, marked)
    if outcome.failed:
        return
    if not paths and not job.mentioned and _SAYS.search(question):
        paths = yield from documents_meant(job, Outcome(text=question), marked, start=start, end=start)
        question = "" if paths else question
    if not question:
        since = len(job.findings)
        yield from collect(job, outcome, paths or job.mentioned)
        show(job, outcome, since)
        return
    asked = question_of(question)
    pages = [] if paths or job.mentioned else [one for one in job.findings if one.is_a_page and one.kind == "text"]
    texts = pages or (yield from _texts(job, outcome, paths or job.mentioned, question))
    named, notes = bool(marked.places), _notes(job)
    good = _good(asked, texts, notes, named=named)
    if not named and not any(one.source in {text.source for text in texts} for one in good):
        more = yield from files_about(job, question, outcome)
        known = {one.source for one in texts}
        texts += yield from _texts(job, outcome, [path for path in more if path not in known], question)
        good = _good(asked, texts, notes, named=False)
    _tell(job, asked, [*texts, *notes], good, outcome)


_PLACE = re.compile(
    rf"(?:\b(?:according to|in|from|based on|of|and)\b\s*|根据|从|在|和|与|、)?(?:the (?:file|document)\s+)?{BLANK}"
    rf"(?:\s*(?:里面?|中|内)?的?)?"
)
"""A document that a question names, with the words that lead to it."""


def _asked(marked: Marked, start: int) -> str:
    """The question without the words that only lead to it and without the documents that it names."""
    question = _ASKING.sub("", marked.text[start:]).strip(" ,.，。:：")
    for place in marked.places:
        question = question.replace(marked.text[place.start : place.end], BLANK)
    plain = " ".join(_PLACE.sub(" ", question).split()).strip(" ,，.")
    return re.sub(r"^(?:for|about|on)\s+", "", plain, flags=re.IGNORECASE)


def _texts(
    job: Job, outcome: Outcome, paths: Sequence[str], question: str
) -> Generator[Wants, list[Result], list[Finding]]:
    if paths:
        return (yield from texts_about(job, outcome, paths, question))
    since = len(job.findings)
    if not outcome.failed:
        yield from read_handed(job, outcome)
    handed = job.findings[since:]
    del job.findings[since:]
    return handed


def _notes(job: Job) -> list[Finding]:
    """What earlier runs and this one noted, as documents; their source says that it is from memory."""
    now = [Finding(source=job.say("remembered"), kind="text", text=text) for text in job.remembered]
    return now + [
        Finding(source=job.say("from_memory", date=note.date, id=note.id), kind="text", text=note.text)
        for note in job.transcript.notes
    ]


def _good(asked: Question, texts: Sequence[Finding], notes: Sequence[Finding], *, named: bool) -> list[Sentence]:
    """The sentences that answer a question, the best first. They have enough of its words, of which the rare ones weigh
    more, or stand in a document that has the others; of a document that was named less is asked. A note stands alone,
    with no document around it: where it holds the kind of thing that is asked for, half of the words are enough."""
    words, remembered = asked.matter, {one.source for one in notes}
    texts = [*texts, *notes]
    found = ranked(texts, topic=words)
    whole: dict[str, str] = {}
    for text in texts:
        whole[text.source] = f"{whole.get(text.source, '')}\n{text.text}"
    shares = shared(words, [(one.text, one.above) for one in found])
    sources = dict(zip(whole, shared(words, [(text, "") for text in whole.values()]), strict=True))
    least, enough = (0.2, 0.3) if named else (0.4, 0.5)
    good: list[tuple[float, Sentence]] = []
    for one, share in zip(found, shares, strict=True):
        if not asked.wants and coverage(words, one.text) < 0.5 * coverage(words, f"{one.text}\n{one.above}"):
            continue  # it only goes on from a sentence that says it
        fit = (share + sources[one.source]) / 2
        alone = one.source in remembered and asked.tells_its_kind and asked.has_its_kind(one.text)
        if share >= least and fit >= (least if alone else enough) and asked.may_be_answered_by(one.text, one.above):
            good.append((share + fit, one))
    good.sort(key=lambda pair: -pair[0])
    return [one for fit, one in good if fit >= 0.7 * good[0][0]][:MOST_ANSWERS]


def _tell(job: Job, asked: Question, texts: Sequence[Finding], good: Sequence[Sentence], outcome: Outcome) -> None:
    if good:
        # What is written or noted after this is the answer, not all that was looked through.
        for source in dict.fromkeys(one.source for one in good):
            text = "\n".join(one.text for one in good if one.source == source)
            job.find(Finding(source=source, kind="summary", text=text))
        outcome.show("\n".join(f"- {one.text} ({one.source})" for one in good))
        return
    found = ranked(texts, topic=asked.matter)
    shares = shared(asked.matter, [(one.text, one.above) for one in found])
    nearest = max(zip(shares, found, strict=True), key=lambda pair: pair[0], default=None)
    if nearest is None or nearest[0] <= 0:
        outcome.failed.append(job.say("no_hits"))
    else:
        what = f"“{short(nearest[1].text, 200)}” ({nearest[1].source})"
        outcome.failed.append(job.say(f"no_{asked.wants or 'answer'}", what=what))


def is_asked(marked: Marked, start: int = 0) -> bool:
    """Does the sub-goal ask, behind what opens it, something that documents may answer?"""
    head = marked.text[start:].casefold()
    return is_question(marked.text) or head.startswith((*ANSWERS_ENGLISH, *ANSWERS_CHINESE))
