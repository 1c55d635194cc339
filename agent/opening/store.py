"""The long-term memory that the settings mean: its file, its embedder, and where its vector index lies."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import urlsplit

from agent.errors import SettingsError
from agent.opening.project import default_namespace
from agent.setting_table import is_loopback
from agent.settings import Settings

if TYPE_CHECKING:
    from memory.recall import EmbeddingEndpoint, Recall

OPENAI = "https://api.openai.com/v1"


Held: TypeAlias = Literal["notes", "documents"]
"""What a file of the long-term memory holds: what the agent and its user noted, or the user's knowledge bases."""


def file_of(holds: Held, settings: Settings) -> Path:
    """Where these are kept, of all namespaces. The file need not be there."""
    return settings.memory_folder / f"{holds}.db"


def open_store(
    holds: Held,
    settings: Settings,
    namespace: str | None = None,
    *,
    tell: Callable[[str], None] | None = None,
    upkeep: bool = True,
    busy_seconds: float = 15.0,
) -> Recall:
    """The notes, or the documents, of a namespace; where none is named, those that the settings name, else the
    project's. Nothing is made before something is added.

    Args:
        tell: Says a line to the person: why there are no vectors.
        upkeep: False, for whoever only looks: nothing is made beside what is asked for.
        busy_seconds: How long to wait for another process's write.

    Raises:
        SettingsError: the endpoint for vectors is asked for, and not set up.
        RecallError: the file cannot be opened as it is wanted.
    """
    from memory.recall import NOTES, PASSAGES, Recall

    endpoint = embedding_endpoint(settings)
    if settings.embedder == "endpoint" and endpoint is None:
        hint = "name a model that makes embeddings in THINKACT_EMBEDDING_MODEL, in the environment or in config.toml"
        raise SettingsError(f"THINKACT_EMBEDDER is endpoint, but {why_no_endpoint(settings)}", hint=hint)
    return Recall(
        file_of(holds, settings),
        namespace or default_namespace(settings, Path.cwd()),
        settings.embedder,
        endpoint=endpoint,
        chroma=settings.chroma,
        tell=tell,
        rules=NOTES if holds == "notes" else PASSAGES,
        busy_seconds=busy_seconds,
        upkeep=upkeep,
    )


notes_file = partial(file_of, "notes")
open_notes = partial(open_store, "notes")
documents_file = partial(file_of, "documents")
open_documents = partial(open_store, "documents")


def embedding_endpoint(settings: Settings) -> EmbeddingEndpoint | None:
    """Where vectors are asked for; None where no endpoint is set up for them.

    It is set up by the name of its model. Its address is that of the chat model where no other is stated, but not one
    from a `.env`, unless it leads to this machine: the texts of all notes go there. The key of the chat model goes to
    no other origin than the chat model's.
    """
    if why_no_endpoint(settings) is not None:
        return None
    from memory.recall import EmbeddingEndpoint

    chat = settings.base_url or OPENAI
    url = settings.embedding_base_url or chat
    key = settings.embedding_api_key or (settings.api_key if _origin(url) == _origin(chat) else None)
    proxy = settings.https_proxy or settings.all_proxy
    return EmbeddingEndpoint(model=settings.embedding_model or "", url=url, key=key, proxy=proxy)


def why_no_endpoint(settings: Settings) -> str | None:
    """Why vectors are asked for at no endpoint; None where they are."""
    if settings.embedding_model is None:
        return "THINKACT_EMBEDDING_MODEL is not set"
    of_stranger = settings.origin("OPENAI_BASE_URL") == ".env" and not is_loopback(settings.base_url or "")
    if settings.embedding_base_url is None and of_stranger:
        return "OPENAI_BASE_URL comes from .env, and notes are not sent there: set THINKACT_EMBEDDING_BASE_URL"
    return None


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").rstrip("."), parts.port or (443 if parts.scheme == "https" else 80)
