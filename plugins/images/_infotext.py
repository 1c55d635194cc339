"""The text by which AUTOMATIC1111's web UI tells how a picture was made, as galleries and other tools read it.

The prompt stands first, then a line `Negative prompt: …`, then one line of `name: value` pairs with commas between. A
value that holds a comma, a colon or a line's end is written as JSON. The last line counts as pairs only where there are
at least three of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from plugins.images._recipe import Recipe

__all__ = ["NEGATIVE", "PROMPT", "read_infotext", "write_infotext"]

PROMPT, NEGATIVE = "Prompt", "Negative prompt"
"""The names under which `read_infotext` gives the two texts."""
_PAIR = re.compile(r'\s*(\w[\w \-/]{0,60}):\s*("(?:\\.|[^\\"])*"|[^,]*)(?:,|$)')
_LEAST = 3  # pairs, before a last line is taken for pairs


def write_infotext(recipe: Recipe) -> str:
    """A recipe in this form. What it has no name for is left to the JSON beside it."""
    pairs = {
        "Steps": recipe.steps,
        "Sampler": recipe.scheduler,
        "CFG scale": recipe.guidance_scale,
        "Seed": recipe.seed,
        "Size": f"{recipe.width}x{recipe.height}",
        "Model hash": recipe.model_hash[:10] or None,
        "Model": recipe.model or recipe.backend,
        "Denoising strength": recipe.arguments.get("strength"),
        "Version": f"thinkact {recipe.versions.get('thinkact', '')}".strip(),
    }
    told = ", ".join(f"{name}: {_quoted(value)}" for name, value in pairs.items() if value is not None)
    negative = [f"{NEGATIVE}: {recipe.negative_prompt}"] if recipe.negative_prompt else []
    return "\n".join([recipe.prompt, *negative, told])


def read_infotext(text: str) -> Mapping[str, str]:
    """What such a text tells, by the names that it uses; `Prompt` and `Negative prompt` where they are there. Whoever
    wrote it, and whatever: a text without pairs is all prompt."""
    lines = text.strip().split("\n")
    pairs = _PAIR.findall(lines[-1])
    if len(pairs) < _LEAST:
        pairs, body = [], lines
    else:
        body = lines[:-1]
    at = next((number for number, line in enumerate(body) if line.startswith(f"{NEGATIVE}:")), len(body))
    prompt = "\n".join(body[:at]).strip()
    negative = "\n".join(body[at:])[len(NEGATIVE) + 1 :].strip()
    found = {name: told for name, told in ((PROMPT, prompt), (NEGATIVE, negative)) if told}
    return found | {name: _unquoted(value) for name, value in pairs}


def _quoted(value: object) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if re.search(r"[,:\n]", text) else text


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value.strip()
    try:
        return str(json.loads(value))
    except ValueError:
        return value
