"""The very words that are to be written, to which file, under which title."""

from __future__ import annotations

import re

from agent.model.offline.composable import COMPOSABLE_ENGLISH
from agent.model.offline.marks import BLANK, Mark, Marked
from agent.model.offline.targets import targets_of
from agent.model.offline.wording import short
from agent.model.offline.words import is_chinese

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
    r"(?:内容\s*(?:为|是|如下|[:：])|写[着上])[:：]?\s*",
    re.IGNORECASE,
)
_BESIDE_WORDS = re.compile(
    r"\b(?:followed by|together with|along with|plus|based on|according to)\b|以及|加上|连同", re.IGNORECASE
)


def is_only_a_part(marked: Marked, target: Mark | None) -> bool:
    """Are literal words only one part of what is to be written, and something out of documents the other?"""
    others = [one for one in marked.places if one != target and one.part == "source"]
    return bool(others) and _BESIDE_WORDS.search(marked.masked) is not None


_COMPOSED = re.compile(
    r"\s*(?:(?:a|an|the|its|their|all|some|short|brief|main|key|most|important|two|three|four|five|\d+|[\w\-]+-sentence)\s+)*"
    rf"(?:{'|'.join(sorted(COMPOSABLE_ENGLISH))})(?:e?s)?\b",
    re.IGNORECASE,
)
_NAMED_ONLY = re.compile(
    r"(?:\b(?:about|regarding|concerning|mention(?:s|ing)?|(?:brief|briefing|summary|report|overview|notes?|text)\s+on)\s+|关于|有关|围绕|提到|提及)"
    r"(?:the\s+)?(?:(?:words?|terms?|phrases?|topic|subject)\s+)?\s*$",
    re.IGNORECASE,
)
"""Words before a quote that is what a text is about, and not the text."""
_HOLDS = re.compile(r"\s*(?:里面?|中|内)(?:面)?的?(?=[\u3400-\u9fff])")
"""Words behind a quote that names a document: “会议记录”里的决定."""


def literal_of(marked: Marked, target: Mark | None) -> str | None:
    """The very words that are to be written, or None."""
    quotes = _literal_quotes(marked)
    if quotes:
        return "\n".join(one.text for one in quotes)
    stated = _STATED.search(marked.masked)
    if stated is not None:
        end = target.start if target is not None and target.start > stated.end() else len(marked.text)
        text = re.sub(r"\s*(?:to|into|in|到|至)\s*$", "", marked.text[stated.end() : end]).strip()
        of_documents = any(one.start >= stated.end() for one in marked.places if one != target)
        composed = of_documents or _COMPOSED.match(text)
        if text and not composed and text.casefold() not in ("following", "the following", "以下", "如下"):
            return text
    named = re.search(
        rf"\bthe (?:words?|text|line|sentence|string|number|phrase)\s+([^\s{BLANK}][^{BLANK}]*?)\s+"
        r"(?:to|into|in|to the end of)\s*$",
        marked.masked[: target.start] if target is not None else "",
        re.IGNORECASE,
    )
    if named is not None and not re.match(r"(?:of|from|in|about|that|count)\b", named[1], re.IGNORECASE):
        return named[1]
    if re.search(r"\b(?:empty|blank) (?:\w+ )?file\b|空(?:白)?(?:文件|文档)", marked.masked, re.IGNORECASE):
        return ""
    return None


def pairs_of(marked: Marked) -> list[tuple[str, str]]:
    """Several words for several files: "a" to x and "b" to y; or the same words for each of them."""
    files = [one for one in marked.of("path") if one.part in ("target", "within")]
    targets = [one for one in files if one.part == "target"]
    quotes = _literal_quotes(marked)
    targets = files if len(files) == len(quotes) else targets
    several = len(quotes) == len(targets) or (len(quotes) == 1 and targets_of(marked) is not None)
    if len(targets) < 2 or not several:
        return []
    texts = quotes if len(quotes) > 1 else quotes * len(targets)
    return [(text.text, target.text) for text, target in zip(texts, targets, strict=True)]


def _literal_quotes(marked: Marked) -> list[Mark]:
    """Quoted words that are neither a title nor what a text is about."""
    return [
        one
        for one in marked.of("quote")
        if not (_is_title(marked, one) or _NAMED_ONLY.search(marked.text[: one.start]))
        and not _HOLDS.match(marked.text[one.end :])
    ]


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
