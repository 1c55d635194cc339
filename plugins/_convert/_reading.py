"""From a source to a document: the reader of its kind is asked, and whatever libraries raise is named at one door."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from plugins._contract import ToolError
from plugins._convert._archive import BROKEN
from plugins._convert._document import Document, Source, damaged
from plugins._convert._kind import ARTICLES, kind_of
from plugins._convert._markup import Broken
from plugins._kinds import binary_kind
from plugins._text import said

__all__ = ["READERS", "read"]

READERS: Mapping[str, tuple[str, str]] = {
    "text": ("_plain", "read_text"),
    "csv": ("_plain", "read_csv"),
    "html": ("_html", "read_html"),
    "pdf": ("_pdf", "read_pdf"),
    "docx": ("_docx", "read_docx"),
    "xlsx": ("_xlsx", "read_xlsx"),
    "pptx": ("_pptx", "read_pptx"),
    "odt": ("_odt", "read_odt"),
    "epub": ("_epub", "read_epub"),
    "eml": ("_mail", "read_mail"),
    "ipynb": ("_notebook", "read_notebook"),
    "rtf": ("_rtf", "read_rtf"),
}
"""For each kind the room and the function that reads it; only the one that is needed is imported."""
_LONGEST = 200  # characters of what a library says


def read(source: Source, kind: str) -> Document:
    """Read a source as the kind that it is; "" where that is still to be found out.

    Raises:
        ToolError: it is refused, damaged, or too much; one line, and what to do.
    """
    try:
        kind = kind or kind_of(source)
        room, function = READERS[kind]
        document = getattr(importlib.import_module(f"plugins._convert.{room}"), function)(source)
    except ToolError:
        raise
    except ModuleNotFoundError as error:
        raise ToolError(
            f"'{source.name}' is {_article(source, kind)}, and what reads it is not installed: {error.name}",
            hint="install thinkact anew, with all that it requires",
        ) from error
    except MemoryError as error:
        raise ToolError(
            f"'{source.name}' needs more memory than a conversion may have", hint="split it, or name a smaller file"
        ) from error
    except RecursionError as error:
        raise damaged(source.name, _article(source, kind), "it is nested too deeply") from error
    except (Broken, *BROKEN) as error:
        raise damaged(source.name, _article(source, kind), _short(str(error) or "its end is missing")) from error
    except KeyError as error:
        raise damaged(source.name, _article(source, kind), f"a part of it is missing ({_short(str(error))})") from error
    except Exception as error:  # a reader's library may raise anything on a file that somebody else has made
        raise damaged(source.name, _article(source, kind), _short(said(error) or type(error).__name__)) from error
    assert isinstance(document, Document)
    return document


def _article(source: Source, kind: str) -> str:
    return ARTICLES.get(kind) or binary_kind(source.content) or "a ZIP archive"


def _short(text: str) -> str:
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
