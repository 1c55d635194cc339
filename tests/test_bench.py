"""Each bench starts and prints its table; its figures are looked at where nothing else runs, not here."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def printed(name: str, *words: str) -> str:
    """What a bench prints, run as the documentation says."""
    ended = subprocess.run(
        [sys.executable, f"bench/{name}.py", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def row(table: str, name: str) -> list[float]:
    """The figures of a line that begins with a name."""
    line = next(line for line in table.splitlines() if line.startswith(name))
    return [float(one) for one in re.findall(r"\d+(?:\.\d+)?", line.removeprefix(name))]


def test_every_bench_is_told_of_in_the_readme() -> None:
    told = (ROOT / "bench" / "README.md").read_text("utf-8")
    for file in (ROOT / "bench").glob("*.py"):
        assert f"{file.stem}.py" in told


@pytest.mark.slow
def test_the_steps_are_measured_beside_the_sdk_and_a_socket() -> None:
    table = printed("steps", "--steps", "4", "--rounds", "1")
    for name in ("bytes on a socket", "openai SDK in a loop", "thinkact, on the disk"):
        mean, *_ = row(table, name)
        assert mean > 0
    assert row(table, "openai SDK in a loop")[-1] == 1.0
    assert "commits of a step that reads: 1 in 2 steps" in table
    assert "commits of a step that writes: 2 in 2 steps" in table
    assert re.search(r"peak memory at 8 steps: (\d+|–) MiB", table)


@pytest.mark.slow
def test_plugins_are_measured_beside_the_function_and_bare_modules() -> None:
    table = printed("plugins", "--calls", "200", "--rounds", "2")
    assert row(table, "a call through the contract")[0] > row(table, "the function itself")[0] > 0
    assert row(table, "loading 50 plugins, 100 tools")[0] > row(table, "loading 50 bare modules")[0] > 0
    assert "heavy packages that they loaded: none" in table
    assert re.search(r"a call costs \d+\.\d\d\d ms \(target: 0\.2\)", table)
    assert re.search(r"50 plugins take \d+ ms \(target: 150\)", table)


@pytest.mark.slow
def test_the_start_is_measured_beside_typer_and_a_bare_script() -> None:
    table = printed("start", "--rounds", "1")
    assert row(table, "thinkact run")[0] > row(table, "thinkact --help")[0] > row(table, "python")[0] > 0
    assert re.search(r"--help is \d+\.\d\d times `import typer`", table)
    assert re.search(r"the first request takes \d+\.\d\d times that of a bare openai script", table)


@pytest.mark.slow
def test_a_summary_side_by_side_is_measured_beside_one_question_at_a_time() -> None:
    table = printed("summary", "--rounds", "1", "--megabytes", "0.1", "--latency", "20")
    assert row(table, "one at a time")[0] > row(table, "8 at a time")[0] > 0
    assert re.search(r"^side by side it is \d+\.\d\d times as fast$", table, re.MULTILINE)
    assert re.search(r"^citations in the summary: [1-9]", table, re.MULTILINE)


@pytest.mark.slow
def test_the_prompt_is_measured_on_the_wire() -> None:
    table = printed("prompt", "--steps", "60", "--window", "16000")
    assert re.search(r"^fixed prompt: \d+ tokens", table)
    for tool in ("read_file", "write_file", "remember", "recall"):
        assert re.search(rf"\b{tool} \d+", table)
    assert "refused: 0 " in table
    assert "prompts with the goal: 61 of 61 " in table
    assert re.search(r"the SDK in a loop is refused at request \d+;", table)


@pytest.mark.slow
def test_the_doctor_and_the_answers_to_a_completing_shell_are_measured() -> None:
    table = printed("doctor", "--rounds", "1")
    for name in ("--help", "doctor", "doctor, no answer", "complete a tool", "complete a run"):
        assert row(table, name)[0] > 0
    assert re.search(r"the slowest doctor took \d+\.\d s \(target: 3\)", table)
    assert re.search(r"the slowest completion took \d+\.\d\d s \(target: 0\.4\)", table)


@pytest.mark.slow
def test_bringing_documents_in_is_measured_and_a_kill_in_the_middle_loses_none() -> None:
    table = printed("kb", "--megabytes", "2")
    assert row(table, "first adding")[0] > 0
    assert 0 < row(table, "peak memory, all processes")[1] < 600
    assert re.search(r"^again, nothing changed .* \d+ unchanged$", table, re.MULTILINE)
    assert re.search(r"^whole in the end +yes +yes$", table, re.MULTILINE)


@pytest.mark.slow
def test_questions_about_documents_are_answered_or_refused_without_a_model() -> None:
    table = printed("kb", "--questions")
    answerable, found, answered, others, refused = row(table, "held out")
    assert found >= 0.9 * answerable
    assert answered >= 0.68 * answerable  # prose: what stands in other words is refused
    assert refused == others
    for part in ("everyday, tuned", "everyday, held"):
        right, wrong, silent, others, refused, _ = row(table, part)
        asked = right + wrong + silent
        assert right >= 0.87 * asked
        assert wrong == 0
        assert refused >= 0.95 * others


@pytest.mark.slow
def test_a_memory_is_measured_at_two_sizes_and_loses_nothing_between_four_processes() -> None:
    table = printed("memory", "--most", "300", "--rounds", "1", "--adds", "5")
    assert len(re.findall(r"add, to durable +p50 +\d+\.\d ms +p95 +\d+\.\d ms", table)) == 2
    assert re.search(r"search, exact scan +p50 +\d+\.\d ms", table)
    assert re.search(r"a new process +importing \d+ ms, opening \d+ ms, first search \d+ ms", table)
    assert "found 20 by text and 20 by vector of 20; exit codes [0, 0, 0, 0]" in table


@pytest.mark.slow
def test_recall_is_measured_by_retriever_on_both_halves() -> None:
    table = printed("recall")
    for half in ("tuning", "held-out"):
        part = table.partition(f"\n{half}: ")[2]
        plain, hybrid = row(part, "plain FTS5")[1:], row(part, "hybrid, hashing")
        assert 0 < plain[0] < hybrid[0] <= 100
        assert row(part, "hashed vectors alone")[0] < hybrid[0]


@pytest.mark.slow
def test_the_speed_of_a_search_is_measured() -> None:
    table = printed("recall", "--speed", "2000", "--rounds", "20")
    assert re.search(r"^words alone +[\d,]+ entries: median +[\d.]+ ms, p95 +[\d.]+ ms$", table, re.MULTILINE)
    assert re.search(r"^hybrid +[\d,]+ entries: median", table, re.MULTILINE)


@pytest.mark.slow
def test_a_confined_program_is_measured_beside_a_bare_one() -> None:
    table = printed("sandbox", "--rounds", "3")
    assert re.search(r"at most \d+ ms above a bare process \(target: 30\)", table)


@pytest.mark.slow
def test_a_call_of_an_mcp_server_is_measured_beside_the_sdk() -> None:
    table = printed("mcp", "--calls", "5", "--rounds", "1")
    assert row(table, "  the SDK alone")[0] > 0
    assert row(table, "  thinkact, unconfined")[0] > 0
    assert "\nconfined: not measured" in table or row(table, "  thinkact, confined")[0] > 0
    assert "less than 5 ms above the SDK" in table


@pytest.mark.slow
def test_pages_of_the_web_are_measured_beside_bare_requests() -> None:
    table = printed("web", "--pages", "4", "--latency", "20", "--rounds", "1")
    for name in ("bare requests", "fetch_page", "fetch_page from cold"):
        assert row(table, name)[0] > 0
    assert re.search(r"^4 pages summed up +\d+ ms", table, re.MULTILINE)
    assert "peak memory: " in table


@pytest.mark.slow
@pytest.mark.skipif(find_spec("diffusers") is None, reason="needs pip install 'thinkact[images]'")
def test_drawing_is_measured_beside_the_bare_call_and_large_models_are_tried_out() -> None:
    table = printed("images", "--rounds", "1", "--tiny")
    assert re.search(r"images status: \d+ ms by itself, imported of what is heavy: \[\]", table)
    assert re.search(r"ours \d+\.\d{3} s, the bare call \d+\.\d{3} s: \d+\.\d{3} times", table)
    for name in ("SD 1.5", "SDXL"):
        assert min(row(table, name)[1:3]) > 0
