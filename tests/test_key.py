"""The key of the model's endpoint in a whole run: only the `Authorization` header of the model's requests holds it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.mcp_place import entry, name_servers, write_plan
from tests.place import Place, no_traceback
from tests.plugins.confined import needed
from tests.server import Call, ChatServer, Reply, call

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="confinement is Linux's")

KEY = "sk-flow-5e1d6c0b7a29f4438d"
LOOK = "env; for one in /proc/*/environ /proc/*/task/*/environ .env ../.env ../../.env; do cat $one; done 2>/dev/null"
CODE = f"""
import os, pathlib, subprocess
seen = [repr(dict(os.environ)), subprocess.run({LOOK!r}, shell=True, capture_output=True, text=True).stdout]
for file in pathlib.Path("/proc").glob("*/environ"):
    try:
        seen.append(file.read_text(errors="replace"))
    except OSError as error:
        seen.append(str(error))
"\\n".join(seen)
"""
PLUGIN = """
import os
import subprocess
from pathlib import Path

from plugins import Context, Effect, before_call, observe, tool


@tool(effect=Effect.READ)
def peek(*, context: Context) -> str:
    \"\"\"Look around.\"\"\"
    ran = subprocess.run(["env"], capture_output=True, text=True, check=False).stdout
    return "\\n".join([f"endpoint: {getattr(context, 'endpoint', None)}", repr(context), repr(dict(os.environ)), ran])


@before_call
def note(tool, arguments):
    Path(__file__).with_name("calls.txt").open("a").write(f"{tool} {arguments}\\n")
    return arguments


@observe
def see(event):
    Path(__file__).with_name("events.txt").open("a").write(f"{event}\\n")
"""
GOAL = """
goal: Look around.
checks:
  - {run: "env; cat /proc/*/environ; env > seen.txt"}
"""


def model(asked: dict[str, Any], number: int) -> Reply | str:
    """The endpoint falters once and tells the header that it was sent, then the model looks everywhere."""
    if number == 0:
        return Reply(status=500, body='{"error": {"message": "upstream refused Bearer KEY"}}'.replace("KEY", KEY))
    looks = [
        [Call(name="run_shell", arguments={"command": LOOK}), Call(name="run_python", arguments={"code": CODE})],
        [Call(name="peek"), Call(name="raw__env")],
    ]
    made = sum(message["role"] == "assistant" for message in asked["messages"])
    return Reply(calls=looks[made]) if made < len(looks) else call("finish", answer="I looked around.")


def files(folder: Path) -> dict[str, bytes]:
    return {path.as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("source", "sandbox"),
    [("environment", "bwrap"), ("environment", "landlock"), (".env", "bwrap"), ("config.toml", "bwrap")],
)
def test_the_key_is_in_the_header_of_the_models_requests_and_nowhere_else(
    source: str, sandbox: str, tmp_path: Path
) -> None:
    needed(sandbox)
    place = Place(tmp_path)
    place.workspace.mkdir()
    place.goal(GOAL)
    place.plugin("peeking.py", PLUGIN)
    name_servers(place, {"raw": entry(write_plan(tmp_path / "plan.json", "env"))})
    settings: dict[str, Any] = {"THINKACT_SANDBOX": sandbox, "THINKACT_MODEL": "scripted"}
    held: list[Path] = []
    with ChatServer(model) as server:
        if source == "environment":
            settings |= {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.url}
        elif source == ".env":
            held = [tmp_path / ".env"]
            held[0].write_text(f"OPENAI_API_KEY={KEY}\nOPENAI_BASE_URL={server.url}\n", "utf-8")
        else:
            held = [tmp_path / "config" / "thinkact" / "config.toml"]
            held[0].parent.mkdir(parents=True)
            held[0].write_text(f'api_key = "{KEY}"\nbase_url = "{server.url}"\n', "utf-8")
        peeked = place.thinkact("tools", "call", "peek", **settings)
        trusted = place.thinkact("mcp", "trust", "raw", "-y", **settings)
        assert trusted.returncode == 0, trusted.stderr
        ended = place.thinkact("run", "goal.yaml", "-y", "--output", "stream-json", **settings)
        shown = place.thinkact("runs", "show", "last", "--json", **settings)
        exported = [place.thinkact("runs", "export", "last", "--format", form, **settings) for form in ("json", "md")]
    no_traceback(ended)
    assert ended.returncode == 0, ended.stderr
    assert all(request.headers["authorization"] == f"Bearer {KEY}" for request in server.requests)
    told = "".join(one.stdout + one.stderr for one in (peeked, trusted, ended, shown, *exported))
    looked = [event for event in place.events() if event["kind"] == "observation" and "PATH" in event["text"]]
    assert {event["tool"] for event in looked} == {"run_shell", "run_python", "peek", "raw__env", "run_check"}
    assert "PATH=" in place.read("seen.txt")
    for request in (*server.requests, *server.others):
        elsewhere = {name: value for name, value in request.headers.items() if name != "authorization"}
        assert KEY not in str(elsewhere) + request.body.decode()
    assert KEY not in told
    assert [path for path, content in files(tmp_path).items() if KEY.encode() in content] == [str(p) for p in held]
