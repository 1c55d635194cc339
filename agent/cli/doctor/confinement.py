"""Confinement: by what programs are confined here, proved by trying to get out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from agent.cli import mending
from agent.cli.doctor.finding import Around, Finding

if TYPE_CHECKING:
    from plugins import Programs

_SHARE = 0.7  # of the time that the whole examination has; the rest is for the start, and for the witnesses


def look_at_confinement(around: Around, programs: Programs | None = None) -> Iterator[Finding]:
    """A confined program tries to get out, in every way that its confinement is to close. `programs`: those to choose
    from in place of this machine's."""
    from agent.opening.levels import find_levels  # not before: another package may be in the place of ours
    from plugins import NoConfinement, ToolError, prove

    try:
        levels = find_levels(around.settings, around.cwd, programs=programs)
        level = levels()
        tried = levels.proof or prove(level, quick=True, seconds=around.wait * _SHARE)
    except NoConfinement as error:
        refusing = "run_shell and run_python refuse, and programs of `run` checks are not confined"
        yield Finding(
            name="confinement",
            state="absent" if around.settings.sandbox == "off" else "warning",
            what=". ".join([f"{error}; {refusing}", *(f"You can {one}" for one in error.ways_out)]),
            mend=mending.bubblewrap() if any("install bubblewrap" in one for one in error.ways_out) else None,
            value={"confined": False, "level": None, "tried": list(error.tried), "escapes": []},
        )
        return
    except ToolError as error:
        value = {"confined": False, "level": None, "tried": [error.message], "escapes": []}
        yield Finding(name="confinement", state="fault", what=f"programs: {error.message}", value=value)
        return
    got_out = [one for one in tried if one.got is not None]
    found: dict[str, Any] = {
        "confined": not got_out,
        "level": str(level),
        "tried": [one.name for one in tried if one.tried],
        "escapes": [one.name for one in got_out],
    }
    if got_out:
        told = ", ".join(one.name.replace("_", " ") for one in got_out[:5])
        what = f"programs get out of their confinement ({level}): {told}; set THINKACT_SANDBOX=off until it is mended"
        yield Finding(name="confinement", state="fault", what=what, value=found)
        return
    wanted = sum(not one.name.startswith("witness") for one in tried)
    ways = sum(one.tried for one in tried) - (len(tried) - wanted)
    if ways < wanted:
        what = f"programs are confined by {level}: {ways} of {wanted} ways out were tried in time, and none was open"
        yield Finding(name="confinement", state="warning", what=what, mend=mending.look_longer(), value=found)
        return
    what = f"programs are confined by {level}: {ways} ways out were tried, and none was open"
    yield Finding(name="confinement", state="ok", what=what, value=found)
