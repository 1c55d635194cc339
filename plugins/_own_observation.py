"""An `Observation` that a tool made itself: each field is what the contract says, or the complaint names it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from plugins import _handed as handed
from plugins._contract import Artifact, Observation, ToolFailure

__all__ = ["checked"]

_LONGEST_NAME = 128  # characters of a hash, a handle, a kind: they are journaled as they are
_LONGEST_TOLD = 4_000  # characters of a message and of a hint; the text holds all of it
_LONGEST_DETAIL = 20_000


def checked(observation: Observation) -> Observation:
    """A plain copy without what only the runner can say (`seconds`, `written`, `created`); `value` is left as it is.

    One that is not `ok` and says no `error` gets one, of kind "tool".

    Raises:
        TypeError, ValueError: a field is not what the contract says.
    """
    own: Any = observation
    ok, text = handed.flag(own.ok, _named("ok")), handed.text(own.text, _named("text"))
    if not isinstance(own.artifacts, tuple | list):
        raise TypeError(f"{_named('artifacts')} must be a tuple of Artifact, not {type(own.artifacts).__name__}")
    artifacts = [_artifact(one, f"{_named('artifacts')}[{index}]") for index, one in enumerate(own.artifacts)]
    error = None if own.error is None else _failure(own.error)
    if ok and error is not None:
        raise ValueError(f"{_named('error')} must be None where ok is True")
    if not ok and error is None:
        error = ToolFailure(kind="tool", message=text[:_LONGEST_TOLD])
    return Observation(
        ok=ok,
        text=text,
        value=own.value,
        artifacts=tuple(artifacts),
        error=error,
        whole=None if own.whole is None else _name(own.whole, _named("whole")),
        result_hash=_name(own.result_hash, _named("result_hash")),
    )


def _artifact(kept: Any, what: str) -> Artifact:
    if not isinstance(kept, Artifact):
        raise TypeError(f"{what} must be an Artifact, not {type(kept).__name__}; context.artifacts.put makes one")
    if not isinstance(kept.path, Path):
        raise TypeError(f"{what}.path must be a Path, not {type(kept.path).__name__}")
    return Artifact(
        handle=_name(kept.handle, f"{what}.handle"),
        path=Path(handed.text(str(kept.path), f"{what}.path")),
        media_type=_name(kept.media_type, f"{what}.media_type"),
        bytes=handed.whole_number(kept.bytes, f"{what}.bytes"),
        sha256=_name(kept.sha256, f"{what}.sha256"),
    )


def _failure(error: Any) -> ToolFailure:
    what = _named("error")
    if not isinstance(error, ToolFailure):
        raise TypeError(f"{what} must be a ToolFailure, not {type(error).__name__}; to fail, raise ToolError")
    return ToolFailure(
        kind=_name(error.kind, f"{what}.kind"),
        message=handed.text(error.message, f"{what}.message")[:_LONGEST_TOLD],
        hint=None if error.hint is None else handed.text(error.hint, f"{what}.hint")[:_LONGEST_TOLD],
        detail=None if error.detail is None else handed.text(error.detail, f"{what}.detail")[-_LONGEST_DETAIL:],
    )


def _name(value: object, what: str) -> str:
    text = handed.text(value, what)
    if len(text) > _LONGEST_NAME:
        raise ValueError(f"{what} must have at most {_LONGEST_NAME} characters, not {len(text)}")
    return text


def _named(field: str) -> str:
    return f"the returned Observation's {field}"
