"""Where the training keeps what it makes, and its notes: one line of JSON for each measurement."""

from __future__ import annotations

import json
import time
from pathlib import Path

__all__ = ["CLIP_CHECKPOINT", "CLIP_FOLDER", "OUT", "note"]

OUT = Path(__file__).parent / "out"
CLIP_FOLDER = OUT / "clip"
CLIP_CHECKPOINT = OUT / "clip.pt"


def note(name: str, **figures: object) -> None:
    """Append figures to `out/NAME.jsonl`, with the time, and print them."""
    line = json.dumps({"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), **figures}, default=str)
    with (OUT / f"{name}.jsonl").open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    print(line, flush=True)
