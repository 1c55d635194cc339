"""The tool that summarises a document: by the run's model, passage by passage, or by its own sentences."""

from __future__ import annotations

from plugins import Context, Effect, WorkspacePath, tool
from plugins._matter import extracted, read_matter

__all__ = ["summarize_file"]

_TIMEOUT = 7200.0  # a model on this machine takes its time for a book
_ENDING = 100.0  # seconds of it in which nothing more is asked


@tool(
    effect=Effect.READ,
    repeatable=True,
    timeout=_TIMEOUT,
    aliases=(
        *("summarise", "summarize", "summary", "sum up", "brief", "digest", "abstract", "tl;dr"),
        *("总结", "摘要", "概括", "归纳", "概述", "综述", "小结"),
    ),
)
def summarize_file(path: WorkspacePath, question: str = "", *, context: Context) -> str:
    """Summarise a long document or text file.

    Args:
        path: File.
        question: What the summary should answer.
    """
    matter = read_matter(path, context)
    question = " ".join(question.split())
    if context.ask is None:
        found = extracted(matter, question, context)
        return matter.told(found, "extractive: sentences taken from the text, no model")
    from plugins._summing import Summing  # its patterns take a while to compile: not before they are needed

    return Summing(matter, question, context, context.ask, within=_TIMEOUT - _ENDING).summarise()
