"""What was found out about a plugin: a line each, with its place in the code and what to write instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias

State: TypeAlias = Literal["ok", "note", "warning", "fault"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at. `tool` is the tool (or hook) that it is about, `instead` what to write in the place
    of what is wrong."""

    state: State
    what: str
    tool: str | None = None
    file: str | None = None
    line: int | None = None
    instead: str | None = None

    def as_data(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that was found out. `schemas` are the tools as a model is told of them."""

    plugin: str
    file: str
    schemas: Sequence[Mapping[str, Any]] = ()
    findings: Sequence[Finding] = field(default_factory=tuple)

    @property
    def passed(self) -> bool:
        """Is nothing wrong?"""
        return not any(one.state == "fault" for one in self.findings)

    def as_data(self) -> dict[str, Any]:
        """For programs."""
        return {
            "plugin": self.plugin,
            "file": self.file,
            "passed": self.passed,
            "tools": list(self.schemas),
            "findings": [one.as_data() for one in self.findings],
        }
