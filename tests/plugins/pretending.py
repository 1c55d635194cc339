"""Programs that stand in for sandbox-exec, docker and podman, where a test's machine has none of them.

`python pretending.py NAME FOLDER HOLDS words...` does as NAME is told: HOLDS is "holds" where bubblewrap confines as
those would, by what the words say; "half" where it does so for files alone; "open" where nothing does; "says" where
nothing is run, and what would be said if all held is printed. Each call is written down in FOLDER. What such a test
shows holds for the words that are handed over, for the proof, and for all that goes on around; not for the programs
that are stood in for.
"""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from plugins._sandbox._desk import python_folders, system_folders
from plugins._sandbox._filter import filter_program

IMAGE = "example/image:1"
_RULE = re.compile(r"\((allow|deny) ([^()]+?)\s*((?:\((?:literal|subpath) \"(?:[^\"\\]|\\.)*\"\)\s*)+)\)")
_FILTER = re.compile(r"\((literal|subpath) (\"(?:[^\"\\]|\\.)*\")\)")
_BASE = ["--unshare-all", "--die-with-parent", "--cap-drop", "ALL", "--proc", "/proc", "--dev", "/dev"]


def lay_out(folder: Path, name: str, holds: str = "holds") -> Path:
    """Make the program of this name in a folder of its own, which is the result: the PATH finds it there."""
    place = folder / f"pretended-{name}"
    place.mkdir()
    words = [sys.executable, "-S", __file__, name, str(place), holds]
    script = place / name
    script.write_text(f'#!/bin/sh\nexec {" ".join(words)} "$@"\n')
    script.chmod(0o755)
    return place


def calls(place: Path) -> list[list[str]]:
    """What it was called with, the first one first."""
    kept = place / "calls"
    return [json.loads(line) for line in kept.read_text("utf-8").splitlines()] if kept.exists() else []


def rules(profile: str) -> list[tuple[str, str, str, str]]:
    """The rules about files: allow or deny, of which operations, literal or subpath, the path."""
    found = []
    for done, operations, filters in _RULE.findall(profile):
        for kind, text in _FILTER.findall(filters):
            found.append((done, operations, kind, json.loads(text)))
    return found


def _seatbelt(words: Sequence[str], holds: str) -> None:
    assert words[0] == "-p"
    assert words[2] == "--"
    profile, command = words[1], list(words[3:])
    if holds == "says":
        _say(".")
        return
    if holds == "open":
        os.execvp(command[0], command)
    made = _this_system()
    for done, operations, kind, path in rules(profile):
        if done == "deny" and operations == "file-write-unlink":
            made += ["--bind", path, path] if Path(path).exists() else []  # its name stays
        if kind != "subpath" or not Path(path).exists() or path.startswith(("/dev", "/usr", "/bin", "/sbin")):
            continue
        writes = "file-write*" in operations
        if done == "deny" and "file-read*" in operations:
            made += ["--tmpfs", path, "--remount-ro", path] if Path(path).is_dir() else ["--ro-bind", "/dev/null", path]
        else:
            made += ["--bind" if done == "allow" and writes else "--ro-bind", path, path]
    made += ["--remount-ro", "/dev", "--remount-ro", "/proc", "--remount-ro", "/"]
    _confine(made, str(Path.cwd()), command, dict(os.environ), holds)


def _say(folder: str) -> None:
    """What one would see if all held."""
    from plugins._sandbox._proof import QUICK, QUICK_ON_MACOS  # slow to import

    Path(folder, "inside").write_text("written\n")
    lines = [json.dumps({"name": name, "got": None, "how": "held"}) for name in {*QUICK, *QUICK_ON_MACOS}]
    sys.stdout.write("\n".join(["none", *lines, ""]))


def _this_system() -> list[str]:
    made = list(_BASE)
    for path in map(Path, (*system_folders(), *python_folders())):
        link = path.is_symlink()
        made += ["--symlink", str(path.readlink()), str(path)] if link else ["--ro-bind", str(path), str(path)]
    return made


def _container(words: Sequence[str], place: Path, holds: str) -> None:
    if words[0] != "run":
        _manage(words, place)
        return
    options, command = _options(words[1:])
    (place / options["--name"][0]).write_text(str(os.getpid()))
    assert options["--pull"] == ["never"]
    assert Path(options["--env-file"][0]).stat().st_mode & 0o777 == 0o600
    lines = Path(options["--env-file"][0]).read_text("utf-8").splitlines()
    environment = dict(line.split("=", 1) for line in lines)
    environment.setdefault("PATH", f"{sys.prefix}/bin:/usr/local/bin:/usr/bin:/bin")
    folder = options["--workdir"][0]
    if holds == "says":
        _say(folder)
        return
    if holds == "open":
        os.chdir(folder)
        os.execve(command[0], command, environment)
    made = _this_system()  # which is what its image holds
    for one in options["--tmpfs"]:
        made += ["--tmpfs", one.partition(":")[0]]
    mounts = [dict(part.partition("=")[::2] for part in next(csv.reader([one]))) for one in options["--mount"]]
    for mount in sorted(mounts, key=lambda one: one["target"].count("/")):  # as docker does
        made += ["--ro-bind" if "readonly" in mount else "--bind", mount["source"], mount["target"]]
    made += ["--remount-ro", "/dev", "--remount-ro", "/proc", "--remount-ro", "/"]
    _confine(made, folder, command, environment, holds)


def _options(words: Sequence[str]) -> tuple[dict[str, list[str]], list[str]]:
    """The options by name, and what runs in the image."""
    alone = {"--rm", "--init", "--read-only", "--interactive"}
    found: dict[str, list[str]] = {}
    rest = list(words)
    while rest[0].startswith("-"):
        name = rest.pop(0)
        found.setdefault(name, []).append("" if name in alone else rest.pop(0))
    assert rest.pop(0) == IMAGE
    return found, [found["--entrypoint"][0], *rest]


def _manage(words: Sequence[str], place: Path) -> None:
    if words[:2] == ["image", "inspect"]:
        if words[-1] != IMAGE:
            sys.exit(f"Error: No such image: {words[-1]}")
        return
    numbers = {"kill": 9, "pause": 19, "unpause": 18, "rm": 9, "inspect": 0}
    kept = place / words[-1]
    if not kept.exists():
        sys.exit(f"Error: No such container: {words[-1]}")
    client = kept.read_text()
    try:
        waiting = Path(f"/proc/{client}/task/{client}/children").read_text().split()
    except OSError:
        sys.exit(f"Error: No such container: {words[-1]}")
    while waiting:  # all of it, as a container is one
        one = waiting.pop()
        waiting += Path(f"/proc/{one}/task/{one}/children").read_text().split()
        os.kill(int(one), numbers[words[0]])


def _confine(made: list[str], folder: str, command: Sequence[str], environment: dict[str, str], holds: str) -> None:
    """Run it in bubblewrap, as a child, and end as it does."""
    import tempfile

    with tempfile.TemporaryFile() as rules_of_the_kernel:
        rules_of_the_kernel.write(filter_program(files_alone=False))
        rules_of_the_kernel.flush()
        rules_of_the_kernel.seek(0)
        number = rules_of_the_kernel.fileno()
        kernel = ["--seccomp", str(number)] if holds == "holds" else ["--share-net"]
        words = ["/usr/bin/bwrap", *made, *kernel, "--chdir", folder, "--", *command]
        ended = subprocess.run(words, check=False, pass_fds=(number, *_handed()), env=environment)
    sys.exit(ended.returncode if ended.returncode >= 0 else 128 - ended.returncode)


def _handed() -> list[int]:
    """The descriptors that the program is to have beside its three."""
    found = []
    for number in sorted(int(one.name) for one in Path("/proc/self/fd").iterdir()):
        try:
            if number > 2 and os.get_inheritable(number):
                found.append(number)
        except OSError:
            continue
    return found


def main() -> None:
    name, place, holds, *words = sys.argv[1:]
    with (Path(place) / "calls").open("a", encoding="utf-8") as file:
        file.write(json.dumps(words) + "\n")
    if name == "sandbox-exec":
        _seatbelt(words, holds)
    else:
        _container(words, Path(place), holds)


if __name__ == "__main__":
    main()
