"""Real conversations as a corpus, from files that are not part of the project.

The form is the one of the public sets LoCoMo and REALTALK: a JSON object with `session_1`, `session_2` and so on, each
a list of turns with `dia_id`, `speaker`, `text` (or `clean_text`) and perhaps `date_time`; `session_1_date_time` for a
whole sitting; and `qa`, a list of questions with the `dia_id`s of their `evidence` and a `category`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from . import Corpus, Entry, Question

_KINDS = {1: "multi", 2: "temporal"}
_PLACE = re.compile(r"D\d+:\d+")
_DATE = re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}|\d{4}-\d{2}-\d{2}|\d{1,2} \w+,? \d{4}")


def conversations(folder: Path) -> list[Corpus]:
    """Each file of the folder, in the order of their names. Raises `SystemExit` where there is none of this form."""
    found = [_corpus(json.loads(file.read_bytes())) for file in sorted(folder.glob("*.json"))]
    found = [one for one in found if one.questions]
    if not found:
        raise SystemExit(f"{folder}: no JSON file with sessions, turns and questions")
    return found


def _corpus(held: Mapping[str, Any]) -> Corpus:
    held = {**held, **held.get("conversation", {})}
    made, places = Corpus(), dict[str, int]()
    for name in sorted((key for key in held if re.fullmatch(r"session_\d+", key)), key=lambda key: int(key[8:])):
        after = None
        for turn in held[name]:
            places[turn["dia_id"]] = len(made.entries)
            when = turn.get("date_time") or held.get(f"{name}_date_time", "")
            text = turn.get("clean_text") or turn.get("text", "")
            day = _DATE.search(when)
            made.entries.append(Entry(text=text, speaker=turn["speaker"], date=day[0] if day else when, after=after))
            after = len(made.entries) - 1
    made.questions.extend(_questions(held.get("qa", []), places))
    return made


def _questions(asked: Sequence[Mapping[str, Any]], places: Mapping[str, int]) -> Iterator[Question]:
    for one in asked:
        named = {place for written in one.get("evidence", []) for place in _PLACE.findall(written)}
        evidence = frozenset(places[place] for place in named if place in places)
        if evidence:
            yield Question(text=one["question"], kind=_KINDS.get(one.get("category", 0), "single"), evidence=evidence)
