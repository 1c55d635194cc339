"""What thinkact does about what a trial found: only what is true in this version."""

from __future__ import annotations

from agent.model.trial.finding import Finding
from agent.model.windows import Window
from agent.prompt import DEFAULT_WINDOW

__all__ = ["about", "about_window"]

_CALLS = {
    "prompt": "tells the tools in the prompt, and reads the calls from the text of the reply",
    "text": "reads calls from the text as well",
    "spoilt": "mends calls where their meaning is clear, and tells the model about the others",
    "words": "can do little without calls: take another model, or look at how this one is served",
    "one": "makes one call after the other then",
}


def about(finding: Finding) -> str | None:
    """What thinkact does, as the rest of a sentence that begins with its name; None where there is nothing to say."""
    if finding.outcome == "not tried":
        return None
    match finding.name:
        case "streaming" if finding.outcome == "not supported":
            return "waits for the whole of each reply"
        case "tool calls" | "tool calls, streamed" | "two calls at once":
            return _CALLS.get(finding.way)
        case "JSON":
            return "asks for no JSON in this version"
        case "embeddings":
            return "asks for none in this version: its memory has an embedder of its own"
    return None


def about_window(window: Window, known: int | None) -> str | None:
    """The same about the window.

    Args:
        window: What was found.
        known: What the price list says, which is what a run counts on.
    """
    counted = known or DEFAULT_WINDOW
    counts = f"counts on {counted:,} tokens"
    if window.silent:
        size = f"{window.tokens}" if window.tokens else "N"
        return f"{counts}, and this server cuts what is longer without a word: say --window {size}"
    if window.tokens is None:
        return f"{counts} until the endpoint refuses a longer prompt; --window N states it"
    if window.tokens == counted:
        return None
    if window.tokens < counted:
        return f"{counts} until the endpoint refuses a longer prompt; --window {window.tokens} spares it that"
    return f"{counts}; --window {window.tokens} uses all of it"
