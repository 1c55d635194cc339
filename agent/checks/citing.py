"""The check of citations: what a text cites was opened in this run, and what it quotes stands there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from agent.answering.citations import plain, stands_in_plain
from agent.checks.scene import Scene, Verdict
from agent.goal import CitationsCheck
from agent.history import page_key
from agent.spending import counted

_CODE = re.compile(r"^ {0,3}(```|~~~).*?(?:^ {0,3}\1[^\n]*$|\Z)|`[^`\n]+`", re.MULTILINE | re.DOTALL)
_ADDRESS = re.compile(r"https?://[^\s<>\"“”„«»「」『』《》【】，。；：、！？（）|`\\]+", re.IGNORECASE)
_LINK = re.compile(r"!?\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\((?:[^()\s]|\([^()\s]*\))*(?:\s+\"[^\"]*\")?\)")
_LINKS = re.compile(r"[(（]\s*(?:!?\[(?:[^\[\]]|\[[^\[\]]*\])*\]\((?:[^()\s]|\([^()\s]*\))*\)[\s;,；，、]*)+[)）]")
_BEGINS = re.compile(r"\s*(?:[-*+•]\s|\d{1,3}[.)、]\s?|#{1,6}\s|\||\[\^?\w{1,20}\]:?\s)")
_SOURCE = re.compile(r"\s*(?:[-*+•]\s+)?(?:[\[【]\^?(?P<mark>\w{1,20})[\]】]:?|(?P<number>\d{1,3})[.)、])\s*(?=\S)")
_MARK = re.compile(
    r"[\[【]\^?(?P<marks>\d{1,3}(?:\s*[-–,，、;；]\s*\^?\d{1,3})*)[\]】](?![(:])|\[\^(?P<name>\w{1,20})\](?!:)"
)
_RANGE = re.compile(r"(\d+)(?:\s*[-–]\s*(\d+))?")
_QUOTE = re.compile(r"[“„]([^“”„]+)[”“]|\"([^\"]+)\"|«([^«»]+)»|「([^「」]+)」|『([^『』]+)』|＂([^＂]+)＂")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<>")
_AT_END = ".,;:!?'*_~"
_LEAST = 12
"""Letters and digits of a quotation, of which one of a script without spaces counts as three: what is shorter is a name
or a word in quotation marks."""
_TOLD = 3  # faults that are told
_SHOWN = 120  # characters of a quotation in what is told


@dataclass(slots=True)
class _Block:
    """A paragraph, an entry of a list or a row of a table: the pages that it cites, and what it quotes. `is_entry`: it
    begins as an entry of a list of sources does; `is_source`: marks lead to it, so a title there is no quotation."""

    text: str
    cited: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    is_source: bool = False
    is_entry: bool = False

    @property
    def said(self) -> str:
        """Its own words, without the citations in it."""
        bare = _TAG.sub("", _MARK.sub("", _ADDRESS.sub("", _unlinked(_LINKS.sub("", self.text)))))
        return re.sub(r"[(（]\s*[)）]|^\s*(?:[-*+•]|\d{1,3}[.)、]|#{1,6})\s+", "", bare).strip()

    def quotes(self) -> list[str]:
        """What stands in quotation marks; else, where all of it is quoted, all of it."""
        marked = [next(filter(None, one.groups())) for one in _QUOTE.finditer(self.said)]
        lines = self.said.splitlines()
        if not marked and lines and any(line.lstrip().startswith(">") for line in lines):
            quoted = (line.lstrip()[1:].strip() for line in lines if line.lstrip().startswith(">"))
            marked = ["\n".join(line for line in quoted if not line.startswith(("—", "–", "-- ")))]
        return [one for one in marked if _is_telling(one)]


def judge_citations(check: CitationsCheck, scene: Scene) -> Verdict:
    """Hold the citations of a file against the pages that the run has opened."""
    blocks, sources = _read(_CODE.sub(" ", scene.text(check.citations)))
    faults: list[str] = []
    for block in blocks:
        for mark in block.marks:
            if mark in sources:
                block.cited += sources[mark]
            else:
                faults.append(f"[{mark}] leads to no address in {check.citations}")
    cited = list(dict.fromkeys(address for block in blocks for address in block.cited))
    faults += [f"{address} was not opened in this run" for address in cited if page_key(address) not in scene.pages]
    stated = set[str]()

    @cache
    def of_page(address: str) -> list[str]:
        return [plain(_unlinked(text)) for text in scene.page_texts(page_key(address))]

    for block in (one for one in blocks if not one.is_source):
        said, wrong = _weigh(block, cited, of_page)
        if not block.is_entry:
            stated |= said
        faults += wrong
    pages = len({page_key(address) for address in cited})
    if pages < check.min_count:
        faults.append(f"{counted(pages, 'page')} cited, wanted are {check.min_count}")
    if len(stated) < check.min_quotes:
        faults.append(f"{counted(len(stated), 'statement')} in the words of the pages, wanted are {check.min_quotes}")
    if faults:
        more = f"; and {len(faults) - _TOLD} more" if len(faults) > _TOLD else ""
        return False, f"{'; '.join(list(dict.fromkeys(faults))[:_TOLD])}{more}"
    return True, f"{counted(pages, 'page')} cited, all opened; {counted(len(stated), 'quotation')} found on them"


def _weigh(block: _Block, cited: Sequence[str], of_page: Callable[[str], list[str]]) -> tuple[set[str], list[str]]:
    """The statements of a block in the words of the pages that it cites, plain, so that the same one counts once; and
    which quotations are not. Where it cites none, any page that the file cites will do."""
    texts = [text for address in block.cited or cited for text in of_page(address)]
    quotes = block.quotes()
    wrong = [one for one in quotes if not any(stands_in_plain(one, text) for text in texts)]
    where = f"on {' or '.join(dict.fromkeys(block.cited))}" if block.cited else "on any page that is cited"
    faults = [f"“{' '.join(one.split())[:_SHOWN]}” does not stand {where}" for one in wrong]
    if quotes or not block.cited:
        return {plain(one) for one in quotes if one not in wrong}, faults
    own = (one for one in (block.said, *_SENTENCE.split(block.said)) if _is_telling(one))
    found = next((one for one in own if any(stands_in_plain(one, text) for text in texts)), None)
    return set() if found is None else {plain(found)}, []


def _read(text: str) -> tuple[list[_Block], dict[str, list[str]]]:
    """The blocks of a text, and the addresses that its marks such as [1] stand for. In an entry of a list of sources,
    to which marks lead, a title in quotation marks is no quotation."""
    blocks = [_Block(one, _addresses(one)) for one in _blocks(text)]
    sources: dict[str, list[str]] = {}
    entries: dict[str, _Block] = {}
    for block in blocks:
        found = _SOURCE.match(block.text) if block.cited else None
        mark = (found["mark"] or found["number"]) if found is not None else ""
        if mark:  # of several the last: a list of sources stands at the end
            sources[mark], entries[mark] = block.cited, block
        rest = block.text[found.end() :] if found is not None and found["mark"] else block.text
        block.marks = list(dict.fromkeys(_marks(_LINK.sub(" ", rest))))
        block.is_entry = found is not None and bool(found["mark"])
    for mark in {mark for block in blocks for mark in block.marks} & entries.keys():
        entries[mark].is_source = True
    return blocks, sources


def _blocks(text: str) -> Iterator[str]:
    held: list[str] = []
    for line in text.splitlines():
        if held and (not line.strip() or _BEGINS.match(line)):
            yield "\n".join(held)
            held = []
        if line.strip():
            held.append(line)
    if held:
        yield "\n".join(held)


def _addresses(text: str) -> list[str]:
    return list(dict.fromkeys(_whole(one[0]) for one in _ADDRESS.finditer(text)))


def _whole(address: str) -> str:
    """An address without what stands behind it: the bracket around it, the end of the sentence."""
    depth = 0
    for at, sign in enumerate(address):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth < 0 or sign == "]":
            address = address[:at]
            break
    return address.rstrip(_AT_END)


def _marks(text: str) -> Iterator[str]:
    for found in _MARK.finditer(text):
        if found["name"]:
            yield found["name"]
        for one in _RANGE.finditer(found["marks"] or ""):
            first, last = int(one[1]), int(one[2] or one[1])
            yield from (str(number) for number in range(first, min(last, first + 20) + 1))


def _unlinked(text: str) -> str:
    """A text with the words of its links alone."""
    return re.sub(r"\\([\\`*_\[\]()#.!<>|-])", r"\1", _LINK.sub(r"\1", text))


def _is_telling(quote: str) -> bool:
    return sum(1 if one < "\u0e00" else 3 for one in quote if one.isalnum()) >= _LEAST
