"""The observation of the toolbox as the event that is journaled, and back: floor 1 knows no plugin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from agent.events import ArtifactReference, Failure, Observed
from agent.wording import failure_text
from plugins import Artifact, Observation, ToolFailure


def failed(kind: str, message: str, hint: str | None = None) -> Observation:
    """A call that was answered without being made."""
    text = failure_text(Failure(kind=kind, message=message, hint=hint))
    error = ToolFailure(kind=kind, message=message, hint=hint)
    return Observation(ok=False, text=text, error=error, result_hash=f"{kind}:{message}")


def references(observation: Observation, call: str, tool: str, **more: Any) -> Observed:
    """An observation of the toolbox as the event that is journaled."""
    error = observation.error
    return Observed(
        call=call,
        tool=tool,
        ok=observation.ok,
        text=observation.text,
        value=observation.value,
        artifacts=tuple(
            ArtifactReference(
                handle=one.handle, path=str(one.path), media_type=one.media_type, bytes=one.bytes, sha256=one.sha256
            )
            for one in observation.artifacts
        ),
        error=Failure(kind=error.kind, message=error.message, hint=error.hint, detail=error.detail) if error else None,
        seconds=observation.seconds,
        whole=observation.whole,
        result_hash=observation.result_hash,
        **more,
    )


def recorded(past: Observed) -> Observation:
    """A journaled observation as its caller gets it again after an interruption."""
    error = past.error
    return Observation(
        ok=past.ok,
        text=past.text,
        value=past.value,
        artifacts=tuple(
            Artifact(
                handle=one.handle, path=Path(one.path), media_type=one.media_type, bytes=one.bytes, sha256=one.sha256
            )
            for one in past.artifacts
        ),
        error=ToolFailure(kind=error.kind, message=error.message, hint=error.hint, detail=error.detail)
        if error
        else None,
        seconds=past.seconds,
        whole=past.whole,
        result_hash=past.result_hash,
    )
