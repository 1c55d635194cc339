"""`thinkact kb ask`: a question, answered from the documents by statements whose citations were checked."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import typer

from agent.answering import Answer, Evidence, asking, check, claims_in, look, quote, sharing
from agent.cli.kb.opened import opened, others, wanted_namespace
from agent.cli.kb.showing import Answered, described, show
from agent.cli.saying import say
from agent.cli.tables import as_json
from agent.errors import ContextTooLong, ModelError, UsageError
from agent.events import Thought, Usage
from agent.goal import Budget, Goal
from agent.model import Bill, Model, Request
from agent.model.choice import OFFLINE, choose
from agent.opening.kept import lister
from agent.opening.parts import make_model
from agent.settings import Settings, effective_budget
from agent.spending import dollars
from memory.library import Library, Quoted
from memory.tokens import estimate

_ASK_AGAIN = "ask again once the model can be reached; -m offline quotes the documents without one"
_LONGEST = 4_000  # characters of a question


def answer(
    question: str, namespace: str | None, *, count: int, model: str | None, base_url: str | None, as_data: bool
) -> int:
    """The command; its exit code."""
    began = time.monotonic()
    if not question.strip():
        raise UsageError("the question is empty")
    if len(question) > _LONGEST:
        raise UsageError(f"the question has {len(question):,} characters; {_LONGEST:,} are the most")
    settings = Settings.load(cwd=Path.cwd())
    for warning in settings.warnings:
        say(warning)
    space = wanted_namespace(namespace, settings)
    with opened(settings, space) as recall:
        library = Library(recall)
        if not library.sources():
            raise UsageError(f"there are no documents in the knowledge base {space}", hint=others(recall))
        choice = choose(
            model or settings.model,
            base_url=base_url or settings.base_url,
            api_key=settings.api_key,
            ask=lister(settings),
        )
        offline = choice.name == OFFLINE
        near = look(question, library.search, count) if offline else library.search(question, count)
        evidence = _numbered(near, library)
        aside = [] if near else _numbered(sharing(question, library.search, count), library)
    usage = None
    if offline:
        found = quote(question, evidence)
    else:
        goal = Goal(goals=(question,))
        found, usage = _asked(make_model(choice, goal, settings), question, evidence, settings)
    answered = Answered(
        question=question,
        namespace=space,
        evidence=evidence or aside,  # what only shares a word is shown, and nothing is answered from it
        answer=found,
        model=choice.name,
        usage=usage,
        seconds=time.monotonic() - began,
    )
    if as_data:
        as_json(described(answered))
    else:
        show(answered)
    return 0 if found.statements else 1


def _numbered(found: Sequence[Quoted], library: Library) -> list[Evidence]:
    """The passages as they are put before a model and cited."""
    states = library.states(one.name for one in found)
    return [
        Evidence(
            number=number,
            id=one.id,
            file=one.file,
            place=one.place,
            heading=one.heading,
            text=one.text,
            score=one.score,
            now=states.get(one.name, "there"),
            name=one.name,
        )
        for number, one in enumerate(found, 1)
    ]


def _asked(
    model: Model, question: str, evidence: Sequence[Evidence], settings: Settings
) -> tuple[Answer, Usage | None]:
    """What the model answers, checked, and what that cost; it is not asked where there is nothing to show it. Where the
    passages are longer than it takes, it gets the nearer half."""
    given = list(evidence)
    while given:
        request = asking(question, given)
        _afford(model, request, settings)
        try:
            thought = _thought(model, request)
        except ContextTooLong:
            if len(given) == 1:
                raise
            given = given[: len(given) // 2]
            say(f"the passages are longer than the model takes; it is given the {len(given)} nearest")
            continue
        usage = thought.usage if thought.usage.calls > 1 else replace(thought.usage, usd=model.price(thought.usage))
        return check(claims_in(thought.text), given, question=question), usage
    return Answer(statements=()), None


def _afford(model: Model, request: Request, settings: Settings) -> None:
    """Refuse what the user's limits do not carry, before it is spent."""
    limits = effective_budget(settings, goal=Budget()).budget
    prompt = sum(estimate(message.text) for message in request.messages)
    most = Usage(prompt_tokens=prompt, completion_tokens=request.reply)
    price = model.price(most)
    if limits.usd and price is not None and price > limits.usd:
        raise UsageError(
            f"the question may cost {dollars(price)}, and the limit is {dollars(limits.usd)}",
            hint="ask with fewer passages (-k), or raise THINKACT_MAX_USD",
        )
    if limits.tokens and most.tokens > limits.tokens:
        raise UsageError(
            f"the question may take {most.tokens:,} tokens, and the limit is {limits.tokens:,}",
            hint="ask with fewer passages (-k), or raise THINKACT_MAX_TOKENS",
        )


def _thought(model: Model, request: Request) -> Thought:
    """The whole reply. It is not shown as it comes: nothing of it is checked yet."""
    bill = Bill()
    try:
        with closing(model.think(replace(request, bill=bill))) as thinking:
            while True:
                try:
                    delta = next(thinking)
                except StopIteration as ended:
                    thought: Thought = ended.value
                    return thought
                if delta.channel == "notice":
                    say(delta.text)
    except ModelError as error:
        if error.hint is not None and "thinkact resume" in error.hint:  # there is no run that could go on
            error.hint = _ASK_AGAIN
        raise
    except KeyboardInterrupt:
        spent = bill.usage
        say("stopped" if spent is None else f"stopped; {spent.tokens:,} tokens were spent")
        raise typer.Exit(130) from None
