"""Models of transformers that look at pictures, loaded from folders, quietly; torch is imported in here alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from plugins._outcome import ToolError

__all__ = ["INSTALL", "Loaded", "architecture", "lacking", "load", "told_shortly"]

INSTALL = "pip install 'thinkact[images]'"
_CONFIG = "config.json"
_AGAIN = "get its files again, with weights as safetensors"
_WORDS = ("tokenizer.json", "vocab.txt", "vocab.json", "spiece.model")
"""Any of them tells a model's words. Without one transformers makes up a tokenizer that knows none."""
_MOST_MISSING = 0.1  # the share of a model's weights that its file may lack, such as those that are tied to others


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model and what prepares pictures and words for it."""

    model: Any
    processor: Any

    @property
    def device(self) -> Any:
        """Where the model computes."""
        return self.model.device


def architecture(folder: Path) -> str:
    """What kind of model a folder says it holds, such as "BlipForQuestionAnswering"; "" where it says nothing."""
    try:
        told = json.loads((folder / _CONFIG).read_bytes())
    except (OSError, ValueError, RecursionError):
        return ""
    named = told.get("architectures") if isinstance(told, dict) else None
    return str(named[0]) if isinstance(named, list) and named else ""


def lacking(packages: Sequence[str]) -> str:
    """Which of these packages are not installed, as a few words; "" where all are there."""
    missing = [one for one in packages if find_spec(one) is None]
    return f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not installed" if missing else ""


def load(folder: Path, kind: str) -> Loaded:
    """The model of a folder, as the class of this name in transformers.

    Raises:
        ToolError: it is not whole, or there is not enough memory for it.
    """
    if not any((folder / one).is_file() for one in _WORDS):
        raise ToolError(f"the model {folder} cannot be loaded: it has none of {', '.join(_WORDS)}", hint=_AGAIN)
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    import torch
    import transformers

    with told_shortly(f"the model {folder} cannot be loaded", _AGAIN):
        processor = transformers.AutoProcessor.from_pretrained(str(folder), local_files_only=True)
        model, report = getattr(transformers, kind).from_pretrained(
            str(folder), local_files_only=True, use_safetensors=True, dtype=torch.float32, output_loading_info=True
        )
        missing = len(report["missing_keys"])
        if missing > _MOST_MISSING * len(model.state_dict()):
            raise ValueError(f"{missing} of its weights are missing")  # they would be drawn by lot
    return Loaded(model.to("cuda" if torch.cuda.is_available() else "cpu").eval(), processor)


@contextmanager
def told_shortly(what: str, hint: str) -> Iterator[None]:
    """Whatever torch and transformers say of files and pictures that do not fit, as one line."""
    import torch
    from safetensors import SafetensorError

    try:
        yield
    except torch.OutOfMemoryError as error:
        raise ToolError(f"{what}: there is not enough memory", hint="name a smaller model") from error
    except (
        *(OSError, ValueError, RuntimeError, KeyError, IndexError, TypeError, AttributeError, ImportError),
        SafetensorError,
    ) as error:
        why = " ".join(str(error).split())[:200]
        raise ToolError(f"{what}: {why}", hint=hint) from error
