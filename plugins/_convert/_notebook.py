"""Jupyter notebooks: cell by cell, with what came out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from plugins._convert._document import Document, Part, Source
from plugins._convert._html import page
from plugins._convert._markdown import Full, Writer
from plugins._convert._plain import read_text
from plugins._decoding import decode

__all__ = ["read_notebook"]

_OUTPUT = 4_000  # characters of one output


def read_notebook(source: Source) -> Document:
    """The cells in their order; pictures among the outputs are named, long outputs cut. JSON that is no notebook
    is a text."""
    try:
        whole = json.loads(decode(source.content)[0])
    except (ValueError, RecursionError):
        whole = None
    if not isinstance(whole, dict) or not ("cells" in whole or "worksheets" in whole):
        source.note("shown as it stands, since it is no notebook that can be read")
        return read_text(source)
    cells = list(_cells(whole))
    language = _language(whole)
    parts: list[Part] = []
    title = ""
    for number, one in enumerate(cells, 1):
        if number > source.limits.pages:
            source.quota.stop(f"the first {source.limits.pages:,} cells")
            break
        writer = Writer(source.quota)
        try:
            _cell(one, writer, language)
        except Full:
            break
        text = writer.text()
        title = title or next((line.lstrip("# ") for line in text.split("\n") if line.startswith("# ")), "")
        if text:
            parts.append(Part(place=f"cell {number}", text=text))
    return source.document("ipynb", parts, title=title, marked=True)


def _cells(whole: Any) -> Iterator[dict[str, Any]]:
    sheets = whole.get("worksheets")
    for holder in [whole, *(sheets if isinstance(sheets, list) else [])]:
        found = holder.get("cells") if isinstance(holder, dict) else None
        yield from (one for one in found or () if isinstance(one, dict))


def _language(whole: dict[str, Any]) -> str:
    metadata = whole.get("metadata")
    for name, key in (("kernelspec", "language"), ("language_info", "name")):
        held = metadata.get(name) if isinstance(metadata, dict) else None
        if isinstance(held, dict) and isinstance(held.get(key), str):
            return str(held[key])
    return "python"


def _text(value: Any) -> str:
    """A text, which the format keeps as one string or as its lines."""
    if isinstance(value, list):
        return "".join(line for line in value if isinstance(line, str))
    return value if isinstance(value, str) else ""


def _cell(one: dict[str, Any], writer: Writer, language: str) -> None:
    text = _text(one.get("source", one.get("input")))
    kind = one.get("cell_type")
    if kind == "heading":
        writer.heading(int(one["level"]) if isinstance(one.get("level"), int) else 1, text)
    elif kind != "code":
        writer.block(text.strip("\n"))
    else:
        writer.code(text, language)
        outputs = one.get("outputs")
        for output in outputs if isinstance(outputs, list) else ():
            if isinstance(output, dict):
                _output(output, writer)


def _output(output: dict[str, Any], writer: Writer) -> None:
    held = output.get("data")
    told = held if isinstance(held, dict) else output
    if output.get("output_type") in ("error", "pyerr"):
        writer.code(f"{_text(output.get('ename'))}: {_text(output.get('evalue'))}", "error")
        return
    text = _text(told.get("text/plain")) or _text(output.get("text"))
    if text:
        writer.code(text if len(text) <= _OUTPUT else f"{text[:_OUTPUT]}\n… ({len(text):,} characters)", "output")
    elif _text(told.get("text/markdown")):
        writer.block(_text(told["text/markdown"]))
    elif _text(told.get("text/html")):
        page(_text(told["text/html"]), writer, whole=True)
    if any(key.startswith("image/") or key in ("png", "jpeg", "svg") for key in told):
        writer.paragraph("[picture]")
