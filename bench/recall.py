"""Measure how much of what answers a question long-term memory finds, by retriever and by kind of question.

Two halves of a corpus of its own (`recall_corpus`): conversations over a year, agent logs and Chinese dialogues, with
questions whose answers are known by entry. The halves share no template, person or vocabulary; weights were chosen on
the first and are believed where the second agrees. Every entry is added as a user would: `add(text, metadata, context)`
with the entry before it as its context, the text behind its date and speaker.

The figure is recall@10: the share of a question's evidence that is among the first ten, a mean over the questions.
`--minilm` measures with MiniLM too, which takes some minutes the first time; `--conversations FOLDER` measures real
conversations instead (`conversations.py` says in which form); `--speed N` measures searches among N entries;
`--plot FILE.png` draws the table.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.recall_corpus import HALVES, KINDS, Corpus, corpus
from bench.recall_corpus.conversations import conversations
from memory import Recall
from memory._candidates import WEIGHTS, Weights
from memory._full_text import match
from memory._minilm import MiniLM
from memory._notes import Where
from memory._vectors import nearest, packed
from memory.embedding import Embedder, EmbeddingFailed, HashingEmbedder, words
from memory.recall import Draft

WITHOUT: dict[str, dict[str, Any]] = {
    "neighbours": {"before": WEIGHTS.before[:1], "after": ()},
    "neighbours' vectors": {"spread": False},
    "speaker": {"speaker": 0.0},
    "days": {"day": 0.0},
    "names as written": {"exact": 0.0},
    "substance": {"substance": 0.0},
    "time where asked": {"when": 0.0},
    "words akin": {"akin": 0.0},
    "FTS5's k1 and b": {"saturation": 1.2, "length": 0.75},
}

Find = Callable[[str], Sequence[str]]
Figures = dict[str, float]


@dataclass(slots=True)
class Filled:
    """A memory that holds a half of the corpus; `ids` are its entries' in order."""

    recall: Recall
    ids: list[str]
    corpus: Corpus

    def hits(self, weights: Weights = WEIGHTS) -> Find:
        self.recall._search = replace(self.recall._search, weights=weights)
        return lambda text: [hit.id for hit in self.recall.search(text, 10, floor=0.0)]

    def by_words(self, context: float) -> Find:
        """FTS5 alone: any word of the question, BM25."""

        def find(text: str) -> list[str]:
            sql = (
                "SELECT n.id FROM words JOIN notes AS n ON n.number = words.rowid WHERE words MATCH ? "
                f"ORDER BY bm25(words, 1.0, {context}) LIMIT 10"
            )
            terms = dict.fromkeys(words(text))
            with self.recall._store.reading() as connection:
                assert connection is not None
                return [row[0] for row in connection.execute(sql, (match(terms),))] if terms else []

        return find

    def by_vectors(self, embedder: Embedder) -> Find:
        """The nearest vectors alone."""
        store = self.recall._store
        ids = {found: number for number, found in self._numbers()}
        names = {number: one for one, number in ids.items()}

        def find(text: str) -> list[str]:
            cosines = nearest(packed(embedder, [text])[0], store.vectors(embedder.id, Where()))
            return [names[number] for number in sorted(cosines, key=cosines.__getitem__, reverse=True)[:10]]

        return find

    def _numbers(self) -> list[tuple[int, str]]:
        with self.recall._store.reading() as connection:
            assert connection is not None
            return connection.execute("SELECT number, id FROM notes").fetchall()


def filled(folder: Path, made: Corpus, embedder: Embedder | None, *, prefix: bool = True) -> Filled:
    texts = [f"{one.date} {one.speaker}: {one.text}" if prefix else one.text for one in made.entries]
    recall = Recall(folder / f"{time.monotonic_ns()}.db", embedder=embedder)
    drafts = [
        Draft(
            text=text,
            metadata={"speaker": one.speaker, "date": one.date},
            context=None if one.after is None else texts[one.after],
        )
        for one, text in zip(made.entries, texts, strict=True)
    ]
    return Filled(recall, recall.add_many(drafts), made)


def measured(all_there: Sequence[Filled], how: Callable[[Filled], Find]) -> Figures:
    """Recall@10 by kind and over all, and hit@1, @5, @10 and the mean reciprocal rank, of memories of one kind."""
    kinds: dict[str, list[float]] = {kind: [] for kind in KINDS}
    firsts: list[int] = []
    for there in all_there:
        find = how(there)
        for question in there.corpus.questions:
            wanted = {there.ids[place] for place in question.evidence}
            found = list(find(question.text))[:10]
            kinds[question.kind].append(len(wanted & set(found)) / len(wanted))
            firsts.append(next((rank for rank, one in enumerate(found, 1) if one in wanted), 0))
    figures = {kind: 100 * statistics.fmean(shares) for kind, shares in kinds.items() if shares}
    figures["all"] = 100 * statistics.fmean(share for shares in kinds.values() for share in shares)
    for most in (1, 5, 10):
        figures[f"hit@{most}"] = 100 * statistics.fmean(0 < first <= most for first in firsts)
    figures["MRR"] = 100 * statistics.fmean(1 / first if first else 0.0 for first in firsts)
    return figures


def minilm() -> Embedder | None:
    """MiniLM where its module and its weights are there."""
    try:
        made = MiniLM()
        made.embed(["a first text"])
    except EmbeddingFailed as error:
        print(f"without MiniLM: {error}")
        return None
    return made


def table(name: str, corpora: Sequence[Corpus], folder: Path, embedder: Embedder | None) -> dict[str, Figures]:
    """The figures of every retriever on these, each a memory of its own, printed as they come."""
    rows: dict[str, Figures] = {}
    kinds = [kind for kind in KINDS if any(one.kind == kind for made in corpora for one in made.questions)]
    columns = ("all", *kinds, "hit@1", "hit@5", "hit@10", "MRR")

    def tell(name: str, there: Sequence[Filled], how: Callable[[Filled], Find]) -> None:
        rows[name] = measured(there, how)
        print(f"{name:34}" + "".join(f"{rows[name].get(one, 0.0):>11.1f}" for one in columns), flush=True)

    def all_filled(embedder: Embedder | None, *, prefix: bool = True) -> list[Filled]:
        there = [filled(folder, made, embedder, prefix=prefix) for made in corpora]
        opened.extend(there)
        return there

    opened: list[Filled] = []
    hashing = HashingEmbedder()
    entries, questions = sum(len(one.entries) for one in corpora), sum(len(one.questions) for one in corpora)
    print(f"\n{name}: {entries} entries, {questions} questions; recall@10 in percent")
    print(" " * 34 + "".join(f"{one:>11}" for one in columns))
    by_words, hybrid = all_filled(None), all_filled(hashing)
    tell("plain FTS5", by_words, lambda one: one.by_words(0.0))
    tell("FTS5 with context", by_words, lambda one: one.by_words(0.5))
    tell("hashed vectors alone", hybrid, lambda one: one.by_vectors(hashing))
    tell("words, no embedder", by_words, Filled.hits)
    tell("hybrid, hashing", hybrid, Filled.hits)
    if embedder is not None:
        full, model = all_filled(embedder), embedder
        tell("MiniLM alone", full, lambda one: one.by_vectors(model))
        tell("hybrid, MiniLM", full, Filled.hits)
    for signal, options in WITHOUT.items():
        weights = replace(WEIGHTS, **options)
        tell(f"  hybrid without {signal}", hybrid, partial(Filled.hits, weights=weights))
    tell("  hybrid, texts without date, name", all_filled(hashing, prefix=False), Filled.hits)
    for one in opened:
        one.recall.close()
    return rows


def draw(rows: dict[str, Figures], file: Path) -> None:
    """Recall by retriever and kind on the half that nothing was tuned on, as a picture."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    shown = {name: figures for name, figures in rows.items() if not name.startswith(" ")}
    kinds = ("all", *KINDS)
    figure, axes = pyplot.subplots(figsize=(9, 4.1), layout="constrained")
    width = 0.8 / len(shown)
    for n, (name, figures) in enumerate(shown.items()):
        places = [place + n * width for place in range(len(kinds))]
        axes.bar(places, [figures.get(kind, 0.0) for kind in kinds], width, label=name)
    axes.set_xticks([place + 0.4 - width / 2 for place in range(len(kinds))], kinds)
    axes.set_ylabel("evidence in the top 10, %")
    axes.set_title("Recall by retriever and kind of question (held-out half)", fontsize=10)
    axes.set_ylim(0, 100)
    figure.legend(fontsize=7, ncols=4, loc="outside lower center")
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=90)


class Given:
    """An embedder of seeded vectors: what a search costs without what a model costs."""

    id, dimensions, unrelated = "given-384", 384, 0.2

    def embed(self, texts: Sequence[str]) -> list[array[float]]:
        numbers = [random.Random(text) for text in texts]
        return [array("f", (one.gauss(0, 1) for _ in range(self.dimensions))) for one in numbers]


def entries(count: int) -> Iterable[Draft]:
    """So many entries, the corpus over and over, each time of another year and with other numbers."""
    made, before = corpus("tuning"), None
    for n in range(count):
        one = made.entries[n % len(made.entries)]
        year, text = n // len(made.entries), one.text
        text = f"{2023 - year}{one.date[4:]} {one.speaker}: {text} ({n})"
        yield Draft(text=text, metadata={"speaker": one.speaker, "date": one.date}, context=before)
        before = text


def speed(count: int, folder: Path, *, rounds: int) -> None:
    """Print the median and p95 of searches among `count` entries, without the embedding of the query."""
    chance, embedder = random.Random(1), Given()
    questions = [one.text for one in corpus("tuning").questions]
    with Recall(folder / "speed.db", embedder=embedder, upkeep=False) as recall:
        batch: list[Draft] = []
        for draft in entries(count):
            batch.append(draft)
            if len(batch) == 2_000:
                recall.add_many(batch)
                batch = []
        recall.add_many(batch)
        if recall.count() > recall._search.exact_up_to:
            recall.sync()
        for name, memory in (("words alone", Recall(folder / "speed.db", embedder=None)), ("hybrid", recall)):
            memory.search(questions[0])
            taken = []
            for question in chance.sample(questions, min(rounds, len(questions))):
                began = time.perf_counter()
                memory.search(question, 10)
                cost = time.perf_counter() - began
                began = time.perf_counter()
                if memory is recall:
                    packed(embedder, [question])
                    cost -= time.perf_counter() - began
                taken.append(1000 * cost)
            p95 = statistics.quantiles(taken, n=20)[-1]
            print(
                f"{name:12} {recall.count():>8,} entries: median {statistics.median(taken):6.1f} ms, p95 {p95:6.1f} ms"
            )
            if memory is not recall:
                memory.close()


def main() -> None:
    """Print the tables of both halves, or the speed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minilm", action="store_true", help="measure with MiniLM too")
    parser.add_argument("--plot", type=Path, help="draw the held-out half's table")
    parser.add_argument("--conversations", type=Path, help="measure the conversations in this folder instead")
    parser.add_argument("--speed", type=int, help="measure searches among so many entries instead")
    parser.add_argument("--rounds", type=int, default=100, help="searches that --speed measures")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-recall-") as place:
        if asked.speed:
            speed(asked.speed, Path(place), rounds=asked.rounds)
            return
        embedder = minilm() if asked.minilm else None
        if asked.conversations:
            table("conversations", conversations(asked.conversations), Path(place), embedder)
            return
        tables = {half: table(half, [corpus(half)], Path(place), embedder) for half in HALVES}
    if asked.plot:
        draw(tables["held-out"], asked.plot)


if __name__ == "__main__":
    main()
