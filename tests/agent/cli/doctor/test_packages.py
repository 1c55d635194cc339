"""Distributions in folders of the test's own, laid down as installers lay them down."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from agent.cli.doctor.dependencies import look_at_dependencies, look_at_extras, look_at_python
from agent.cli.doctor.finding import Around, Finding
from agent.cli.doctor.installed import ROOT, Installed, name_of
from agent.cli.doctor.packages import look_at_packages
from agent.settings import Settings


def around(cwd: Path, **environ: str) -> Around:
    settings, notices = Settings.examine(cwd=cwd, environ=environ, config=cwd / "config.toml", home=cwd / "home")
    return Around(cwd=cwd, settings=settings, notices=notices)


def laid_down(site: Path, name: str, version: str, *, needs: tuple[str, ...] = (), **files: str) -> Path:
    """What pip leaves behind: the files, and a record that tells of them; its folder."""
    record = site / f"{name}-{version}.dist-info"
    record.mkdir(parents=True)
    lines = [f"Requires-Dist: {one}" for one in needs]
    extras = sorted({one.partition("extra == ")[2].strip("'\"") for one in needs if "extra ==" in one})
    lines += [f"Provides-Extra: {one}" for one in extras]
    head = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Python: >=3.11", *lines, ""]
    (record / "METADATA").write_text("\n".join(head), "utf-8")
    rows = []
    for path, text in files.items():
        file = site / path.replace("__", "/", 1) / "__init__.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
        rows.append(f"{file.relative_to(site).as_posix()},sha256={digest},{len(text)}\n")
    (record / "RECORD").write_text("".join(rows), "utf-8")
    return record


def faults(findings: list[Finding]) -> list[Finding]:
    return [one for one in findings if one.state == "fault"]


def test_what_this_very_environment_holds_is_in_order(tmp_path: Path) -> None:
    installed = Installed()
    found = [*look_at_python(installed), *look_at_dependencies(around(tmp_path), installed)]
    assert [(one.name, one.state) for one in found] == [("python", "ok"), ("dependencies", "ok")]
    assert found[1].value["openai"]


def test_a_missing_dependency_and_one_that_does_not_fit_are_named_with_who_asks(tmp_path: Path) -> None:
    laid_down(
        tmp_path, "thinkact", "1.0", needs=("Near.Thing>=2,<3", "old<2; python_version>'3'", "no; sys_platform=='x'")
    )
    laid_down(tmp_path, "near_thing", "2.5", needs=("deep[fast]~=1.0", "never>9; extra == 'all'"))
    laid_down(tmp_path, "old", "2.0rc1")
    unfit, missing = faults(list(look_at_dependencies(around(tmp_path), Installed([str(tmp_path)]))))
    assert unfit.what == "old, which thinkact needs, is installed as 2.0rc1, and it asks for old<2"
    assert missing.what == "deep, which Near.Thing needs, is not installed"
    assert missing.value == {"name": "deep", "asked": "deep[fast]~=1.0", "installed": None, "by": "Near.Thing"}
    assert missing.mend is not None
    assert missing.mend.endswith(" -m pip install 'deep[fast]~=1.0'")


def test_a_python_that_is_too_old_is_told(tmp_path: Path) -> None:
    record = laid_down(tmp_path, "thinkact", "1.0")
    text = (record / "METADATA").read_text("utf-8").replace(">=3.11", ">=3.99")
    (record / "METADATA").write_text(text, "utf-8")
    (found,) = look_at_python(Installed([str(tmp_path)]))
    assert (found.state, found.what.endswith("which asks for >=3.99")) == ("fault", True)


@pytest.mark.skipif(sys.platform == "win32", reason="the command is that of a POSIX shell")
@pytest.mark.parametrize("stale", ["1.9", "2.0"])
def test_of_two_records_in_one_folder_the_one_that_is_not_true_any_more_goes(tmp_path: Path, stale: str) -> None:
    site = tmp_path / "my site"
    laid_down(site, "thinkact", "1.0", needs=("twice",))
    laid_down(site, "twice", stale, twice_module="old = True\n")
    laid_down(site, "twice", "2.0" if stale == "1.9" else "1.9", twice_module="new = True\n")
    (fault,) = (one for one in look_at_packages(around(tmp_path), Installed([str(site)])) if one.name == "copies")
    assert fault.state == "fault"
    assert fault.mend is not None
    subprocess.run(["sh", "-c", fault.mend], check=True)
    assert not (site / f"twice-{stale}.dist-info").exists()
    found = list(look_at_packages(around(tmp_path), Installed([str(site)])))
    assert not [one for one in found if one.name == "copies"]


def test_two_copies_in_two_folders_are_told_with_the_one_that_is_used(tmp_path: Path) -> None:
    laid_down(tmp_path / "a", "thinkact", "1.0", needs=("twice",))
    laid_down(tmp_path / "a", "twice", "1")
    laid_down(tmp_path / "b", "twice", "2")
    installed = Installed([str(tmp_path / "a"), str(tmp_path / "a"), str(tmp_path / "b")])
    (found,) = (one for one in look_at_packages(around(tmp_path), installed) if one.name == "copies")
    assert (found.state, found.value["used"], found.value["other"]) == ("warning", "1", "2")
    (found,) = (
        one
        for one in look_at_packages(around(tmp_path, PYTHONPATH=str(tmp_path / "a")), installed)
        if one.name == "copies"
    )
    assert found.mend == "unset PYTHONPATH"


def test_files_of_ours_that_another_installation_overwrote_are_told(tmp_path: Path) -> None:
    laid_down(tmp_path, "thinkact", "1.0", agent="ours\n", plugins="ours\n", memory="ours\n")
    (tmp_path / "plugins" / "__init__.py").write_text("theirs\n", "utf-8")
    (tmp_path / "memory" / "__init__.py").unlink()
    (fault,) = faults(list(look_at_packages(around(tmp_path), Installed([str(tmp_path)]))))
    assert fault.value == {"changed": ["memory/__init__.py", "plugins/__init__.py"]}
    assert fault.mend is not None
    assert fault.mend.endswith("-m pip install --force-reinstall --no-deps thinkact==1.0")


def test_a_module_that_is_gone_or_hidden_behind_another_file_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, hiding = tmp_path / "site", tmp_path / "hiding"
    laid_down(site, "thinkact", "1.0", needs=("gone", "hidden"))
    laid_down(site, "gone", "1.0", gone_module="")
    laid_down(site, "hidden", "1.0", hidden_module="")
    (site / "gone_module" / "__init__.py").unlink()
    (site / "gone_module").rmdir()
    hiding.mkdir()
    (hiding / "hidden_module.py").write_text("", "utf-8")
    for folder in (site, hiding):
        monkeypatch.syspath_prepend(str(folder))
    looked = list(look_at_dependencies(around(tmp_path), Installed([str(hiding), str(site)])))
    assert [one.what for one in looked] == [
        "gone 1.0 is installed, but its module gone_module is gone",
        f"Python finds the module hidden_module in {hiding / 'hidden_module.py'} instead of that of hidden",
    ]
    assert str(looked[1].mend).startswith("mv ")
    again = list(look_at_dependencies(around(tmp_path, PYTHONPATH=str(hiding)), Installed([str(hiding), str(site)])))
    assert again[1].mend == "unset PYTHONPATH"


def test_extras_are_there_or_not_or_too_old(tmp_path: Path) -> None:
    needs = ("here>=1; extra == 'plot'", "far>=2; extra == 'web'", "old>=3; extra == 'images'", "x; extra == 'test'")
    laid_down(tmp_path, "thinkact", "1.0", needs=needs)
    laid_down(tmp_path, "here", "1.5")
    laid_down(tmp_path, "old", "2.0")
    found = {one.value["extra"]: one for one in look_at_extras(Installed([str(tmp_path)]))}
    assert {name: one.state for name, one in found.items()} == {"plot": "ok", "web": "absent", "images": "warning"}
    assert "runs stats --plot" in found["plot"].what
    assert str(found["web"].mend).endswith("-m pip install 'far>=2'")


def test_without_an_installation_the_sources_tell_what_is_needed(tmp_path: Path) -> None:
    looked = list(look_at_packages(around(tmp_path), Installed([str(tmp_path)])))
    assert (looked[0].name, looked[0].state) == ("thinkact", "warning")
    assert str(looked[0].mend).endswith(f"-m pip install -e {ROOT}")
    missing = list(look_at_dependencies(around(tmp_path), Installed([str(tmp_path)])))
    assert {one.value["name"] for one in missing} >= {"typer", "openai", "chromadb"}


@pytest.mark.parametrize(
    ("text", "name"), [("Near.Thing[x]>=2", "near-thing"), ("a_b ; python_version>'3'", "a-b"), ("c", "c")]
)
def test_names_are_compared_in_one_form(text: str, name: str) -> None:
    assert name_of(text) == name
