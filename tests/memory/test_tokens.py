# ruff: noqa: E501 - the measured samples must stay as they are, and full-width letters count twice
from __future__ import annotations

import base64
import hashlib
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.tokens import Counter, encoding_from, estimate, load_encoding

ROOT = Path(__file__).resolve().parents[2]

ENGLISH = """The lighthouse keeper had not spoken to anyone in three weeks when the supply boat finally appeared on the
horizon. He counted the crates as they were handed up: flour, lamp oil, letters tied with string, and a small parcel
that nobody had ordered. "It's for you," said the captain, "and whoever sent it paid double." That evening, with the
wind rattling the shutters, he opened it and found a clock that ran backwards."""

CODE = '''def settle(accounts: dict[str, float], payments: list[tuple[str, str, float]]) -> dict[str, float]:
    """Apply payments in order; refuse one that its payer cannot cover."""
    balance = dict(accounts)
    for payer, payee, amount in payments:
        if amount <= 0 or balance.get(payer, 0.0) < amount:
            raise ValueError(f"{payer!r} cannot pay {amount:.2f} to {payee!r}")
        balance[payer] -= amount
        balance[payee] = balance.get(payee, 0.0) + amount
    return {name: round(value, 2) for name, value in balance.items()}


if __name__ == "__main__":
    print(settle({"ann": 10.0, "bob": 2.5}, [("ann", "bob", 4.0), ("bob", "cyd", 6.5)]))
'''

JSON = """{"observations": [{"ok": true, "tool": "read_file", "seconds": 0.014, "text": "12 lines read", "artifacts":
[{"handle": "a-3f9c1b7de021", "path": "out/digest.md", "media_type": "text/markdown", "bytes": 4821}]}, {"ok": false,
"tool": "web_search", "seconds": 2.5, "text": "", "error": {"kind": "timeout", "message": "no answer after 30 s",
"hint": null}}], "usage": {"prompt_tokens": 1834, "completion_tokens": 92, "usd": 0.00127}, "state": "running"}"""

CHINESE = """这个工具会先阅读工作区里的文件，再决定下一步要做什么。每一步都会写入日志，所以程序即使突然中断，也可以从上次停下的地方继续运行。
如果某次调用失败，错误信息会告诉模型原因和建议，而不会让整个任务结束。用户可以随时查看进度、限制费用，或者要求它换一种方法。
最后，检查项决定目标是否真正达成：文件是否存在，内容是否完整，测试是否全部通过。"""

MIXED = """## 更新说明 v2.3 🚀

- 新增 `--window N` 参数：可以指定上下文窗口大小（默认 128k）。
- Fixed: UnicodeDecodeError when reading Größe_α.csv on Windows — спасибо всем, кто сообщил!
- 性能: cold start 从 1.8s 降到 0.6s ✅

| 指标 | before | after |
|------|-------:|------:|
| RSS  | 141 MB | 88 MB |
"""

RUSSIAN = """Программа записывает каждый шаг на диск, прежде чем сделать следующий. Если компьютер выключится, работу можно
продолжить с того же места, и ничего не придётся повторять. Ошибки объясняются одной понятной строкой."""

JAPANESE = """このプログラムは目標を読み、必要な道具を選び、結果を確かめながら作業を進めます。途中で止まっても、同じ場所から続けることができます。"""

HINDI = (
    """यह कार्यक्रम हर चरण को पहले लिखता है और फिर आगे बढ़ता है। यदि बिजली चली जाए तो काम वहीं से दोबारा शुरू किया जा सकता है।"""
)

TABLE = "\n".join(
    f"2026-10-{day:02d}\t{day * 37 % 101}.{day:02d}\tERR-{day * 7919}\t/var/log/app/{day}.gz" for day in range(1, 25)
)

SEQUENCE = "".join("acgt"[(n * n // 3 + n // 7) % 4] for n in range(600))

# what tiktoken's o200k_base counts, measured once
MEASURED = {
    "english": (ENGLISH, 93),
    "code": (CODE, 204),
    "json": (JSON, 162),
    "chinese": (CHINESE, 105),
    "mixed": (MIXED, 104),
    "russian": (RUSSIAN, 51),
    "japanese": (JAPANESE, 50),
    "table": (TABLE, 575),
}


@pytest.mark.parametrize("kind", MEASURED)
def test_an_estimate_is_at_most_a_little_low_and_never_far_too_high(kind: str) -> None:
    text, true = MEASURED[kind]
    assert 0.95 * true <= estimate(text) <= 1.4 * true


def test_letters_without_words_are_not_taken_for_one_word() -> None:
    assert estimate(SEQUENCE) >= 0.75 * 287


@pytest.mark.parametrize(
    "text",
    ["a", " ", "\n", "中", "\ud800", "\x00", "🌍", "é", "ሰ", "\ufeff", "𠮷", "\U0010ffff", "\u0301"],
)
def test_any_character_is_at_least_one_token(text: str) -> None:
    assert 1 <= estimate(text) <= 3


def test_an_empty_text_has_no_tokens() -> None:
    assert estimate("") == 0
    assert Counter().count("") == 0


@given(st.text(st.characters(exclude_categories=())), st.text())
def test_texts_together_are_about_as_long_as_their_parts(one: str, other: str) -> None:
    both = estimate(one + other)
    assert both >= max(estimate(one), estimate(other)) - 3
    assert both <= estimate(one) + estimate(other) + 6


def test_a_megabyte_is_estimated_in_a_moment() -> None:
    text = (ENGLISH + CHINESE) * 2000
    began = time.perf_counter()
    assert estimate(text) > 300_000
    assert time.perf_counter() - began < 1


# --- calibration -----------------------------------------------------------------------------------------------------


def test_more_than_expected_is_believed_at_once() -> None:
    counter = Counter()
    expected = counter.count(ENGLISH)
    counter.observe(counted=expected, reported=2 * expected)
    assert counter.factor == 2
    assert counter.count(ENGLISH) == 2 * expected


def test_less_than_expected_is_believed_little_by_little() -> None:
    counter = Counter()
    factors = []
    for _ in range(60):
        expected = counter.count(ENGLISH)
        counter.observe(counted=expected, reported=estimate(ENGLISH) * 7 // 10)
        factors.append(counter.factor)
    assert 0.95 < factors[0] < 1
    assert factors == sorted(factors, reverse=True)
    assert abs(factors[-1] - 0.7) < 0.03


def test_a_right_expectation_changes_nothing() -> None:
    counter = Counter()
    counter.observe(counted=1000, reported=1500)
    for _ in range(20):
        counter.observe(counted=counter.scaled(1000), reported=1500)
    assert counter.factor == 1.5


def test_the_factor_stays_within_its_bounds() -> None:
    counter = Counter()
    counter.observe(counted=100, reported=100_000)
    assert counter.factor == 3
    for _ in range(200):
        counter.observe(counted=100_000, reported=1)
    assert counter.factor == 0.5


@pytest.mark.parametrize(("counted", "reported"), [(0, 50), (5, 500), (100, 0), (-10, 20), (100, -3)])
def test_a_report_that_says_nothing_is_passed_over(counted: int, reported: int) -> None:
    counter = Counter()
    counter.observe(counted=counted, reported=reported)
    assert counter.factor == 1


def test_plain_counts_can_be_kept_while_the_factor_changes() -> None:
    counter = Counter()
    kept = counter.plain(ENGLISH) + counter.plain(CODE)
    counter.observe(counted=counter.scaled(kept), reported=kept + kept // 3)
    assert counter.plain(ENGLISH) + counter.plain(CODE) == kept
    assert kept + kept // 3 <= counter.scaled(kept) <= kept + kept // 3 + 1


# --- vocabularies ----------------------------------------------------------------------------------------------------

BYTES = b"".join(base64.b64encode(bytes([byte])) + b" %d\n" % byte for byte in range(256))
PAIR = base64.b64encode(b"th") + b" 256\n"
ADDRESS = "https://vocabulary.invalid/tiny.tiktoken"


def load_tiktoken_bpe(address: str, expected_hash: str | None = None) -> dict[bytes, int]:
    raise AssertionError("the loader that would fetch was called")


def tiny() -> dict[str, Any]:
    """A description as tiktoken's own modules hold them."""
    ranks = load_tiktoken_bpe(ADDRESS, expected_hash=hashlib.sha256(BYTES + PAIR).hexdigest())
    return {"name": "tiny", "pat_str": r"\S+|\s+", "mergeable_ranks": ranks, "special_tokens": {"<|end|>": 257}}


def tiny_chat() -> dict[str, Any]:
    return tiny() | {"name": "tiny-chat"}


def cached(folder: Path, content: bytes) -> Path:
    (folder / hashlib.sha1(ADDRESS.encode()).hexdigest()).write_bytes(content)
    return folder


@pytest.mark.parametrize("description", [tiny, tiny_chat])
def test_a_vocabulary_that_is_at_hand_counts_exactly(tmp_path: Path, description: Any) -> None:
    counter = Counter(encoding_from(description, cached(tmp_path, BYTES + PAIR)))
    assert counter.exact
    assert counter.count("the path") == 6
    assert counter.count("") == 0
    assert counter.count("<|end|>") == 7, "the name of a special token in a text is text"
    assert counter.count("\ud800") > 0
    counter.observe(counted=100, reported=150)
    assert counter.count("the path") == 9


@pytest.mark.parametrize("content", [None, b"", BYTES, b"\xff\x00 not a vocabulary"])
def test_a_vocabulary_that_is_missing_or_spoilt_is_not_fetched_but_refused(
    tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        cached(tmp_path, content)
    with pytest.raises(LookupError):
        encoding_from(tiny, tmp_path)


def test_a_vocabulary_whose_lines_are_none_is_refused(tmp_path: Path) -> None:
    spoilt = b"what is this\n"

    def unhashed() -> dict[str, Any]:
        return {"mergeable_ranks": load_tiktoken_bpe(ADDRESS)}

    with pytest.raises(LookupError):
        encoding_from(unhashed, cached(tmp_path, spoilt))


@pytest.mark.parametrize(
    "model", ["gpt-5.4-mini", "openai/gpt-5", "gpt-oss-120b", "gpt-4", "gpt2", "qwen3:8b", "", "/"]
)
def test_without_a_cached_file_there_is_no_encoding_and_no_wait(tmp_path: Path, model: str) -> None:
    began = time.monotonic()
    assert load_encoding(model, cache=tmp_path) is None
    assert time.monotonic() - began < 5
    assert list(tmp_path.iterdir()) == []


def test_a_silent_proxy_is_never_spoken_to(tmp_path: Path) -> None:
    spoken = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)

        def listen() -> None:
            try:
                server.accept()[0].close()
                spoken.set()
            except OSError:
                pass

        listener = threading.Thread(target=listen)
        listener.start()
        proxy = f"http://127.0.0.1:{server.getsockname()[1]}"
        script = (
            "from pathlib import Path; from memory.tokens import load_encoding; import sys;"
            "assert load_encoding('gpt-5', cache=Path(sys.argv[1])) is None"
        )
        names = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
        subprocess.run(
            [sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, env=dict.fromkeys(names, proxy), check=True
        )
        listener.join()
    assert not spoken.is_set()


def test_counting_by_estimate_loads_no_tokenizer() -> None:
    script = "import sys; from memory.tokens import Counter; Counter().count('x'); assert 'tiktoken' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


def test_a_real_vocabulary_counts_what_was_measured() -> None:
    encoding = load_encoding("openai/gpt-5", cache=None)
    if encoding is None:
        pytest.skip("o200k is not in tiktoken's folder on this machine")
    counter = Counter(encoding)
    assert {kind: counter.count(text) for kind, (text, _) in MEASURED.items()} == {
        kind: true for kind, (_, true) in MEASURED.items()
    }
