"""What may become a note: cleaned, short, of a known kind, without a secret."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from hashlib import blake2b
from math import isfinite
from typing import Any, get_args

from ._given import mapping_of, number_of, wrong
from ._note_errors import RecallError
from ._notes import MOST, Kind, NewRow, Origin
from ._rules import Rules
from ._secrets import REMOVED, secret_in, without_secrets
from ._told import context_terms
from .embedding import words

LONGEST_METADATA = 8_000
"""The most characters of a note's metadata, written as JSON."""


class NoteRefused(RecallError):
    """This cannot become a note: it is empty, too long, of an unknown kind, or its metadata is not JSON."""


class SecretFound(NoteRefused):
    """A password, key or token stands in the text, its context or its metadata. The message never repeats it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A note as it is handed to `Recall.add_many`; the fields are those of `Recall.add`."""

    text: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    context: str | None = None
    kind: Kind = "note"
    origin: Origin = "agent"
    label: str | None = None
    run: str | None = None
    step: int | None = None
    supersedes: str | None = None
    expires: float | None = None


def draft_of(given: Draft | str | Mapping[str, Any]) -> Draft:
    """What was handed in, as a draft. Raises `NoteRefused` where it is neither a text nor a mapping with its fields."""
    if isinstance(given, Draft):
        return given
    if isinstance(given, str):
        return Draft(text=given)
    if given is None:
        raise wrong("a note", given, "a text", hint="turn what you have into one", error=NoteRefused)
    try:
        return Draft(**given)
    except TypeError:
        known = ", ".join(one.name for one in fields(Draft))
        raise NoteRefused(f"{given!r:.80} is no note", hint=f"give a text, or a mapping with: {known}") from None


def clean(text: str) -> str:
    """The text as it can be stored everywhere: no NUL, no half of a surrogate pair, no white space around it."""
    return text.replace("\x00", " ").encode("utf-8", "replace").decode("utf-8").strip()


def checked(draft: Draft, rules: Rules, *, source: str | None = None) -> NewRow:
    """What is stored for a draft. `source` names the document that it is a passage of.

    Raises:
        NoteRefused: see its docstring; the message says which.
        SecretFound: see its docstring.
    """
    must_fit(draft)
    text, context = clean(draft.text), clean(draft.context or "")
    if not text:
        raise NoteRefused("the note is empty", hint="give it a text")
    for name, value in (("note", text), ("note's context", context)):
        if len(value) > rules.longest:
            raise NoteRefused(
                f"the {name} has {len(value):,} characters; {rules.longest:,} are the most",
                hint="store the one or two sentences that matter, and keep the whole as a file",
            )
    for name, given, known in (("kind", draft.kind, Kind), ("origin", draft.origin, Origin)):
        if given not in get_args(known):
            raise NoteRefused(f"{given!r} is not a note's {name}", hint=f"use one of: {', '.join(get_args(known))}")
    metadata = _metadata(draft.metadata)
    text, context, metadata = _screened((text, context, metadata), rules)
    return NewRow(
        text=text,
        context=context,
        digest=digest_of(text),
        terms=" ".join(words(text)),
        context_terms=context_terms(context, metadata),
        metadata=metadata,
        kind=draft.kind,
        origin=draft.origin,
        label=None if draft.label is None else clean(draft.label),
        run=None if draft.run is None else clean(draft.run),
        step=draft.step,
        supersedes=None if draft.supersedes is None else clean(draft.supersedes),
        expires=_moment(draft.expires),
        source=source,
    )


def _screened(parts: tuple[str, str, str], rules: Rules) -> tuple[str, str, str]:
    """Text, context and metadata, dealt with as the rules say of secrets."""
    if rules.secrets == "keep":
        return parts
    if rules.secrets == "redact":
        text, context, metadata = map(without_secrets, parts)
        return text, context, _still_json(parts[2], metadata)
    for name, value in zip(("text", "context", "metadata"), parts, strict=True):
        secret = secret_in(value)
        if secret:
            raise SecretFound(
                f"the note's {name} holds {secret}; secrets are not remembered",
                hint="leave the secret out and note where it is kept instead",
            )
    return parts


def _still_json(metadata: str, redacted: str) -> str:
    """Metadata without its secrets. A mark may have taken a quotation mark along: then value by value is redacted."""
    if metadata == redacted:
        return metadata
    kept = {}
    for key, value in json.loads(metadata).items():
        alone = json.dumps({key: value}, ensure_ascii=False)
        kept[key] = value if without_secrets(alone) == alone else REMOVED.format("a secret")
    return json.dumps(kept, ensure_ascii=False, sort_keys=True)


def must_fit(draft: Draft) -> None:
    """Raises `NoteRefused` where a field is of a wrong type."""
    if not isinstance(draft.text, str):
        raise wrong("a note", draft.text, "a text", hint="turn what you have into one", error=NoteRefused)
    for name in ("context", "label", "run", "supersedes"):
        value = getattr(draft, name)
        if value is not None and not isinstance(value, str):
            hint = "turn it into one, or leave it out"
            raise wrong(f"a note's {name}", value, "a text", hint=hint, error=NoteRefused)
    step: Any = draft.step
    if step is not None and (isinstance(step, bool) or not isinstance(step, int)):
        raise wrong("a note's step", step, "a whole number", hint="leave it out", error=NoteRefused)
    if step is not None and abs(step) > MOST:
        raise NoteRefused("the number of the note's step is too large", hint="leave it out")
    mapping_of(draft.metadata, "a note's metadata", error=NoteRefused)


def _moment(expires: float | None) -> float | None:
    if expires is None:
        return None
    hint = "give seconds since the epoch, such as time.time() + 90 * 86400"
    moment = number_of(expires, "the moment at which a note expires", hint=hint, error=NoteRefused)
    try:
        if isfinite(moment := float(moment)):
            return moment
    except OverflowError:
        pass
    raise NoteRefused("the moment at which the note expires is no number", hint=hint)


def digest_of(text: str) -> str:
    """Equal for texts that differ in nothing but white space and how their characters are composed."""
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    return blake2b(plain.encode("utf-8"), digest_size=16).hexdigest()


def _metadata(metadata: Mapping[str, Any]) -> str:
    try:
        written = clean(json.dumps(dict(metadata), ensure_ascii=False, allow_nan=False, sort_keys=True))
    except (TypeError, ValueError, RecursionError) as error:
        why = "it is nested too deep" if isinstance(error, RecursionError) else error
        raise NoteRefused(
            f"the note's metadata cannot be written as JSON: {why}", hint="use text, numbers, lists and objects"
        ) from None
    if len(written) > LONGEST_METADATA:
        raise NoteRefused(
            f"the note's metadata has {len(written):,} characters; {LONGEST_METADATA:,} are the most",
            hint="keep large values in a file and name the file",
        )
    return written


def agree(one: str, other: str) -> bool:
    """Do two notes' metadata, as JSON, say nothing different under the same key?"""
    if one == "{}" or other == "{}" or one == other:
        return True
    ones, others = _parsed(one), _parsed(other)
    return all(others.get(key, value) == value for key, value in ones.items())


@lru_cache(maxsize=256)  # a note is compared with many, and they are compared with the next one again
def _parsed(metadata: str) -> Mapping[str, object]:
    parsed: dict[str, object] = json.loads(metadata)
    return parsed
