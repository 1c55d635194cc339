"""The endpoint's prompt cache: what tells it where a prefix ends that will be sent again.

Most endpoints find a repeated prefix by themselves. Two kinds want to be told:

- OpenAI's models from GPT-5.6 on match a cached prefix only where a breakpoint stands, and set one by themselves at the
  end of the newest message. That is our tail, which changes at each turn: nothing would ever be found again. So each
  step ends with a breakpoint of its own, which stays where it is, and the one behind the tail, whose writing is paid
  for, is turned off.
- Claude and Gemini behind OpenRouter, and Qwen at Alibaba's endpoint, cache what ends with `cache_control`; four marks
  are taken at most. They stand behind the goal, behind the summary, and behind the last two steps: the older one is
  where the last request's newest stood.

Sources: the comments of the openai SDK on `prompt_cache_options` and `prompt_cache_breakpoint`; the documentations of
OpenRouter and of Alibaba's Model Studio on prompt caching.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from agent.events import JSON
from agent.model import Message, Request, compact

__all__ = ["Caching"]

_MOST_MARKS = 4
_LATEST = 80
"""So many of OpenAI's breakpoints are looked at, the latest ones."""
_OPENAI: Mapping[str, JSON] = {"prompt_cache_breakpoint": {"mode": "explicit"}}
_CONTROL: Mapping[str, JSON] = {"cache_control": {"type": "ephemeral"}}
_MARKED = ("system", "user", "tool")
"""Roles whose texts take a mark."""
_GPT = re.compile(r"gpt-(\d+)(?:\.(\d+))?(?![\d.]*b\b)", re.IGNORECASE)
_CONTROLLED = re.compile(r"^~?(?:anthropic|google)/", re.IGNORECASE)


class Caching:
    """How one model at one endpoint is told. May be used from several threads.

    Args:
        model: Its name, as sent.
        host: The endpoint's, with its port.
        official: Is it OpenAI's own, or Azure's?
    """

    def __init__(self, model: str, *, host: str, official: bool) -> None:
        self._keyed = official
        self._mark: Mapping[str, JSON] | None = None
        if official and _explicit(model):
            self._mark = _OPENAI
        elif _is_controlled(model, host.rpartition(":")[0] or host):
            self._mark = _CONTROL

    def options(self, request: Request) -> dict[str, object]:
        """The parameters of a request that are about the cache."""
        told: dict[str, object] = {}
        if request.cache_key and self._keyed:
            told["prompt_cache_key"] = request.cache_key
        if self._mark is _OPENAI and self.places(request):
            told["prompt_cache_options"] = {"mode": "explicit"}
        return told

    def places(self, request: Request) -> Collection[int]:
        """The messages of a request, by number, that end with a mark."""
        if self._mark is None:
            return ()
        ends = [n for n in request.stable if _takes_a_mark(request.messages[n])]
        if self._mark is _OPENAI:
            return frozenset(ends[-_LATEST:])
        return frozenset(ends if len(ends) <= _MOST_MARKS else (*ends[: _MOST_MARKS - 2], *ends[-2:]))

    def wire(self, message: Message) -> bytes:
        """A message with its mark, as it is sent."""
        mark = self._mark or {}
        name = " ".join(("marked", *mark))  # a fall-back behind another endpoint may mark the same message otherwise
        kept = message.__dict__.get(name)
        if kept is None:
            part: dict[str, object] = {"type": "text", "text": message.content, **mark}
            body: dict[str, object] = {"role": message.role, "content": [part]}
            if message.call_id is not None:
                body["tool_call_id"] = message.call_id
            kept = message.__dict__[name] = compact(body)
        return bytes(kept)

    def learn(self, said: str) -> str | None:
        """Take a refusal to heart: what is not sent any more; None where it is not about this."""
        if self._mark is None:
            return None
        (name,) = self._mark
        if name not in said and not re.search(
            r"\bcontent\b.{0,40}\b(?:must be a|should be a|expected a?) ?string", said
        ):
            return None
        self._mark = None
        return name


def _explicit(model: str) -> bool:
    """Is it one of OpenAI's that match a prefix at breakpoints only?"""
    found = _GPT.search(model)
    return found is not None and (int(found[1]), int(found[2] or 0)) >= (5, 6)


def _is_controlled(model: str, name: str) -> bool:
    """Is it one of those that cache what `cache_control` ends? `name` is the host's, without its port."""
    if name == "openrouter.ai" or name.endswith(".openrouter.ai"):
        return bool(_CONTROLLED.match(model)) or (model.startswith("openai/") and _explicit(model))
    alibaba = name.startswith("dashscope") and name.endswith(".aliyuncs.com")
    return alibaba and "qwen" in model.casefold()


def _takes_a_mark(message: Message) -> bool:
    return message.role in _MARKED and bool(message.content.strip())
