"""The very words that are to be written, to which file, under which title."""

from __future__ import annotations

import re

from agent.model.offline.marks import Mark, Marked
from agent.model.offline.wording import short
from agent.model.offline.words import is_chinese


def target_of(marked: Marked, *, writes: bool = False) -> Mark | None:
    """The file that a sub-goal writes to; with `writes` also one that it only names."""
    paths = [one for one in marked.of("path") if not one.text.endswith("/")]
    for part in ("target", "within") if writes else ("target",):
        found = next((one for one in reversed(paths) if one.part == part), None)
        if found is not None:
            return found
    plain = [one for one in paths if one.part == "plain"]
    return plain[0] if writes and len(plain) == 1 else None


_TITLE_BEFORE = re.compile(
    r"(?:\b(?:titled|entitled|title|headed|heading|header|headline|called|named)\s*:?\s*(?:is\s+|of\s+|as\s+|reads?\s+)?|"
    r"(?:标题|题目|题)(?:写?为|是|叫|写?成)?[:：]?\s*)$",
    re.IGNORECASE,
)
_TITLE_AFTER = re.compile(
    r"^\s*(?:(?:as|for)\s+(?:the\s+|its\s+|a\s+)?(?:title|heading|header|headline)\b|(?:作为?|当作?)(?:它?的?)?(?:标题|题目)|为题)",
    re.I,
)
_TITLED = re.compile(
    r"\b(?:titled|entitled|headed|(?:with|under|and) the (?:title|heading|headline|header))\s*:?\s+"
    r"(?P<title>[^\ue000\n]+?)"
    r"(?=\s*(?:,|$|\b(?:to|into|in|about|of|from|based on|and (?:save|write|put|store))\b[^\ue000]{0,20}\ue000))",
    re.IGNORECASE,
)
"""A title without quotes: all words up to the file or the comma behind it."""
_STATED = re.compile(
    r"\b(?:containing|contains|saying|that says|reading|with the (?:following )?(?:text|contents?|words?|lines?)|"
    r"with content)\b\s*[:：]?\s*|"
    r"(?:内容(?:为|是|如下)?|写[着上])[:：]?\s*",
    re.IGNORECASE,
)


def literal_of(marked: Marked, target: Mark | None) -> str | None:
    """The very words that are to be written, or None."""
    quotes = [one for one in marked.of("quote") if not _is_title(marked, one)]
    if quotes:
        return "\n".join(one.text for one in quotes)
    stated = _STATED.search(marked.masked)
    if stated is not None:
        end = target.start if target is not None and target.start > stated.end() else len(marked.text)
        text = re.sub(r"\s*(?:to|into|in|到|至)\s*$", "", marked.text[stated.end() : end]).strip()
        if text and text.casefold() not in ("following", "the following", "以下", "如下"):
            return text
    named = re.search(
        r"\bthe (?:words?|text|line|sentence|string|number|phrase)\s+(\S.*?)\s+(?:to|into|in|to the end of)\s*$",
        (marked.text[: target.start] if target is not None else ""),
        re.IGNORECASE,
    )
    if named is not None and not re.match(r"(?:of|from|in|about|that)\b", named[1], re.IGNORECASE):
        return named[1]
    if re.search(r"\b(?:empty|blank) (?:\w+ )?file\b|空(?:白)?(?:文件|文档)", marked.masked, re.IGNORECASE):
        return ""
    return None


def pairs_of(marked: Marked) -> list[tuple[str, str]]:
    """Several words for several files: "a" to x and "b" to y; or the same words for each of them."""
    targets = [one for one in marked.of("path") if one.part == "target"]
    quotes = [one for one in marked.of("quote") if not _is_title(marked, one)]
    if len(targets) < 2 or len(quotes) not in (1, len(targets)):
        return []
    texts = quotes if len(quotes) > 1 else quotes * len(targets)
    return [(text.text, target.text) for text, target in zip(texts, targets, strict=True)]


def is_source(marked: Marked, target: Mark) -> bool:
    """ "Make a summary of a.md": the path behind "of" is read, not written."""
    return bool(re.search(r"\b(?:of|from|about|for)\s[^,]*$", marked.text[: target.start], re.IGNORECASE))


def _is_title(marked: Marked, quote: Mark) -> bool:
    """Are quoted words a title, and not what is to be written?"""
    return bool(_TITLE_BEFORE.search(marked.text[: quote.start]) or _TITLE_AFTER.match(marked.text[quote.end :]))


def title_of(marked: Marked, path: str, topic: str) -> str:
    """The title of what is written: as it was stated, else of the file's name and the topic."""
    quoted = next((one.text for one in marked.of("quote") if _is_title(marked, one)), "")
    stated = _TITLED.search(marked.masked)
    if quoted or stated is not None:
        return quoted or (marked.text[stated.start("title") : stated.end("title")] if stated else "")
    name = re.sub(r"[_\-]+", " ", path.rpartition("/")[2].rpartition(".")[0] or path).strip()
    name = name[:1].upper() + name[1:]
    if not topic or re.search("[:：]", topic):
        return name
    return f"{name}{'：' if is_chinese(topic) else ': '}{short(topic, 80)}"


def without_title(marked: Marked) -> str:
    """The masked text without the words that only give a title: they are not what the text is about."""
    words = _TITLED.sub(lambda found: "\ue000" * len(found.group()), marked.masked)
    return re.sub(
        r"(?:\b(?:with|under|and)?\s*(?:the|a|its)\s+(?:title|heading|headline|header)\b:?|标题[为是叫]?[:：]?)",
        lambda f: " " * len(f.group()),
        words,
    )
