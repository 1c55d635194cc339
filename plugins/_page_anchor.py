"""A place in HTML that a fragment of an address names: an element, and the text with which it begins."""

from __future__ import annotations

__all__ = ["signed"]

_SIGNED = 5  # pieces of text: what finds the main text may leave out the first ones
_SIGNS = "⸎⸖⸜ꙮ⟁⧛"
_NAMED = "//*[@id=$place] | //a[@name=$place]"
_TEXTS = (
    "(descendant::text() | following::text())[normalize-space()]"
    "[not(ancestor::script or ancestor::style or ancestor::noscript or ancestor::template)][position() <= $most]"
)


def signed(html: str, place: str) -> tuple[str, str]:
    """The page with a sign before the text of the element of this id, and before the few pieces of text that follow;
    and that sign, a letter that stands nowhere else in it. The page as it was and "" where it has no such element."""
    from lxml import etree  # type: ignore[import-untyped]  # it ships no types

    sign = next((one for one in _SIGNS if one not in html), "")
    root = etree.fromstring(html.encode("utf-8", "replace"), etree.HTMLParser(huge_tree=True, encoding="utf-8"))
    found = root.xpath(_NAMED, place=place) if root is not None and sign else []
    if not found:
        return html, ""
    for text in found[0].xpath(_TEXTS, most=_SIGNED):
        holder, blank = text.getparent(), len(text) - len(text.lstrip())
        said = f"{text[:blank]}{sign}{text[blank:]}"
        if text.is_tail:
            holder.tail = said
        else:
            holder.text = said
    return etree.tostring(root, encoding="unicode", method="html"), sign
