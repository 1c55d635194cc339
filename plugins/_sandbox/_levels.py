"""Which confinement is taken here: the first one of those wanted that works, and, where nobody of us has seen it at
work, that lets nothing out either."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from plugins._outcome import ToolError
from plugins._programs import NoProgram, Programs
from plugins._sandbox._containers import CONTAINERS
from plugins._sandbox._level import Lack, Level, NoConfinement, installing, this_system, why_not
from plugins._sandbox._proof import Escape, prove
from plugins._sandbox._ways import program_of

__all__ = ["Choice", "Levels"]

Choice: TypeAlias = Literal["auto", "bwrap", "landlock", "sandbox-exec", "docker", "podman", "off"]
"""What the user wants programs to be confined by."""

_SECONDS = 60.0  # that a proof may take
_PROVED_BY_OUR_TESTS = ("bwrap", "landlock")


class Levels:
    """Finds the confinement that works here, once; called again it gives the same answer.

    Args:
        choice: What the user wants.
        image: The image of containers; "" where the user named none, and then `auto` tries no container.
        programs: Among which the one that confines is chosen.
    """

    def __init__(self, choice: Choice = "auto", *, image: str = "", programs: Programs | None = None) -> None:
        self._choice, self._image = choice, image
        self._programs = programs or Programs()
        self._lock = threading.Lock()
        self._found: Level | NoConfinement | None = None
        self.proof: list[Escape] = []
        """The attempts by which the level was proved; none where the tests of thinkact itself prove it."""

    def __call__(self) -> Level:
        """The level. Raises `NoConfinement`."""
        with self._lock:
            if self._found is None:
                self._found = self._find()
            if isinstance(self._found, NoConfinement):
                raise self._found
            return self._found

    def _find(self) -> Level | NoConfinement:
        if self._choice == "off":
            return NoConfinement("running programs is turned off (THINKACT_SANDBOX=off)")
        wanted = [level for level in self._known() if self._choice in ("auto", level.way)]
        if this_system() == "win32" or not wanted:
            return NoConfinement("programs cannot be confined on this system, so none is run")
        tried, ways_out = [], []
        for level in wanted:
            taken = self._tried(level)
            if isinstance(taken, Level):
                return taken
            tried.append(f"{level}: {taken}")
            ways_out.append(taken.way_out)
        if this_system() == "darwin" and not self._image and self._choice == "auto":
            ways_out.append("name an image for docker or podman (THINKACT_SANDBOX_IMAGE)")
        return NoConfinement(
            f"programs cannot be confined here, so none is run ({'; '.join(tried)})",
            tried=tried,
            ways_out=[one for one in dict.fromkeys(ways_out) if one],
        )

    def _tried(self, level: Level) -> Level | Lack:
        """The level with its program, where it works."""
        try:
            level = replace(level, program=program_of(level.way, self._programs))
        except NoProgram as error:
            if error.lies:
                way_out = installing(level.way)
                return Lack(f"it {error.why}", way_out and f"{way_out} in a folder of the system, such as /usr/bin")
        lack = why_not(level)
        if lack is None and level.way not in _PROVED_BY_OUR_TESTS:
            self.proof, why = proof_of(level)
            lack = None if why is None else Lack(why)
        return level if lack is None else lack

    def _known(self) -> list[Level]:
        """Every level that this system could have, the best one first."""
        found = []
        if this_system() == "linux" or self._choice in ("bwrap", "landlock"):
            found += [Level("bwrap"), Level("landlock"), Level("landlock", namespaces=False)]
        if this_system() == "darwin" or self._choice == "sandbox-exec":
            found.append(Level("sandbox-exec"))
        if self._image or self._choice in CONTAINERS:
            found += [Level("docker", image=self._image), Level("podman", image=self._image)]
        return found


def proof_of(level: Level) -> tuple[list[Escape], str | None]:
    """Try to get out of this level: the attempts, and why it is not proved by them on this machine, or None."""
    try:
        found = prove(level, quick=True, seconds=_SECONDS)
    except ToolError as error:
        return [], error.message
    return found, _why_unproved(level, found)


def _why_unproved(level: Level, found: Sequence[Escape]) -> str | None:
    if (unmade := next((one for one in found if one.name == "start"), None)) is not None:
        last = unmade.how.strip().splitlines()[-1:] or ["it said nothing"]
        needed = f"; {level.image} needs python3, 3.11 or newer" if level.image else ""
        return f"it could not be proved: {last[0][:200]}{needed}"
    got_out = [one.name.replace("_", " ") for one in found if one.got is not None]
    if got_out:
        return f"programs get out of it: {', '.join(got_out[:5])}"
    untried = sum(not one.tried for one in found)
    return f"it could not be proved in time: {untried} ways out were not tried" if untried else None
