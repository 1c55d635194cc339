"""Lines of a server as messages of the protocol. An answer that is none of them becomes a failure of what was asked, so
that nobody waits for what has come already."""

from __future__ import annotations

import json
import re
from typing import Any

from plugins._text import mend

__all__ = ["UNREADABLE", "message_of"]

UNREADABLE = -32_099
"""The code, of those that the protocol leaves to us, of an answer that cannot be read."""

_NUMBER = re.compile(rb'"id"\s*:\s*(\d{1,18}|"[^"\\]{1,200}")')
_LOOKED_AT = 4_096  # bytes in which the number of an answer is looked for


def message_of(line: bytes) -> Any:
    """The message in a line; None where it is no word of the protocol."""
    from mcp import types

    adapter = types.jsonrpc_message_adapter
    try:
        return adapter.validate_json(line, by_name=False)
    except ValueError:
        pass
    try:  # what is no UTF-8, and halves of characters, can be told all the same
        body: Any = _mended(json.loads(line.decode("utf-8", "replace")))
        return adapter.validate_python(body, by_name=False)
    except (ValueError, RecursionError):
        return _failure(line)


def _failure(line: bytes) -> Any:
    """An answer, that it is, has the protocol's name and the number of what was asked."""
    from mcp import types

    head = line[:_LOOKED_AT]
    found = _NUMBER.search(head)
    if not line.startswith(b"{") or b'"jsonrpc"' not in head or b'"method"' in head or found is None:
        return None
    error = types.ErrorData(code=UNREADABLE, message="its answer is not what the protocol says")
    return types.JSONRPCError(jsonrpc="2.0", id=json.loads(found[1]), error=error)


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return mend(value)
    if isinstance(value, dict):
        return {mend(name): _mended(one) for name, one in value.items()}
    return [_mended(one) for one in value] if isinstance(value, list) else value
