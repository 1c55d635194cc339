"""`thinkact doctor` as a process: every fault is brought about for real, named with one command, and that command is
run as it was printed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.agent.model.places import answering, dead_url, reply
from tests.place import ROOT, Ended, Place, no_traceback
from tests.server import ChatServer
from tests.test_bad_input import MOUNTS, READ_ONLY, harmless, mounting

__all__ = ["mounting"]  # a fixture
Finding = dict[str, Any]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the commands are those of a POSIX shell")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.workspace.mkdir()
    return made


def told(ended: Ended) -> list[Finding]:
    """What `doctor --json` printed, whose fields are always the same."""
    no_traceback(ended)
    findings: list[Finding] = json.loads(ended.stdout)
    for one in findings:
        assert set(one) == {"name", "state", "what", "mend", "value"}
        assert one["state"] in ("ok", "warning", "fault", "absent")
        assert "\n" not in one["what"] + (one["mend"] or "")
    assert ended.returncode == int(any(one["state"] == "fault" for one in findings)), ended.stderr
    return findings


def amiss(findings: list[Finding], *, warnings: bool = False) -> list[Finding]:
    states = ("fault", "warning") if warnings else ("fault",)
    return [one for one in findings if one["state"] in states and one["name"] not in ("thinkact", "chromadb")]


def the(findings: list[Finding], name: str, part: str = "") -> Finding:
    (found,) = (one for one in findings if one["name"] == name and part in one["what"])
    return found


def mended(place: Place, commands: list[str], *, typed: str = "", **settings: str) -> list[Finding]:
    """Paste the commands into bash, then look again in that very shell."""
    script = "\n".join([*commands, f'"{sys.executable}" -P -m agent doctor --json --wait 40 </dev/null'])
    ended = subprocess.run(
        ["bash", "-c", script],
        cwd=place.folder,
        env=place.environment(**settings),
        input=typed,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    return told(ended)


def damaged_run(place: Place) -> Path:
    """The newest run, with a byte of its journal flipped."""
    assert place.thinkact("run", "List the files", "-m", "offline").returncode == 0
    (folder,) = (place.home / "runs").iterdir()
    journal = folder / "journal.db"
    content = bytearray(journal.read_bytes())
    at = content.index(b"run.started") + 200
    content[at] ^= 0xFF
    journal.write_bytes(bytes(content))
    return folder


BARE = '''\
from plugins import Context, Effect, tool


@tool(effect=Effect.READ)
def forecast(city: str, days=1, *, context: Context) -> str:
    """Tell the weather.

    Args:
        city: Which.
        days: How many.
    """
    return city * days
'''


def test_a_sound_place_is_told_as_that_in_little_time_and_nothing_is_made(place: Place) -> None:
    place.thinkact("--version")  # the first command also starts the parent of all others
    before = sorted(place.folder.rglob("*"))
    begun = time.monotonic()
    ended = place.thinkact("doctor", THINKACT_MODEL="offline")
    seconds = time.monotonic() - begun
    no_traceback(ended)
    assert ended.returncode == 0, ended.stdout
    assert ended.stderr == ""
    assert "all that is needed works" in ended.stdout
    assert "THINKACT_MODEL: offline (environment)" in ended.stdout
    assert "THINKACT_MAX_STEPS: 50 (default)" in ended.stdout
    assert sorted(place.folder.rglob("*")) == before
    assert seconds < 20  # less than 3 where nothing else is at work: bench/doctor.py


def test_what_is_broken_in_files_and_settings_is_named_and_the_printed_commands_mend_it(place: Place) -> None:
    run = damaged_run(place)
    (place.home / "memory").mkdir(exist_ok=True)
    for beside in (place.home / "memory").glob("notes.db-*"):
        beside.unlink()
    (place.home / "memory" / "notes.db").write_bytes(b"garbage " * 500)
    place.plugin("weather.py", BARE)
    place.plugin("city/inner.py", BARE.replace("days=1", "days: int = 1").replace("forecast", "climate"))
    place.workspace.rmdir()
    place.workspace.write_text("not a folder", "utf-8")
    config = place.folder / "config" / "thinkact" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('# 设置\nmodle = "offline"\nmax_steps = "many"\n', "utf-8")
    (place.folder / ".env").write_bytes("# 不许用的工具\nTHINKACT_DENY=删除文件\n".encode("gb18030"))
    (place.folder / ".env").chmod(0o600)
    editor = place.folder / "ed it"
    editor.write_text('#!/bin/sh\nsed -i "${1#+}s/days=1/days: int = 1/" "$2"\n', "utf-8")
    editor.chmod(0o755)
    settings: dict[str, Any] = {
        "EDITOR": "./ed*it",  # as many have it: more than a word, for the shell
        "OPENAI_BASE_URL": dead_url(),
        "THINKACT_MODLE": "offline",
        "ALL_PROXY": "proxy.example:3128",
        "TMPDIR": str(place.folder / "no such"),
    }

    ended = place.thinkact("doctor", "--json", "--wait", "40", **settings)  # this machine may have other work
    found = told(ended)
    assert ended.stderr == ""
    assert the(found, "runs", run.name)["value"] == {"run": run.name}
    assert "is damaged" in the(found, "notes")["what"]
    assert "argument 'days' has no annotation" in the(found, "plugin", "weather")["what"]
    assert the(found, "plugin", "weather")["value"]["line"] == 5
    assert "no __init__.py" in the(found, "plugin", "city")["what"]
    assert "is not a folder" in the(found, "workspace")["what"]
    assert 'did you mean "model"? (line 2, column 1)' in the(found, "settings", "modle")["what"]
    assert "(line 3, column 1)" in the(found, "settings", "max_steps")["what"]
    assert "is not UTF-8 (line 1); it looks like GB18030" in the(found, "settings", ".env")["what"]
    assert the(found, "settings", "THINKACT_MODLE")["value"]["meant"] == "THINKACT_MODEL"
    assert "cannot be reached" in the(found, "model")["what"]
    assert "no address of a proxy" in the(found, "network")["what"]
    assert "which is not there" in the(found, "temporary")["what"]

    commands = [one["mend"] for one in amiss(found, warnings=True)]
    assert len(commands) == 12
    after = mended(place, commands, **settings)
    assert amiss(after, warnings=True) == []
    stated = {one["value"]["setting"]: one["value"] for one in after if one["name"] == "setting"}
    assert (stated["THINKACT_DENY"]["value"], stated["THINKACT_DENY"]["origin"]) == ("删除文件", ".env")
    assert stated["THINKACT_MODEL"]["value"] == "offline"
    assert (place.folder / ".env").stat().st_mode & 0o777 == 0o600
    assert (place.home / "damaged" / run.name / "journal.db").exists()


def test_people_read_each_fault_in_a_line_and_its_command_in_the_next_and_the_worst_stands_last(place: Place) -> None:
    place.workspace.rmdir()
    (place.folder / ".env").write_text("THINKACT_MODEL=offline\n%%% \x1b[31m\nTHINKACT_TIMEOUT=soon\n", "utf-8")
    ended = place.thinkact("doctor")
    no_traceback(ended)
    harmless(ended.stdout)
    assert ended.returncode == 1
    *before, fault, mend, blank, summary = ended.stdout.splitlines()
    file = place.folder / ".env"
    assert fault.startswith(f"fault    settings      THINKACT_TIMEOUT in {file}: must be a duration")
    assert mend.startswith("         mend: sed -i ")
    assert mend.endswith(f" '3s/^/# /' {file}")
    assert blank == ""
    many = sum(line.startswith("warning ") for line in before)  # what is installed here may be worth another
    warnings = "1 warning" if many == 1 else f"{many} warnings"
    assert summary == f"1 fault and {warnings}; the line under each says how to mend it"
    assert any(line.startswith("warning") and ".env:2: this line is not NAME=value" in line for line in before)
    assert any(line.startswith("absent   workspace") for line in before)


def looked(place: Place, look: str, *prefix: str, script: str = "", typed: str = "", **settings: str) -> list[Finding]:
    """What one look of the doctor finds, in a shell in which `script` was run before."""
    room, _, function = look.partition(":")
    code = (
        "import json; from dataclasses import asdict; from pathlib import Path\n"
        "from agent.cli.doctor.finding import Around; from agent.settings import Settings\n"
        f"from agent.cli.doctor.{room} import {function} as look\n"
        "settings, notices = Settings.examine(cwd=Path.cwd())\n"
        "print(json.dumps([asdict(one) for one in look(Around(cwd=Path.cwd(), settings=settings, notices=notices))]))"
    )
    own = {"preexec_fn": without_overriding_rights} if sys.platform == "linux" and not prefix else {}
    ended: Ended = subprocess.run(  # type: ignore[call-overload]
        [*prefix, "bash", "-c", f'{script}\nexec "$PYTHON" -c "$CODE" </dev/null'],
        cwd=place.folder,
        env=place.environment(**settings) | {"PYTHON": sys.executable, "CODE": code},
        input=typed,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
        **own,
    )
    assert ended.returncode == 0, ended.stderr
    findings: list[Finding] = json.loads(ended.stdout.splitlines()[-1])
    return findings


def without_overriding_rights() -> None:
    """Root may write everywhere; a process that gave that up meets what everybody meets."""
    if os.geteuid() == 0:
        import ctypes

        for capability in (1, 2):  # DAC_OVERRIDE, DAC_READ_SEARCH
            ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


def test_a_key_that_is_refused_is_typed_in_anew(place: Place) -> None:
    look = "endpoint:look_at_model"
    with answering(reply("401 Unauthorized", b"no")) as (url, shown):
        settings = {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "sk-stale", "THINKACT_MODEL": "m"}
        (fault,) = looked(place, look, **settings)
    assert fault["state"] == "fault"
    assert "does not accept the key (401)" in fault["what"]
    assert set(shown) == {"Bearer sk-stale"}
    with ChatServer(models=("m",)) as server:
        settings["OPENAI_BASE_URL"] = server.url
        (found,) = looked(place, look, script=fault["mend"], typed="sk-new\n", **settings)
        assert found["state"] == "ok"
        assert {one.headers["authorization"] for one in server.others} == {"Bearer sk-new"}
        assert server.requests == []


def test_a_foreign_package_in_the_place_of_ours_is_told_and_goes_with_pythonpath(place: Place) -> None:
    foreign = place.folder / "my lib" / "plugins"
    foreign.mkdir(parents=True)
    (foreign / "__init__.py").write_text("raise SystemExit('not yours')\n", "utf-8")
    settings: dict[str, Any] = {
        "THINKACT_MODEL": "offline",
        "PYTHONPATH": os.pathsep.join([str(foreign.parent), str(ROOT)]),
    }
    found = told(place.thinkact("doctor", "--json", "--wait", "40", **settings))
    (fault,) = amiss(found)
    assert fault["name"] == "packages"
    assert str(foreign) in fault["what"]
    assert fault["mend"] == "unset PYTHONPATH"
    found = looked(place, "examining:look_at_every_package", script=f'{fault["mend"]}; cd "{ROOT}"', **settings)
    assert the(found, "packages")["state"] == "ok"


def test_a_version_that_does_not_fit_and_a_copy_that_hides_another_are_told(place: Place) -> None:
    metadata = place.folder / "lib" / "openai-1.0.dist-info" / "METADATA"
    metadata.parent.mkdir(parents=True)
    metadata.write_text("Metadata-Version: 2.1\nName: openai\nVersion: 1.0\n", "utf-8")
    (place.folder / "lib" / "yaml.py").write_text("", "utf-8")
    path = os.pathsep.join([str(ROOT), str(place.folder / "lib")])
    found = looked(place, "examining:look_at_every_package", PYTHONPATH=path)
    unfit = the(found, "dependency", "openai")
    assert (unfit["value"]["installed"], unfit["state"]) == ("1.0", "fault")
    assert unfit["mend"].endswith(f"-m pip install '{unfit['value']['asked']}'")
    assert "instead of that of pyyaml" in the(found, "dependency", "yaml")["what"]
    assert the(found, "dependency", "yaml")["mend"] == "unset PYTHONPATH"
    assert the(found, "copies")["state"] == "warning"


@pytest.mark.skipif(sys.platform != "linux", reason="root gives up its rights as Linux lets it")
def test_a_home_that_its_owner_may_not_write_is_given_rights(place: Place) -> None:
    place.home.mkdir()
    place.home.chmod(0o500)
    try:
        (fault,) = amiss(looked(place, "disk:look_at_disk"))
        assert (fault["name"], fault["mend"]) == ("home", f"chmod -R u+rwX {place.home}")
        assert "Permission denied" in fault["what"]
        assert amiss(looked(place, "disk:look_at_disk", script=fault["mend"])) == []
        place.home.chmod(0)
        (fault,) = amiss(looked(place, "disk:look_at_disk", THINKACT_HOME=str(place.home / "in" / "it")))
        assert "cannot be looked at: Permission denied" in fault["what"]
        assert amiss(looked(place, "disk:look_at_disk", script=fault["mend"])) == []
    finally:
        place.home.chmod(0o700)


@pytest.mark.usefixtures("mounting")
def test_a_home_on_a_disk_that_is_read_only_or_full_is_told(place: Place) -> None:
    place.home.mkdir()
    look, settings = "disk:look_at_disk", {"HOME": str(place.folder)}
    read_only = READ_ONLY.format("home")
    fault = the(looked(place, look, *MOUNTS, script=read_only, **settings), "home")
    assert "Read-only file system" in fault["what"]
    assert fault["mend"] == f"export THINKACT_HOME={place.folder / 'thinkact'}"
    after = looked(place, look, *MOUNTS, script=read_only + fault["mend"], **settings)
    assert the(after, "home")["state"] == "ok"
    fault = the(looked(place, look, *MOUNTS, script="mount -t tmpfs -o size=64k none home", **settings), "home")
    assert fault["state"] == "fault"
    assert "0 MB free" in fault["what"]
    assert "runs delete --older-than 30d" in fault["mend"]


def test_plugins_that_hang_or_end_the_process_are_told_with_their_place(place: Place) -> None:
    slow = place.plugin("slow.py", "import time\n\ntime.sleep(60)\n")
    (found,) = looked(place, "plugs:look_at_plugins")
    assert f"{slow}:3: the plugin was still loading" in found["what"]
    slow.write_text("import os\nos._exit(7)\n", "utf-8")
    (found,) = looked(place, "plugs:look_at_plugins")
    assert "ended the whole process (code 7)" in found["what"]
    assert found["value"]["file"] == str(slow)


def test_a_home_that_others_may_look_into_is_told_and_closed_to_them(place: Place) -> None:
    place.home.mkdir(mode=0o755)
    place.home.chmod(0o755)
    found = told(place.thinkact("doctor", "--json"))
    open_home = the(found, "home", "others on this machine")
    assert open_home["state"] == "warning"
    after = mended(place, [open_home["mend"]])
    assert not any("others on this machine" in one["what"] for one in after)
    assert place.home.stat().st_mode & 0o777 == 0o700


def test_an_env_file_that_cannot_be_read_is_not_told_as_a_fault_of_chromadb(place: Place) -> None:
    (place.folder / ".env").write_bytes(b"THINKACT_MODEL=\xff\xfe\n")
    found = told(place.thinkact("doctor", "--json", "--wait", "20"))
    assert the(found, "settings", ".env")["state"] == "fault"
    assert the(found, "chromadb")["state"] == "ok"
