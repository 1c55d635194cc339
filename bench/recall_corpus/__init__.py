"""The corpus of `bench/recall.py`: two halves, each of conversations over a year, agent logs and Chinese dialogues.

The halves share no template, person or vocabulary: what is chosen on `tuning` is believed only if `held-out` agrees.
All of it was written for this bench; chance (seeded) only fills the blanks and puts the scenes in order, so each scene
comes several times, with other people, values and dates: what a question asks for stands among its likes.
"""

from __future__ import annotations

import calendar
import random
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

HALVES = {"tuning": "tuning", "held-out": "held_out"}
KINDS = ("single", "multi", "temporal", "paraphrase", "log", "chinese")
MONTHS = tuple(calendar.month_name)[1:]


@dataclass(frozen=True, slots=True)
class Entry:
    """One turn or line; `after` is the place of the one before it in the same sitting, or None."""

    text: str
    speaker: str
    date: str
    after: int | None


@dataclass(frozen=True, slots=True)
class Question:
    """What someone asks later, and the places of the entries that answer it."""

    text: str
    kind: str
    evidence: frozenset[int]


@dataclass(slots=True)
class Corpus:
    entries: list[Entry] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)


@dataclass(slots=True)
class Scene:
    """A few turns with blanks, in one or more parts that lie in different sittings, and what is asked of them."""

    name: str
    parts: list[list[tuple[str, str]]]
    asked: list[tuple[str, tuple[int, ...], str]]
    together: list[tuple[str, tuple[int, ...], str]]
    slots: dict[str, list[str]]


_TURN = re.compile(r"^(\S+?)(?::|>) (.*)")
_ASKED = re.compile(r"^(\?\??) (\w+) ([\d,]+): (.*)")
_SLOT = re.compile(r"^(\w+) = (.*)")


def read(path: Path) -> tuple[list[str], list[Scene]]:
    """The people and scenes of a file: see `tuning.txt` for how they are written."""
    people: list[str] = []
    shared: dict[str, list[str]] = {}
    scenes: list[Scene] = []
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("["):
            scenes.append(Scene(line.strip("[]"), [[]], [], [], dict(shared)))
        elif line == "---":
            scenes[-1].parts.append([])
        elif line.startswith("people: "):
            people = line.removeprefix("people: ").split(", ")
        elif asked := _ASKED.match(line):
            mark, kind, places, text = asked.groups()
            question = (kind, tuple(map(int, places.split(","))), text)
            (scenes[-1].together if mark == "??" else scenes[-1].asked).append(question)
        elif slot := _SLOT.match(line):
            (scenes[-1].slots if scenes else shared)[slot[1]] = slot[2].split("; ")
        elif turn := _TURN.match(line):
            scenes[-1].parts[-1].append((turn[1], turn[2]))
    return people, scenes


def corpus(half: str, *, seed: int = 7) -> Corpus:
    """All entries and questions of a half; the same at every call."""
    chance = random.Random(f"{half} {seed}")
    made = Corpus()
    stem = Path(__file__).parent / HALVES[half]
    for ending, repeats, sittings in ((".txt", 5, 48), (".logs.txt", 7, 24), (".zh.txt", 6, 20)):
        people, scenes = read(stem.with_name(stem.name + ending))
        _Filling(made, people, chance).fill(scenes, repeats=repeats, sittings=sittings)
    return made


class _Filling:
    """The scenes of one file, filled and laid into sittings."""

    def __init__(self, made: Corpus, people: list[str], chance: random.Random) -> None:
        self._made, self._people, self._chance = made, people, chance

    def fill(self, scenes: list[Scene], *, repeats: int, sittings: int) -> None:
        sat: list[list[tuple[int, int]]] = [[] for _ in range(sittings)]  # scene copy and part, by sitting
        copies: list[tuple[Scene, dict[str, str]]] = []
        days = [date(2023, 1, 9) + timedelta(days=4 * n + self._chance.randrange(4)) for n in range(sittings)]
        talk = [self._chance.sample(self._people, 2) for _ in days]
        for scene in scenes:
            for _ in range(repeats * (2 if scene.name == "filler" else 1)):
                at = self._chance.randrange(sittings - len(scene.parts) + 1)
                first, second = talk[at]
                names = {"A": first, "B": second}
                if self._chance.random() < 0.5:
                    names = {"A": second, "B": first}
                copies.append((scene, names | self._values(scene, days[at])))
                later = [n for n in range(at + 1, sittings) if set(talk[n]) == {first, second}]
                for part in range(len(scene.parts)):
                    place = at if part == 0 else self._chance.choice(later or [at])
                    sat[place].append((len(copies) - 1, part))
        places: dict[int, list[int]] = {}
        for day, copied in zip(days, sat, strict=True):
            self._chance.shuffle(copied)
            copied.sort(key=lambda one: one[1])
            self._sitting(day, copied, copies, places)
        self._ask(copies, places)

    def _values(self, scene: Scene, day: date) -> dict[str, str]:
        values = {name: self._chance.choice(choices) for name, choices in scene.slots.items()}
        values["month"] = self._chance.choice(MONTHS)
        values["month_of"] = f"{MONTHS[day.month - 1]} {day.year}"
        values["date_of"] = f"{day.day} {MONTHS[day.month - 1]} {day.year}"
        for name, value in list(values.items()):
            plain, _, other = value.partition("|")
            plain = self._drawn(plain)
            values |= {name: plain, f"{name}~": other, f"{name}^": plain[:1].upper() + plain[1:]}
        return values

    def _drawn(self, text: str) -> str:
        text = re.sub("#", lambda _: str(self._chance.randint(1, 9)), text)
        return re.sub("@", lambda _: self._chance.choice("abcdef0123456789"), text)

    def _sitting(
        self,
        day: date,
        copied: list[tuple[int, int]],
        copies: list[tuple[Scene, dict[str, str]]],
        places: dict[int, list[int]],
    ) -> None:
        before: int | None = None
        for copy, part in copied:
            scene, values = copies[copy]
            for speaker, text in scene.parts[part]:
                said = self._drawn(_filled(text, values))
                self._made.entries.append(Entry(said, values.get(speaker, speaker), day.isoformat(), before))
                before = len(self._made.entries) - 1
                places.setdefault(copy, []).append(before)

    def _ask(self, copies: list[tuple[Scene, dict[str, str]]], places: dict[int, list[int]]) -> None:
        seen: set[str] = set()
        for copy, (scene, values) in enumerate(copies):
            chosen = self._chance.sample(scene.asked, min(len(scene.asked), 2))
            for kind, wanted, text in chosen:
                self._add(seen, kind, _filled(text, values), [places[copy][n] for n in wanted])
            alike = [n for n, (other, found) in enumerate(copies) if other is scene and found["A"] == values["A"]]
            for kind, wanted, text in scene.together:
                if 2 <= len(alike) <= 4:
                    self._add(seen, kind, _filled(text, values), [places[n][m] for n in alike for m in wanted])

    def _add(self, seen: set[str], kind: str, text: str, evidence: list[int]) -> None:
        if text not in seen:  # asked twice it would have two answers
            seen.add(text)
            self._made.questions.append(Question(text, kind, frozenset(evidence)))


def _filled(text: str, values: dict[str, str]) -> str:
    return re.sub(r"\{([\w~^]+)\}", lambda found: values.get(found[1], found[0]), text)
