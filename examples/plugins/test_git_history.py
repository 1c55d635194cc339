"""Tests of the Git history, on repositories that are made here."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugins.testing import Trial

PLUGIN = Path(__file__).with_name("git_history.py")
pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed here")


def git(folder: Path, *words: str, day: str = "2026-01-05") -> str:
    """Run git with nothing of this machine's configuration."""
    environment = {
        "PATH": os.environ["PATH"],
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_DATE": f"{day}T12:00:00+00:00",
        "GIT_COMMITTER_DATE": f"{day}T12:00:00+00:00",
    }
    who = ["-c", "user.name=王芳", "-c", "user.email=fang@example.org", "-c", "init.defaultBranch=main"]
    return subprocess.run(
        ["git", *who, *words], cwd=folder, env=environment, check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    """A repository of three commits in the workspace."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    git(folder, "init", "-q")
    for number, (name, text, message) in enumerate(
        [
            ("notes.md", "first\n", "Begin the notes"),
            ("桥.md", "桥墩很旧。\n", "写下桥墩的事"),
            ("notes.md", "first\nsecond\n", "Add a second line\n\nIt was missing."),
        ]
    ):
        (folder / name).write_text(text, "utf-8")
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", message, day=f"2026-01-0{number + 5}")
    with Trial(tmp_path, PLUGIN) as made:
        yield made


def subjects(trial: Trial, **arguments: object) -> list[str]:
    """The subjects of the commits that `git_log` tells."""
    observation = trial.call("git_log", **arguments)
    assert observation.ok, observation.text
    return [one["subject"] for one in observation.value["commits"]]


def test_the_log_is_told_newest_first_and_narrowed(trial: Trial) -> None:
    assert subjects(trial) == ["Add a second line", "写下桥墩的事", "Begin the notes"]
    assert subjects(trial, path="桥.md") == ["写下桥墩的事"]
    assert subjects(trial, words="桥墩") == ["写下桥墩的事"]
    assert subjects(trial, words="ADD A") == ["Add a second line"]
    assert subjects(trial, since="2026-01-06", until="2026-01-06") == ["写下桥墩的事"]
    assert subjects(trial, author="nobody") == []
    assert subjects(trial, revision="HEAD~1") == ["写下桥墩的事", "Begin the notes"]
    first = trial.call("git_log", count=1).value
    assert first["more"] is True
    assert first["commits"][0]["author"] == "王芳 <fang@example.org>"
    assert first["commits"][0]["time"].startswith("2026-01-07T12:00:00")


def test_the_log_of_a_file_goes_on_under_its_earlier_name(trial: Trial, tmp_path: Path) -> None:
    git(tmp_path / "workspace", "mv", "桥.md", "pier.md")
    git(tmp_path / "workspace", "commit", "-q", "-m", "Call it pier", day="2026-01-09")
    assert subjects(trial, path="pier.md") == ["Call it pier", "写下桥墩的事"]


def test_a_commit_is_told_with_its_message_and_diff(trial: Trial) -> None:
    shown = trial.call("git_show", commit="HEAD").value
    assert shown["subject"] == "Add a second line"
    assert shown["message"] == "Add a second line\n\nIt was missing."
    assert "+second" in shown["diff"]
    assert "桥.md" in trial.call("git_show", commit="HEAD~1").value["diff"]


def test_blame_tells_of_each_line_who_wrote_it_and_when(trial: Trial) -> None:
    first, second = trial.call("git_blame", path="notes.md").value
    assert first.startswith("1: first  [")
    assert first.endswith(" 王芳 2026-01-05]")
    assert second.endswith(" 王芳 2026-01-07]")
    assert trial.call("git_blame", path="notes.md", start_line=2).value == [second]


@pytest.mark.skipif(sys.platform == "win32", reason="the traps are shell scripts")
def test_nothing_of_the_repositorys_own_is_run(trial: Trial, tmp_path: Path) -> None:
    folder, witness = tmp_path / "workspace", tmp_path / "witness"
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\necho ran >> {witness}\ncat\n")
    trap.chmod(0o755)
    for name in (
        *("core.fsmonitor", "core.pager", "diff.external", "diff.md.textconv", "diff.md.command", "gpg.program"),
        *("filter.md.clean", "filter.md.smudge", "core.sshCommand", "core.alternateRefsCommand"),
    ):
        git(folder, "config", name, str(trap))
    git(folder, "config", "log.showSignature", "true")
    (folder / ".git" / "info" / "attributes").write_text("*.md diff=md filter=md\n")
    for hook in ("post-index-change", "post-checkout", "reference-transaction"):
        (folder / ".git" / "hooks" / hook).write_text(f"#!/bin/sh\necho ran >> {witness}\n")
        (folder / ".git" / "hooks" / hook).chmod(0o755)
    assert len(subjects(trial)) == 3
    assert "+second" in trial.call("git_show", commit="HEAD").text
    assert trial.call("git_blame", path="notes.md").ok
    assert not witness.exists()


def test_a_repository_that_leads_elsewhere_is_refused(trial: Trial, tmp_path: Path) -> None:
    other = tmp_path / "workspace" / "other"
    other.mkdir()
    (other / ".git").write_text(f"gitdir: {tmp_path / 'workspace' / '.git'}\n")
    assert "elsewhere" in trial.call("git_log", repository="other").text
    assert "no repository" in trial.call("git_log", repository="none").text
    (tmp_path / "workspace" / ".git" / "objects" / "info").mkdir(exist_ok=True)
    (tmp_path / "workspace" / ".git" / "objects" / "info" / "alternates").write_text("/somewhere\n")
    assert "another repository" in trial.call("git_log").text


@pytest.mark.parametrize("revision", ["--output=/tmp/x", "-1", "nowhere", "HEAD:notes.md", "a b", "$(id)", ""])
def test_a_name_that_is_no_commit_is_told_and_is_never_an_option(trial: Trial, revision: str) -> None:
    observation = trial.call("git_show", commit=revision)
    assert observation.error is not None
    assert "no commit" in observation.error.message


def test_mistakes_are_told_with_what_to_do(trial: Trial) -> None:
    assert "count must be" in trial.call("git_log", count=0).text
    assert "is no day" in trial.call("git_log", since="yesterday").text
    assert "notes.md has" in trial.call("git_blame", path="notes.md", start_line=50).text
    assert "there is no file none.md at HEAD" in trial.call("git_blame", path="none.md").text
