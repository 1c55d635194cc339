"""Counting tokens: by a vocabulary where one is at hand, else by an estimate, either corrected by what servers report.

The estimate needs nothing and looks at kinds of characters only: runs of small ASCII letters, signs (capitals, digits,
punctuation), line ends, and groups of scripts by the first byte of their UTF-8. Its weights were fitted to o200k's
counts of prose, code, JSON, pages, listings and tables in some thirty languages, and then raised so that it errs
upwards: English, code, JSON and Chinese come out between 5 % below and 40 % above, most languages of Europe and Asia
between 15 % below and 40 % above. Outside of that lie lists of names in Ukrainian, Greek, Thai or Korean and listings
of folders (up to 25 % below), scripts that the vocabulary hardly knows, such as Amharic (60 % below), and rulers of one
repeated sign or columns of blanks (far above). It takes 3 to 7 microseconds a kilobyte, at any size.

A vocabulary is exact for the models that use it: o200k takes 0.3 to 1.1 s to load and some 95 MB of memory, and counts
about 3 MB/s. It is worth that only near the end of a window. Nothing here ever fetches one.

Other tokenizers than OpenAI's differ by a factor that depends little on the text. `Counter.observe` learns it from the
`usage` that a server reports.
"""

from __future__ import annotations

import base64
import hashlib
import importlib
import math
import string
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any, Protocol

__all__ = ["Counter", "Encoding", "load_encoding"]

_LEAST_FACTOR, _MOST_FACTOR = 0.5, 3.0
_FALL = 0.1  # how much of the way down the factor goes at each report
_TELLING = 20  # tokens; a smaller request is mostly frame and says nothing of the text

_WORD, _PLAIN, _SIGN, _LINE = 0.76, 0.08, 0.73, 0.42  # tokens a run of letters, a letter or space, a sign, a line end
_LONG, _EXCESS = 8, 0.30  # letters beyond so many a run are no words: keys, sequences

_LETTERS = bytes(ord("a") if chr(byte) in string.ascii_lowercase else ord(" ") for byte in range(256))
_SIGNS = bytes(byte for byte in range(33, 127) if chr(byte) not in string.ascii_lowercase)
_NOT_LEADING = bytes(range(0xC0))
_HIGH = bytes(range(0x80, 0x100))
_SCRIPTS = (  # first bytes of UTF-8, and tokens a character
    (bytes([*range(0xE3, 0xEE), 0xE1, 0xEF]), 0.85),  # Chinese, Japanese, Korean, full width; Georgian, Vietnamese
    (bytes(range(0xD0, 0xD4)), 0.35),  # Cyrillic
    (bytes([*range(0xC2, 0xCA), 0xCE, 0xCF, *range(0xD8, 0xDC)]), 0.45),  # accented Latin, Greek, Arabic
    (bytes([*range(0xD4, 0xD8), 0xE0]), 0.55),  # Armenian, Hebrew, the scripts of India, Thai
    (bytes([*range(0xCA, 0xCE), 0xE2]), 1.2),  # phonetic and combining signs, symbols, lines and arrows
    (bytes([*range(0xDC, 0xE0), 0xEE, *range(0xF0, 0xF5)]), 2.2),  # emoji, rare and historic scripts
)


class Encoding(Protocol):
    """A tokenizer with its vocabulary, such as `tiktoken.Encoding`."""

    def encode_ordinary(self, text: str) -> list[int]:
        """The tokens of a text; names of special tokens in it are text like any other."""
        ...


class Counter:
    """Counts the tokens of texts, as the endpoint in use would.

    `encoding` None: texts are estimated. The counts of a text change with `factor`; who keeps counts keeps those of
    `plain`, which never change, and turns their sum into tokens with `scaled`.
    """

    def __init__(self, encoding: Encoding | None = None) -> None:
        self._encoding = encoding
        self._factor = 1.0

    @property
    def factor(self) -> float:
        """Reported tokens for each plainly counted one, as far as is known: between 0.5 and 3, at first 1."""
        return self._factor

    @property
    def exact(self) -> bool:
        """Is a vocabulary at work?"""
        return self._encoding is not None

    def count(self, text: str) -> int:
        """Tokens of a text, corrected by `factor`; 0 for an empty one. What a message wraps around it is not in it."""
        return self.scaled(self.plain(text))

    def plain(self, text: str) -> int:
        """Tokens of a text by the vocabulary or the estimate alone: always the same for the same text."""
        if self._encoding is not None:
            return len(self._encoding.encode_ordinary(text))
        return estimate(text)

    def scaled(self, plain: int) -> int:
        """Plain tokens (one text's, or a sum) corrected by `factor`, rounded up."""
        return math.ceil(round(plain * self._factor, 6))

    def observe(self, *, counted: int, reported: int) -> None:
        """Learn from a request's usage.

        `counted` is what was expected of the whole request with the factor as it is now (sums of `count`, or `scaled`),
        `reported` the prompt tokens that the server then told. More than was expected is believed at once, as a window
        must not overflow twice; less only little by little, as one request may be unlike the next. A report of nothing,
        and a request of next to nothing, are passed over.
        """
        if counted < _TELLING or reported <= 0:
            return
        true = self._factor * reported / counted
        if true < self._factor:
            true = self._factor + (true - self._factor) * _FALL
        self._factor = min(max(true, _LEAST_FACTOR), _MOST_FACTOR)


def estimate(text: str) -> int:
    """Tokens of a text without a vocabulary, rather too many than too few; 0 for an empty one."""
    encoded = text.encode("utf-8", "surrogatepass")
    words = encoded.translate(_LETTERS).count(b" a")
    beyond = 0.0
    if not text.isascii():
        beyond = _beyond(encoded.translate(None, _NOT_LEADING))
        encoded = encoded.translate(None, _HIGH)
    plain = len(encoded.translate(None, _SIGNS))
    excess = plain - encoded.count(b" ") - _LONG * (words + 1)
    lines = encoded.count(b"\n")
    total = _WORD * words + _PLAIN * plain + _SIGN * (len(encoded) - plain) + _LINE * lines + beyond
    return math.ceil(total + _EXCESS * max(0, excess))


def _beyond(leading: bytes) -> float:
    """Tokens of the characters beyond ASCII, each given by the first byte of its UTF-8."""
    total, left = 0.0, len(leading)
    for script, weight in _SCRIPTS:
        leading = leading.translate(None, script)
        total += (left - len(leading)) * weight
        left = len(leading)
        if not left:
            break
    return total


def load_encoding(model: str, *, cache: Path | None) -> Encoding | None:
    """The vocabulary of an OpenAI model, where its file is at hand; it is never fetched.

    `model` may carry a provider before its name (`openai/gpt-5`). `cache` is the folder that tiktoken keeps its files
    in (what `TIKTOKEN_CACHE_DIR` names), None the one that it takes of itself. Loading costs what this module's
    docstring says; keep what it returns.

    Returns:
        None where the model's tokenizer is not known, or its file is not there or not what it should be.
    """
    folder = Path(tempfile.gettempdir()) / "data-gym-cache" if cache is None else cache
    try:
        from tiktoken.model import encoding_name_for_model

        name = encoding_name_for_model(model.rpartition("/")[2])
        constructors = importlib.import_module("tiktoken_ext.openai_public").ENCODING_CONSTRUCTORS
        return encoding_from(constructors[name], folder)
    except (ImportError, AttributeError, LookupError):
        return None


def encoding_from(constructor: Callable[[], dict[str, Any]], folder: Path) -> Encoding:
    """Build an encoding as tiktoken describes it, taking its vocabulary from a folder of files that are there.

    tiktoken would fetch a file that is missing, and wait for a silent server without limit. Here its description runs
    with a loader of ours in place of its own, in a copy: nothing of tiktoken's is changed.
    """
    from tiktoken import Encoding as Tiktoken

    def vocabulary(address: str, expected_hash: str | None = None) -> dict[bytes, int]:
        return _vocabulary(folder / hashlib.sha1(address.encode()).hexdigest(), expected_hash)

    def unavailable(*_: object, **__: object) -> dict[bytes, int]:
        raise _NotAtHand

    names = dict(constructor.__globals__)
    for name, value in constructor.__globals__.items():
        if isinstance(value, FunctionType) and value.__globals__ is constructor.__globals__:
            names[name] = FunctionType(value.__code__, names, name, value.__defaults__)  # one may call another
    names |= {"load_tiktoken_bpe": vocabulary, "data_gym_to_mergeable_bpe_ranks": unavailable}
    return Tiktoken(**FunctionType(constructor.__code__, names)())


class _NotAtHand(LookupError):
    """A vocabulary's file is missing or not what it should be."""


def _vocabulary(file: Path, expected_hash: str | None) -> dict[bytes, int]:
    try:
        content = file.read_bytes()
        if expected_hash is not None and hashlib.sha256(content).hexdigest() != expected_hash:
            raise _NotAtHand
        lines = (line.split() for line in content.splitlines() if line)
        return {base64.b64decode(token): int(rank) for token, rank in lines}
    except (OSError, ValueError) as error:
        raise _NotAtHand from error
