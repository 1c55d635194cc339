"""Where a passage stands, in the language of the question: `lines 3-12` is 第 3-12 行 to who asks in Chinese."""

from __future__ import annotations

import re

_CHINESE = {
    "line": "行",
    "row": "行",
    "paragraph": "段",
    "page": "页",
    "slide": "张幻灯片",
    "chapter": "章",
    "cell": "个单元格",
}
_COUNTED = re.compile(rf"({'|'.join(_CHINESE)})s? (\d+(?:-\d+)?)")
_SHEET = re.compile(r'sheet "(.*)"(?:, (.+))?', re.DOTALL)  # whoever made it names it: its words stay


def placed(place: str, *, chinese: bool) -> str:
    """A place as passages have it; what is no known one stays as it is."""
    if not chinese:
        return place
    sheet = _SHEET.fullmatch(place)
    if sheet is None:
        return _counted(place)
    return f"工作表“{sheet[1]}”{f'，{_counted(sheet[2])}' if sheet[2] else ''}"


def _counted(place: str) -> str:
    found = _COUNTED.fullmatch(place)
    return place if found is None else f"第 {found[2]} {_CHINESE[found[1]]}"
