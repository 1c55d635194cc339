"""Skills of the workspace: folders in `.agents/skills` with a `SKILL.md`, in the format of agentskills.io.

Only name and description are taken from one, for a list; the rest is read when it is wanted, with the tool that reads
files. Files that were made for other programs are read kindly: what is not as the format has it is told, and the skill
is left out only where it cannot be used: without a description nobody knows what it is for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from agent.goal.yaml_scan import Scalar, Table, YamlFault, scan
from agent.terminal import plain
from plugins import FileEntry, Files, ToolError

FOLDER: Final = ".agents/skills"
FILE: Final = "SKILL.md"
MOST: Final = 100
"""So many skills are looked at."""
LONGEST_NAME, LONGEST_DESCRIPTION = 64, 1_024
"""Characters, by the format."""
_READ: Final = 64 * 1024  # bytes in which a front matter ends
_NAME: Final = re.compile(r"(?!-)(?!.*--)[a-z0-9-]{1,64}(?<!-)")
_END: Final = re.compile(r"^---[ \t]*$", re.MULTILINE)
_LINE: Final = re.compile(r"^(name|description):[ \t]*(.+?)[ \t]*$", re.MULTILINE)
_BLOCK: Final = ("|", ">", "&", "*", "!")
"""What stands first on the line of a value that is written otherwise than on that line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """A skill as it is listed; `path` is that of its file in the workspace, `bytes` its size."""

    name: str
    description: str
    path: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Skills:
    """What was found: the skills, by their folders' names, and what is wrong with some, a line each for the person."""

    skills: tuple[Skill, ...]
    faults: tuple[str, ...]


def find_skills(files: Files) -> Skills:
    """The skills of a workspace; never raises."""
    try:
        if not files.exists(FOLDER):
            return Skills(skills=(), faults=())
        entries = list(files.list(FOLDER))
    except ToolError as error:
        return Skills(skills=(), faults=(_one_line(error.message),))
    found: list[Skill] = []
    faults: list[str] = []
    for entry in entries[:MOST]:
        skill, wrong = _read(files, entry)
        faults += wrong
        if skill is not None:
            found.append(skill)
            if (other := next((one for one in found[:-1] if one.name == skill.name), None)) is not None:
                faults.append(f"{skill.path}: {other.path} has the same name, {skill.name}")
    if len(entries) > MOST:
        faults.append(f"{FOLDER}: only the first {MOST} of {len(entries)} entries are looked at")
    return Skills(skills=tuple(found), faults=tuple(faults))


def _read(files: Files, entry: FileEntry) -> tuple[Skill | None, list[str]]:
    """One entry of the folder as a skill, and what is wrong with it. A file that lies there is none and no fault."""
    path = f"{entry.path}/{FILE}"
    try:
        if not entry.folder and files.entry(entry.path).bytes:
            return None, []
        if not files.exists(path):
            return None, [f"{entry.path}: there is no {FILE} in it"] if entry.folder else []
        size = files.entry(path).bytes
        content = files.read(path, limit=_READ)
    except ToolError as error:
        return None, [f"{plain(path)}: {_one_line(error.message)}"]
    text = content.decode("utf-8-sig", "replace")
    skill, wrong = read_skill(text, path, length=size)
    if "\ufffd" in text[: _READ // 8]:
        wrong = [*wrong, "holds bytes that are not UTF-8"]
    return skill, [f"{plain(path)}: {one}" for one in wrong]


def read_skill(text: str, path: str, *, length: int = 0) -> tuple[Skill | None, list[str]]:
    """The skill that a file's text holds, and what is wrong with it, in a few words each. None: it cannot be used."""
    head, fault = _front_matter(text)
    if head is None:
        return None, [f"is left out: {fault}"]
    stated, wrong = _stated(head)
    folder = path.split("/")[-2] if path.count("/") else ""
    description = " ".join(stated.get("description", "").split())
    if not description:
        return None, [*wrong, "is left out: it has no description"]
    if len(description) > LONGEST_DESCRIPTION:
        wrong.append(f"its description has more than {LONGEST_DESCRIPTION:,} characters and is cut")
        description = f"{description[:LONGEST_DESCRIPTION].rstrip()} …"
    name = stated.get("name", "").strip() or folder
    wrong += _faults_of_name(stated.get("name", "").strip(), folder)
    return Skill(name=plain(name)[:LONGEST_NAME], description=plain(description), path=path, bytes=length), wrong


def _front_matter(text: str) -> tuple[str | None, str]:
    """The YAML between the two lines of dashes; None, and why, where there is none."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    opening = _END.match(text)
    if opening is None:
        return None, "it does not begin with a line of three dashes"
    closing = _END.search(text, opening.end())
    if closing is None:
        return None, "its front matter does not end with a line of three dashes"
    return text[opening.end() + 1 : closing.start()], ""


def _stated(head: str) -> tuple[dict[str, str], list[str]]:
    """What the front matter says of name and description. One that is no YAML, mostly for a colon in a value, is read
    line by line."""
    try:
        found = scan(head)
    except YamlFault as fault:
        lines = {name: value for name, value in _LINE.findall(head) if not value.startswith(_BLOCK)}
        bare = {name: value.strip("\"'") for name, value in lines.items()}
        return bare, [f"its front matter is no YAML (line {fault.place.line + 1}: {plain(fault.message)[:120]})"]
    if not isinstance(found, Table):
        return {}, ["its front matter states nothing"]
    values = {name: found.get(name) for name in ("name", "description")}
    wrong = [f"its {name} is no text" for name, value in values.items() if value and not isinstance(value, Scalar)]
    return {
        name: value.text for name, value in values.items() if isinstance(value, Scalar) and not value.nothing
    }, wrong


def _faults_of_name(name: str, folder: str) -> Sequence[str]:
    if not name:
        return ["it has no name; that of its folder is taken"]
    if not _NAME.fullmatch(name):
        return [f"the name {plain(name)[:LONGEST_NAME]!r} is not of small letters, digits and single hyphens"]
    return [] if name == folder else [f"its name is {name}, and its folder's is {plain(folder)}"]


def _one_line(text: str) -> str:
    return plain(" ".join(text.split()))
