"""The commands that mend things, ready to be pasted: for a POSIX shell, and on Windows for PowerShell."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

WINDOWS = sys.platform == "win32"
_WORD = re.compile(r"[\w-]+", re.ASCII)
_REENCODE = (
    "import pathlib, sys; file, codec = pathlib.Path(sys.argv[1]), sys.argv[2]; "
    "file.write_bytes(file.read_bytes().decode(codec).removeprefix(chr(0xFEFF)).encode())"
)


def quoted(text: str | Path) -> str:
    """A word as the shell takes it."""
    if WINDOWS:  # pragma: no cover
        return "'{}'".format(str(text).replace("'", "''"))
    return shlex.quote(str(text))


def line_of(words: Sequence[str | Path]) -> str:
    """A command from its words."""
    called = "& " if WINDOWS and not _WORD.fullmatch(str(words[0])) else ""
    return called + " ".join(quoted(one) for one in words)


def thinkact(*words: str) -> str:
    """A command of thinkact, called as it was called this time."""
    started = Path(sys.argv[0])
    if started.stem == "thinkact":
        known = shutil.which("thinkact")
        own = known is not None and Path(known).resolve() == started.resolve()
        return line_of(["thinkact" if own else started, *words])
    return line_of([sys.executable, "-m", "agent", *words])


def look_longer() -> str:
    """Look again, and wait for what is slow."""
    return thinkact("doctor", "--wait", "30")


def install(*requirements: str) -> str:
    """Install packages beside thinkact."""
    from importlib.util import find_spec

    if find_spec("pip") is None and shutil.which("uv"):
        return line_of(["uv", "pip", "install", "--python", sys.executable, *requirements])
    return line_of([sys.executable, "-m", "pip", "install", *requirements])


def bubblewrap() -> str | None:
    """Install bubblewrap, with the package manager that is here; None where it is none of those known."""
    managers = {"apt-get": "install -y", "dnf": "install -y", "zypper": "install -y", "pacman": "-S", "apk": "add"}
    system: str = sys.platform
    if system != "linux":
        return None
    found = next((name for name in managers if shutil.which(name)), None)
    return None if found is None else f"sudo {found} {managers[found]} bubblewrap"


def own_environment(source: str) -> str:
    """Install thinkact into an environment of its own, in the folder where this is run."""
    folder = Path("thinkact-env")
    programs = folder / ("Scripts" if WINDOWS else "bin")
    then = ";" if WINDOWS else " &&"
    making = line_of([sys.executable, "-m", "venv", folder])
    return f"{making}{then} {line_of([programs / 'python', '-m', 'pip', 'install', source])}"


def make_folder(folder: Path) -> str:
    """Make a folder, and those that it lies in."""
    return f"mkdir {quoted(folder)}" if WINDOWS else f"mkdir -p {quoted(folder)}"


def write_file(file: Path, line: str) -> str:
    """Make a file of one line."""
    if WINDOWS:  # pragma: no cover
        return f"Set-Content {quoted(file)} {quoted(line)}"
    return f"echo {quoted(line)} > {quoted(file)}"


def remove(path: Path) -> str:
    """Remove a file, or a folder with all that is in it."""
    return f"Remove-Item -Recurse {quoted(path)}" if WINDOWS else f"rm -r {quoted(path)}"


def give_rights(path: Path) -> str:
    """Let its owner read and write a file, or a folder and what lies in it."""
    if WINDOWS:  # pragma: no cover
        return f"icacls {quoted(path)} /grant {quoted('$env:USERNAME:F')} /T"
    return f"chmod -R u+rwX {quoted(path)}"


def close_to_others(folder: Path) -> str:
    """Take from everybody but the owner the right to look into a folder, of which there is no such thing on Windows."""
    return f"chmod go-rwx {quoted(folder)}"


def move_away(path: Path, *, beside: str = "") -> str:
    """Rename a file or folder out of the way, keeping it; `beside` is a pattern of what goes with it, such as `*`."""
    if not beside:
        return f"mv {quoted(path)} {quoted(_free(path.with_name(path.name + '.away')))}"
    target = _free(path.with_name(f"away-{path.name}"))  # a name that the pattern does not fit
    then = ";" if WINDOWS else " &&"
    return f"mkdir {quoted(target)}{then} mv {quoted(path)}{beside} {quoted(target)}"


def rename(path: Path, target: Path) -> str:
    """Give a file or folder another name."""
    return f"mv {quoted(path)} {quoted(target)}"


def move_into(path: Path, folder: Path) -> str:
    """Put a file or folder into another folder, which is made where it is missing."""
    then = ";" if WINDOWS else " &&"
    return f"{make_folder(folder)}{then} mv {quoted(path)} {quoted(folder)}"


def _free(path: Path) -> Path:
    """The path, or the next one that is not there yet."""
    number, found = 1, path
    while found.exists() or found.is_symlink():
        number += 1
        found = path.with_name(f"{path.name}-{number}")
    return found


def edit(file: Path, line: int = 0) -> str:
    """Open a file in the user's editor, at a line."""
    if WINDOWS:  # pragma: no cover
        return f"notepad {quoted(file)}"
    return f"${{EDITOR:-vi}} {f'+{line} ' if line else ''}{quoted(file)}"


def comment_out(file: Path, line: int) -> str:
    """Take a line out of a file of settings, and leave it there as a comment."""
    return _change_line(file, line, "s/^/# /")


def replace(file: Path, line: int, word: str, meant: str) -> str:
    """Put another word in the place of the first that reads so in a line."""
    plain = _WORD.fullmatch(word) and _WORD.fullmatch(meant)
    return _change_line(file, line, f"s/{word}/{meant}/") if plain else edit(file, line)


def _change_line(file: Path, line: int, change: str) -> str:
    if WINDOWS or not line:
        return edit(file, line)
    sed = "sed -i ''" if sys.platform == "darwin" else "sed -i"
    return f"{sed} {quoted(f'{line}{change}')} {quoted(file)}"


def reencode(file: Path, codec: str) -> str:
    """Turn a text file of another encoding to UTF-8; its rights stay."""
    return line_of([sys.executable, "-c", _REENCODE, file, codec])


def unset(name: str) -> str:
    """Take a name out of the environment of the shell."""
    return f"Remove-Item Env:{name}" if WINDOWS else f"unset {name}"


def rename_variable(name: str, meant: str) -> str:
    """Give the value of one name of the shell's environment to another."""
    if WINDOWS:  # pragma: no cover
        return f"$env:{meant} = $env:{name}; Remove-Item Env:{name}"
    return f'export {meant}="${name}"; unset {name}'


def type_in(name: str) -> str:
    """Set a name in the environment of the shell to what is typed, unseen and kept in no history."""
    if WINDOWS:  # pragma: no cover
        return f"$env:{name} = Read-Host"
    return f"read -rs {name} && export {name}"


def export(name: str, value: str) -> str:
    """Set a name in the environment of the shell."""
    return f"$env:{name} = {quoted(value)}" if WINDOWS else f"export {name}={quoted(value)}"
