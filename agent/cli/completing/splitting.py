"""How a shell cuts a line into words, up to the cursor."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line up to the cursor: the whole words, unquoted, and the one that is being typed.

    `word` is what it means so far, `quote` the quotation mark that is still open in it or "". `kept` is what stands in
    `word` before the part that the shell would replace.
    """

    words: tuple[str, ...]
    word: str
    quote: str
    kept: str


def split(text: str, breaks: str) -> Line:
    """Cut a line as bash does. `breaks` are the characters at which it begins a new part of a word (COMP_WORDBREAKS);
    of these, quotes and blanks do so anyhow."""
    words: list[str] = []
    word, kept, quote, begun, escaped = "", "", "", False, False
    for one in text:
        if escaped:
            word, escaped, begun = word + one, False, True
        elif one == "\\" and quote != "'":
            escaped = True
        elif quote:
            if one == quote:
                quote = ""
            else:
                word += one
        elif one in "'\"":
            quote, begun, kept = one, True, word
        elif one in " \t\n":
            if begun:
                words.append(word)
            word, kept, begun = "", "", False
        else:
            word, begun = word + one, True
            if one in breaks and one in ":=":
                kept = word
    return Line(words=tuple(words), word=word, quote=quote, kept=kept)


def quoted(text: str, quote: str, *, begins: bool) -> str:
    """A text as bash reads it within an open quotation mark, or ("") without one; `begins`: it stands at the beginning
    of a word."""
    if quote == "'":
        return text.replace("'", "'\\''")
    if quote == '"':
        return "".join(f"\\{one}" if one in '"\\$`!' else one for one in text)
    plain = "".join(f"\\{one}" if one in _SPECIAL else one for one in text)
    return f"\\{plain}" if begins and plain[:1] in ("~", "#") else plain


_SPECIAL = frozenset(" \t\"'\\|&;()<>*?[]{}$`!")
