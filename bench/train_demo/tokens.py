"""A CLIP tokenizer made in code: every English word and Chinese character of the demo's world is one token."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from plugins.images._scene_words import vocabulary

if TYPE_CHECKING:
    from transformers import CLIPTokenizer

__all__ = ["LENGTH", "tokenizer"]

LENGTH = 32
"""Tokens of a caption, with its start and its end: the longest has 25."""
_PUNCTUATION = (",", "，", ".", "。", "、")
_END = "</w>"  # how CLIP marks a word's last piece


def _byte_letters() -> dict[int, str]:
    """The letter that stands for each byte in a vocabulary of GPT-2's kind, which CLIP's is."""
    plain = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [one for one in range(256) if one not in plain]
    return {one: chr(one) for one in plain} | {one: chr(256 + at) for at, one in enumerate(others)}


def _merges(words: list[list[str]]) -> list[tuple[str, str]]:
    """Byte pairs to join, the commonest first, until each word is one piece. `words` is used up."""
    found = []
    while True:
        pairs = Counter(pair for word in words for pair in pairwise(word))
        if not pairs:
            return found
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        found.append(best)
        for at, word in enumerate(words):
            words[at] = _joined(word, best)


def _joined(word: list[str], pair: tuple[str, str]) -> list[str]:
    pieces: list[str] = []
    for piece in word:
        if pieces and (pieces[-1], piece) == pair:
            pieces[-1] += piece
        else:
            pieces.append(piece)
    return pieces


def tokenizer() -> CLIPTokenizer:
    """The tokenizer. Within a run of Chinese a character differs from one at the run's end, as CLIP has it."""
    from transformers import CLIPTokenizer

    letters = _byte_letters()
    spelled = [[letters[byte] for byte in word.encode()] for word in (*vocabulary(), *_PUNCTUATION)]
    ended = [[*word[:-1], word[-1] + _END] for word in spelled]
    within = [word for word in spelled if len(word) == 3 and word[0] in {letters[byte] for byte in range(0xE4, 0xEA)}]
    merges = _merges([*ended, *within])
    singles = sorted(letters.values())
    pieces = [*singles, *(one + _END for one in singles), *("".join(pair) for pair in merges)]
    names = [*dict.fromkeys(pieces), "<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(vocab={name: at for at, name in enumerate(names)}, merges=merges, model_max_length=LENGTH)
