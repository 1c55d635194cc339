"""Models by name: where they are looked for, and what is said of those that are not here, or not whole."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from plugins import Drawing, ToolError
from plugins.images import Studio
from plugins.images._families import INDEX
from plugins.images._hub import Library, is_hub_name, lacking, variant_of
from plugins.images._models import DEMO
from tests.plugins.images.shelves import cached, forget


@pytest.fixture
def library(tmp_path: Path) -> Library:
    shutil.copytree(DEMO, tmp_path / "models" / "水彩")
    cached(tmp_path / "hub", "someone/painter")
    return Library(models=tmp_path / "models", cache=tmp_path / "hub")


def test_a_model_is_found_by_its_folder_its_name_and_its_hub_name(library: Library, tmp_path: Path) -> None:
    assert library.find(str(DEMO)).folder == DEMO
    named = library.find("水彩")
    assert (named.folder, named.name) == (tmp_path / "models" / "水彩", "水彩")
    fetched = library.find("someone/painter")
    assert fetched.name == "someone/painter"
    assert lacking(fetched.folder) == []
    assert "models--someone--painter" in str(fetched.folder)


def test_a_folder_goes_before_the_folder_of_models_and_that_before_the_cache(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(DEMO, tmp_path / "models" / "someone" / "painter")
    assert library.find("someone/painter").folder == tmp_path / "models" / "someone" / "painter"
    shutil.copytree(DEMO, tmp_path / "here" / "someone" / "painter")
    monkeypatch.chdir(tmp_path / "here")
    assert library.find("someone/painter").folder == Path("someone/painter")


@pytest.mark.parametrize(
    ("name", "said", "hint"),
    [
        ("nobody/nothing", "there is no model 'nobody/nothing' here", "thinkact images models --get nobody/nothing"),
        ("油画", "there is no model '油画' here", "lists what is here"),
        ("../models/水彩", "there is no model", "lists what is here"),
        ("a\0b", "there is no model", "lists what is here"),
        ("/no/such/folder", f"/no/such/folder has no {INDEX}", "save_pretrained"),
    ],
)
def test_what_is_not_here_is_said_with_how_to_get_it(library: Library, name: str, said: str, hint: str) -> None:
    with pytest.raises(ToolError) as caught:
        library.find(name)
    assert said in caught.value.message
    assert hint in (caught.value.hint or "")


@pytest.mark.parametrize(
    "file", ["unet/diffusion_pytorch_model.safetensors", "text_encoder/model.safetensors", "vae/config.json"]
)
def test_a_model_fetched_by_halves_is_told_with_the_file_that_lacks(library: Library, file: str) -> None:
    forget(library.find("someone/painter").folder, file)
    with pytest.raises(ToolError) as caught:
        library.find("someone/painter")
    assert f"the model someone/painter is not whole: {file} is not there" in caught.value.message
    assert "--get someone/painter` goes on" in (caught.value.hint or "")


def test_a_model_that_was_only_begun_is_told_as_such(tmp_path: Path) -> None:
    blobs = tmp_path / "models--a--b" / "blobs"
    blobs.mkdir(parents=True)
    (blobs / "0f.incomplete").write_bytes(b"half")
    with pytest.raises(ToolError, match="the model a/b is only begun to be fetched"):
        Library(cache=tmp_path).find("a/b")


def test_weights_in_several_files_lack_those_that_their_index_names(tmp_path: Path) -> None:
    model = shutil.copytree(DEMO, tmp_path / "model")
    weights = model / "unet" / "diffusion_pytorch_model.safetensors"
    first = weights.rename(weights.with_name("diffusion_pytorch_model-00001-of-00002.safetensors"))
    second = first.name.replace("00001-of", "00002-of")
    index = first.with_name("diffusion_pytorch_model.safetensors.index.json")
    index.write_text(json.dumps({"weight_map": {"a": first.name, "b": second}}))
    assert lacking(model) == [f"unet/{second}"]
    index.write_text("half")
    assert lacking(model) == [f"unet/{index.name}"]


def test_weights_that_are_there_in_half_precision_alone_are_known(tmp_path: Path) -> None:
    model = shutil.copytree(DEMO, tmp_path / "model")
    assert variant_of(model) is None
    weights = model / "unet" / "diffusion_pytorch_model.safetensors"
    weights.rename(weights.with_name("diffusion_pytorch_model.fp16.safetensors"))
    assert variant_of(model) == "fp16"
    assert lacking(model) == []


def test_all_that_are_here_are_listed_once(library: Library, tmp_path: Path) -> None:
    (tmp_path / "models" / "no model").mkdir()
    (tmp_path / "models" / "水彩" / "loras").mkdir()
    (tmp_path / "models" / "水彩" / "loras" / "墨.safetensors").write_bytes(b"")
    cached(tmp_path / "hub", "someone/chat", source=DEMO / "tokenizer")  # not one of diffusers
    forget(library.find("someone/painter").folder, "vae/config.json")
    listed = list(library.listed("水彩"))
    assert [(one.model.name, one.family, one.place) for one in listed] == [
        ("demo", "StableDiffusion", "demo"),
        ("水彩", "StableDiffusion", "folder"),
        ("someone/painter", "StableDiffusion", "cache"),
    ]
    assert [list(one.lacking) for one in listed] == [[], [], ["vae/config.json"]]
    assert listed[1].model.loras() == ["墨"]
    assert {"generate", "edit", "inpaint", "lora"} <= listed[1].abilities
    assert listed[0].size > 1_000_000


def test_a_name_of_the_hub_has_an_owner_and_leads_nowhere_else() -> None:
    assert is_hub_name("owner/name-1.5")
    assert not any(map(is_hub_name, ("name", "a/b/c", "../b", "a/..", "a--b/c", "a/b c", "/b", "拥有者/模型")))


def test_a_drawing_that_names_a_model_is_not_drawn_by_another(tmp_path: Path) -> None:
    with Studio(cache=tmp_path) as studio, pytest.raises(ToolError, match="there is no model 'a/b' here"):
        studio.draw(Drawing(prompt="a red circle", model="a/b"))
    with Studio("draw") as studio:
        (drawn,) = studio.draw(Drawing(prompt="a red circle", model="a/b"))
        assert "passes over model" in drawn.notes[0]


def test_models_are_found_without_importing_what_draws(tmp_path: Path) -> None:
    cached(tmp_path, "a/b")
    code = (
        "import sys; from pathlib import Path; from plugins.images import Studio\n"
        f"studio = Studio('diffusers', model='a/b', cache=Path({str(tmp_path)!r}))\n"
        "print(*[one.model for one in studio.states() if one.name == 'diffusers'])\n"
        "print([name for name in ('torch', 'diffusers', 'huggingface_hub') if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "a/b\n[]\n"
