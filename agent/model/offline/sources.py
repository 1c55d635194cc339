"""Which documents a sub-goal speaks of: paths, wildcards, folders, "all files in docs", "it"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.globs import matches
from agent.model.offline.listing import listed
from agent.model.offline.marks import Mark, Marked
from agent.model.offline.words import in_order, words_of

MOST_FILES = 20
"""So many files of a folder are taken at most."""
_NO_TEXT = re.compile(
    r"\.(?:png|jpe?g|gif|webp|bmp|ico|svgz|tiff?|mp3|wav|flac|ogg|mp4|mkv|mov|avi|webm|zip|gz|xz|bz2|7z|rar|tar|exe|dll|so|"
    r"dylib|bin|dat|db|sqlite3?|pyc|class|jar|wasm|ttf|otf|woff2?|safetensors|pt|onnx|gguf|parquet|npy|npz)$",
    re.IGNORECASE,
)
_KINDS = {one: one for one in in_order("md txt py json csv yaml yml html rst log toml xml")} | {
    "markdown": "md",
    "text": "txt",
    "python": "py",
    "文本": "txt",
}
_FILES_WORD = r"(?:files?|documents?|docs|texts?|pages?|notes?|reports?|papers?)"
_NAME = r"(?P<folder>[\w\-.]+(?:/[\w\-.]+)*)"
_ENGLISH_FOLDERS = (
    re.compile(
        rf"\b{_FILES_WORD}\s+(?:are\s+)?(?:in|under|inside|within|from|of)\s+(?:the\s+|my\s+)?(?:folder\s+|directory\s+)?{_NAME}",
        re.I,
    ),
    re.compile(
        rf"\b(?:everything|all)\s+(?:in|under|inside|within|from)\s+(?:the\s+|my\s+)?(?:folder\s+)?{_NAME}", re.I
    ),
    re.compile(rf"(?:\b(?:the|my|folder|directory|in|of|from)\s+)?{_NAME}/?\s+(?:folder|directory)\b", re.I),
    re.compile(rf"^(?:look|search|check|go)\s+(?:in|into|inside|through)\s+(?:the\s+|my\s+)?{_NAME}\W*$", re.I),
    re.compile(rf"\b(?:folder|directory)\s+(?:called\s+|named\s+)?{_NAME}", re.I),
)
_CHINESE_FOLDERS = (
    re.compile(
        r"(?P<folder>[A-Za-z0-9_\-./]+|[^\s，。把将对从在读总取结阅列出请的]{1,40})/?\s*(?:这个)?(?:文件夹|目录)"
    ),
    re.compile(
        r"(?P<folder>[A-Za-z0-9_\-./]+)/?\s*(?:里面?|中|下面?|内)的?(?:所有|全部|每个|各个)?.{0,8}?(?:文件|文档|笔记|报告|内容)"
    ),
    re.compile(
        r"(?:^|[\s，。、])(?P<folder>[^\s，。、的\ue000]{1,20})\s+(?:里面?|中|下面?|内)的?(?:所有|全部|每个|各个)?.{0,8}?(?:文件(?!夹)|文档)"
    ),
)
_ALL = re.compile(
    r"\bthe\s+(?:available\s+)?(?:files|documents|docs|papers)\b|"
    rf"\b(?:all|every|each)\s+(?:of\s+)?(?:the\s+|my\s+|our\s+|these\s+)?(?:available\s+)?(?:[\w.]+\s+)?{_FILES_WORD}\b|\beverything\b|"
    r"\bfiles\b|\bdocuments\b|(?:文件夹|目录|工作区)(?:里面?|中|下面?|内)?的?(?:文件(?!夹)|内容|东西|文档)|(?:所有|全部|每个|各个|这些|各)的?.{0,6}?(?:文件(?!夹)|文档|笔记|资料)|(?<!夹)有哪些文件|列出文件",
    re.IGNORECASE,
)
_WORKSPACE = words_of(
    """the workspace here this my a current it into to and in of as from with then called named that which for
    工作区 当前 这个 那个 该 本 此 我的 这个文件夹 整个 is are all"""
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Documents as the sub-goal names them: a path, or (with `glob`) the files of a folder that match."""

    path: str
    glob: str | None = None


def wanted(marked: Marked, *, without: Mark | None = None) -> list[Wanted]:
    """What a sub-goal names, in order; `without` is the file that it writes to."""
    places = [one for one in marked.places if one != without and one.part != "target"]
    kind = _kind(marked.masked)
    found: list[Wanted] = []
    folders = _folders(marked)
    for one in places:
        name = one.text.replace("\\", "/")
        if one.kind == "pattern":
            found.append(_pattern(name, folders))
        elif name.endswith("/") or name.rstrip("/") in folders or _holds_files(one, marked.text, loosely=True):
            found.append(Wanted(name.rstrip("/"), f"{name.rstrip('/')}/**{kind}"))
        else:
            found.append(Wanted(name))
    if not places:
        found += [Wanted(folder, f"{folder}/**{kind}") for folder in folders]
    if not found and _ALL.search(marked.masked) and not _it_is_known(marked.masked):
        found.append(Wanted("", f"**{kind}"))
    return list(dict.fromkeys(found))


_HOLDS = re.compile(
    r"\s*(?:这个)?(?:(?:文件夹|目录)?(?:里面?|中|下面?|内)|(?:文件夹|目录)?(?=的|所有|全部))的?(?:所有|全部|每个|各个|各)?的?"
    r".{0,16}?(?:文件|文档|笔记|报告|内容|资料)"
)


def _holds_files(one: Mark, text: str, *, loosely: bool = False) -> bool:
    """Do the words behind a path without an ending speak of what is in it (资料/周报 里的文件), or with `loosely` at
    least of a folder?"""
    behind = text[one.end :]
    if "." in one.text.rpartition("/")[2]:
        return False
    return bool(_HOLDS.match(behind) or (loosely and re.match(r"\s*(?:这个)?(?:文件夹|目录)", behind)))


_FILES_IN = re.compile(
    rf"\b{_FILES_WORD}\s+(?:that are\s+)?(?:in|under|inside|within|from)\s+(?:(?:the|my|folder|directory)\s+)*$|"
    r"\b(?:everything|all)\s+(?:in|under|inside|within|from)\s+(?:(?:the|my|folder|directory)\s+)*$",
    re.IGNORECASE,
)


def speaks_of_files_in(marked: Marked) -> bool:
    """Are the files in a folder meant, and not the folder: "all .txt files in docs/old"?"""
    folders = (one for one in marked.of("path") if "." not in one.text.rpartition("/")[2])
    return any(_FILES_IN.search(marked.masked[: one.start]) or _holds_files(one, marked.text) for one in folders)


def speaks_of_a_folder(words: str) -> bool:
    """Do words speak of "the folder", whichever it is?"""
    return bool(
        re.search(r"\b(?:this|the|my) (?:folder|directory|workspace)\b|文件夹|目录|工作区", words, re.IGNORECASE)
    )


_LISTING = re.compile(
    r"^\W*(?:(?:what|which)(?:'s|\s+(?:all\s+)?(?:files|documents|folders|things))?"
    r"(?:\s+(?:is|are|do i have|do we have|have i got))?"
    r"(?:\s+there)?\s+(?:in(?:side)?|here)\b|show me what(?:'s| is) (?:in|here)|look around)[^?]{0,30}"
    r"(?:(?:this|the|my|current)\s+(?:folder|directory|workspace)|here|\ue000/?)\s*\??$|"
    r"(?:文件夹|目录|工作区|这里|\ue000)\s*(?:里面?|中|下面?|内)?(?:都|现在)?有(?:哪些|什么|些什么|多少)(?:文件|东西|内容|文档|资料)?[？?]?$",
    re.IGNORECASE,
)


def asks_for_a_listing(marked: Marked) -> bool:
    """Does a question ask what files there are, here or in a folder? What is in a file is another question."""
    files = any(one.kind == "path" and "." in one.text.rpartition("/")[2] for one in marked.places)
    return not files and _LISTING.search(marked.masked) is not None


def _it_is_known(masked: str) -> bool:
    """ "the notes", "these documents": those of before, if there were any; the caller knows."""
    return bool(re.search(r"\b(?:these|those|both) ", masked, re.IGNORECASE)) or "这些" in masked or "上述" in masked


def _pattern(name: str, folders: Sequence[str]) -> Wanted:
    if "/" not in name and len(folders) == 1:
        return Wanted(folders[0], f"{folders[0]}/{name}")
    fixed = re.split(r"[*?\[]", name, maxsplit=1)[0]
    return Wanted(fixed.rpartition("/")[0], name)


def _kind(masked: str) -> str:
    """The rest of a glob for "all markdown files": `/*.md`, else `/*`."""
    found = re.search(
        rf"\.?\b([A-Za-z]+)\s+{_FILES_WORD}\b|(?:所有|全部|的)?\s*\.?([A-Za-z]+|文本)\s*(?:文件|文档)(?!夹)", masked
    )
    word = ((found[1] or found[2]) if found else "").casefold()
    return f"/*.{_KINDS[word]}" if word in _KINDS else "/*"


def _folders(marked: Marked) -> list[str]:
    """Folders named by words: "the docs folder", "files in docs", docs 文件夹."""
    text = marked.text
    found: list[str] = []
    for pattern in (*_ENGLISH_FOLDERS, *_CHINESE_FOLDERS):
        for match in pattern.finditer(text):
            name = match["folder"].strip("./")
            inside_file = any(
                one.start <= match.start("folder") < one.end and not one.text.rstrip("/").endswith(name)
                for one in marked.marks
            )
            if name and name.casefold() not in _WORKSPACE | set(_KINDS) and "." not in name and not inside_file:
                found.append(name)
    return list(dict.fromkeys(found))


def chosen(names_text: str, one: Wanted, *, leave_out: Sequence[str]) -> tuple[list[str], list[str]]:
    """The files of a listing that are meant, and those left out because they hold no text."""
    glob = one.glob or "**"
    names: list[str] = []
    for name in listed(names_text):
        whole = name if not one.path or name.startswith(f"{one.path}/") else f"{one.path}/{name}"
        if (
            matches(whole, glob)
            and whole not in leave_out
            and not any(part.startswith(".") for part in whole.split("/"))
        ):
            names.append(whole)
    names = sorted(dict.fromkeys(names))
    return [name for name in names if not _NO_TEXT.search(name)], [name for name in names if _NO_TEXT.search(name)]
