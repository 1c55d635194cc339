"""How `thinkact kb ask` without a model answers questions of every day: when is it open, where is it, what does it
cost, how many are there, which version.

    python bench/kb_everyday.py [--wrong]

`everyday/` holds the documents, in folders that are knowledge bases of their
own, and beside each what is asked of it. The choice of sentences was made by `tuned`; `held` was only counted.

`--wrong` lists the questions that were not answered rightly, or made up, with what was answered. `bench/kb.py
--questions` prints the same table below its own.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from agent.answering import Evidence, look, quote
from agent.cli.kb.converting import converted
from memory.library import Library
from memory.recall import PASSAGES, Recall

HERE = Path(__file__).resolve().parent / "everyday"


def outcomes(part: str, *, k: int = 8) -> Iterator[tuple[str, str, list[str]]]:
    """Each question of `tuned` or `held`, what became of it (right, wrong, silent where the documents say it; refused,
    made up where they do not), and what was answered."""
    for asked in sorted((HERE / part).glob("*.yaml")):
        questions: Mapping[str, list[str] | None] = yaml.safe_load(asked.read_text("utf-8"))
        with tempfile.TemporaryDirectory() as place, Recall(Path(place, "documents.db"), rules=PASSAGES) as recall:
            library = Library(recall)
            for _ in library.add([asked.with_suffix("")], converted):
                pass
            for question, words in questions.items():
                told = answered(library, question, k=k)
                yield question, _outcome(told, words), told


def answered(library: Library, question: str, *, k: int) -> list[str]:
    """The statements that answer a question, each with the words that it quotes."""
    evidence = [
        Evidence(
            number=number,
            id=one.id,
            file=one.file,
            place=one.place,
            heading=one.heading,
            text=one.text,
            score=one.score,
        )
        for number, one in enumerate(look(question, library.search, k), 1)
    ]
    return [f"{one.text}\n{one.citations[0].quote}" for one in quote(question, evidence).statements]


def _outcome(told: list[str], words: list[str] | None) -> str:
    if words is None:
        return "made up" if told else "refused"
    if not told:
        return "silent"
    return "right" if any(word in told[0] for word in words) else "wrong"


def print_table(*, wrong: bool = False) -> None:
    """Ask them all; the ones that went `wrong` are listed where that is wanted."""
    form = "{:16} {:>7} {:>7} {:>7} {:>12} {:>8} {:>8}"
    print(form.format("of every day", "right", "wrong", "silent", "without one", "refused", "made up"))
    for part in ("tuned", "held"):
        asked = list(outcomes(part))
        found = Counter(outcome for _, outcome, _ in asked)
        without = found["refused"] + found["made up"]
        row = (found["right"], found["wrong"], found["silent"], without, found["refused"], found["made up"])
        print(form.format(f"everyday, {part}", *row))
        for question, outcome, told in asked if wrong else ():
            if outcome not in {"right", "refused"}:
                print(f"  {outcome}: {question}", *(f"      {one.splitlines()[0]}" for one in told[:1]), sep="\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wrong", action="store_true")
    print_table(wrong=parser.parse_args().wrong)
