"""Captions and answers by a BLIP model on this machine (Li et al. 2022), with several candidates by beam search."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plugins._given_images import Answer
from plugins._outcome import ToolError
from plugins.images._backend import Backend, State
from plugins.images._local import INSTALL, Loaded, architecture, lacking, load, told_shortly
from plugins.images._models import DEMO
from plugins.images._scene_reader import read
from plugins.images._seen import in_chinese, seen

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["BlipBackend", "blip_backend", "demo_captioner"]

_CAPTIONS, _ANSWERS = "BlipForConditionalGeneration", "BlipForQuestionAnswering"
_ABILITIES = {_CAPTIONS: "caption", _ANSWERS: "ask"}
_PACKAGES = ("torch", "transformers")
_BEAMS = 4  # at least, so that one answer is a good one
_LONGEST = {"caption": 40, "ask": 20}  # tokens of an answer
_CAPTIONER = "captioner"
_SETTING = "name the folder of a BLIP model in THINKACT_IMAGE_CAPTION_MODEL"
_WORLD = "it knows one coloured shape on an even background, as the demo draws them"


class BlipBackend(Backend):
    """Looks at pictures with the models of a folder: itself one, or with several in it. Each is loaded when it is first
    asked, and kept.

    Args:
        name: How it is called.
        folder: None where none is named.
        model: What people call the model.
        scenes: It knows the demo's world only, and is asked of nothing else.
    """

    def __init__(self, name: str, folder: Path | None, *, model: str = "", scenes: bool = False) -> None:
        self._name, self._folder, self._model, self._scenes = name, folder, model, scenes
        self._lock = threading.Lock()
        self._loaded: dict[Path, Loaded] = {}

    @property
    def state(self) -> State:
        """See `Backend`."""
        failed = partial(State, name=self._name, works=False)
        if self._folder is None:
            return failed(why="no model is named", hint=_SETTING)
        models = self._models()
        if not models:
            why = f"{self._folder} holds no BLIP model: no config.json there names {_CAPTIONS} or {_ANSWERS}"
            return failed(why=why, hint=_SETTING)
        if missing := lacking(_PACKAGES):
            return failed(why=missing, hint=INSTALL)
        why = f"a small caption model of thinkact's own: {_WORLD}" if self._scenes else "a BLIP model of this machine"
        return State(name=self._name, works=True, why=why, abilities=frozenset(models), model=self._model)

    def look(self, image: bytes, question: str, candidates: int) -> Sequence[Answer]:
        """See `Backend`. A score is the mean probability (geometric) of an answer's tokens."""
        picture = seen(image)
        ability = "ask" if question else "caption"
        folder = self._models()[ability]
        if self._scenes:
            _judge_scene(picture, self._name)
        with self._lock:
            loaded = self._opened(folder, ability)
            with told_shortly(f"the model {folder} cannot look at this picture", "is it a whole BLIP model?"):
                found = _asked(loaded, picture, question, candidates)
            notes = _unread(loaded, question)
        by = f"{self._name} ({self._model})" if self._model else self._name
        return [Answer(text=text, by=by, score=round(score, 4), notes=notes) for text, score in found.items()]

    def close(self) -> None:
        """Let go of the models."""
        self._loaded.clear()

    def _models(self) -> Mapping[str, Path]:
        """Which model of the folder does what."""
        if self._folder is None:
            return {}
        folders = [self._folder, *sorted(one.parent for one in self._folder.glob("*/config.json"))]
        found: dict[str, Path] = {}
        for one in folders:
            if ability := _ABILITIES.get(architecture(one)):
                found.setdefault(ability, one)
        return found

    def _opened(self, folder: Path, ability: str) -> Loaded:
        if folder not in self._loaded:
            self._loaded[folder] = load(folder, _CAPTIONS if ability == "caption" else _ANSWERS)
        return self._loaded[folder]


def _judge_scene(picture: Image, name: str) -> None:
    """Refuse what the demo's captioner never saw: it would tell of a shape all the same."""
    reading = read(picture)
    if reading is None or not reading.clean:
        raise ToolError(f"{name} cannot tell what the picture shows: {_WORLD}", hint=_SETTING, kind="not-here")


def _asked(loaded: Loaded, picture: Image, question: str, candidates: int) -> Mapping[str, float]:
    """The answers with their scores, the likeliest first, each once."""
    import torch

    longest = loaded.model.config.text_config.max_position_embeddings
    words: dict[str, Any] = {"text": question, "truncation": True, "max_length": longest} if question else {}
    given = loaded.processor(images=picture, return_tensors="pt", **words).to(loaded.device)
    with torch.inference_mode():
        made = loaded.model.generate(
            **given,
            num_beams=max(candidates, _BEAMS),
            num_return_sequences=candidates,
            max_new_tokens=min(_LONGEST["ask" if question else "caption"], longest - 2),
            do_sample=False,
            output_scores=True,
            return_dict_in_generate=True,
        )
    texts = loaded.processor.batch_decode(made.sequences, skip_special_tokens=True)
    scores = made.sequences_scores.exp().clamp(0, 1).tolist()
    found: dict[str, float] = {}
    for text, score in sorted(zip(texts, scores, strict=True), key=lambda one: -one[1]):
        found.setdefault(" ".join(text.split()), score)
    return {text: score for text, score in found.items() if text} or {"(it says nothing)": 0.0}


def _unread(loaded: Loaded, question: str) -> Sequence[str]:
    """What of a question the model has no word for."""
    tokenizer = loaded.processor.tokenizer
    ids = tokenizer(question, add_special_tokens=False, verbose=False).input_ids if question else []
    strange = sum(one == tokenizer.unk_token_id for one in ids)
    if not strange:
        return ()
    also = ": it may know English only" if in_chinese(question) else ""
    return (f"the model has no word for {strange} of the {len(ids)} parts of the question{also}",)


def blip_backend(folder: Path | None, extras: Path | None) -> BlipBackend:
    """The user's own: the folder that is named, or the one that lies beside the model that draws."""
    beside = None if extras is None else extras / _CAPTIONER
    if folder is None and beside is not None and beside.is_dir():
        folder = beside
    return BlipBackend("blip", folder, model="" if folder is None else folder.name)


def demo_captioner() -> BlipBackend | None:
    """The demo's, where it lies beside the demo's model."""
    folder = DEMO / _CAPTIONER
    return BlipBackend(_CAPTIONER, folder, model="demo", scenes=True) if folder.is_dir() else None
