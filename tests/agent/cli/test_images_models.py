"""`thinkact images models`: what is here is listed, and a model is fetched from a hub where a person said so."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from plugins import ToolError
from plugins.images._fetching import needed
from plugins.images._hub import lacking
from plugins.images._models import DEMO
from tests.place import Ended, Place, no_traceback
from tests.plugins.images.shelves import COMMIT, cached, forget

needs_hub = pytest.mark.skipif(find_spec("huggingface_hub") is None, reason="needs pip install 'thinkact[images]'")
NAME = "someone/painter"
UNET = "unet/diffusion_pytorch_model.safetensors"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def models(place: Place, *words: str, code: int = 0, **settings: str) -> Ended:
    home: dict[str, str] = {"HF_HOME": str(place.folder / "hf"), "HF_HUB_CACHE": "", "HF_HUB_DISABLE_TELEMETRY": "1"}
    ended = place.thinkact("images", "models", *words, timeout=60, **(home | settings))
    no_traceback(ended)
    assert ended.returncode == code, ended.stderr
    return ended


class Hub(ThreadingHTTPServer):
    """A stand-in for the hub: the part of its API that a model is fetched by. `ill` is what it does wrong."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.folder = folder
        self.ill = ""
        self.asked: list[tuple[str, str | None]] = []
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def card(self) -> dict[str, object]:
        files = sorted(one for one in self.folder.rglob("*") if one.is_file())
        siblings = []
        for file in files:
            content = file.read_bytes()
            one: dict[str, object] = {"rfilename": file.relative_to(self.folder).as_posix(), "size": len(content)}
            one["blobId"] = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
            if file.suffix == ".safetensors":
                digest = hashlib.sha256(b"" if self.ill == "hash" else content).hexdigest()
                digest = "../../../witness" if self.ill == "path" else digest
                one["lfs"] = {"size": len(content), "sha256": digest, "pointerSize": 1}
            siblings.append(one)
        return {"id": NAME, "sha": COMMIT, "siblings": siblings, "cardData": {"license": "openrail"}}


class _Answers(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.server.asked.append((path, self.headers["range"]))
        if self.server.ill == "silent":
            self.server.released.wait(20)
        elif path == f"/api/models/{NAME}" and self.server.ill != "error":
            self.send(json.dumps(self.server.card()).encode(), "application/json")
        elif path.startswith(f"/{NAME}/resolve/{COMMIT}/"):
            self.send_file(self.server.folder / path.partition(f"{COMMIT}/")[2])
        elif self.server.ill == "error":
            self.send(b"{}", "application/json", status=418)
        else:
            self.send(b"{}", "application/json", status=404, error="RepoNotFound")

    def send_file(self, file: Path) -> None:
        content, first = file.read_bytes(), 0
        if self.headers["range"]:
            first = int(self.headers["range"].removeprefix("bytes=").rstrip("-"))
        if self.server.ill == "break" and file.name == Path(UNET).name:
            self.send_response(206 if first else 200)
            self.send_header("content-length", str(len(content) - first))
            self.end_headers()
            self.wfile.write(content[first : first + 700_000] if not first else b"")
            self.close_connection = True
            return
        self.send(content[first:], "application/octet-stream", status=206 if first else 200)

    def send(self, content: bytes, kind: str, *, status: int = 200, error: str = "") -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(content)))
        if error:
            self.send_header("x-error-code", error)
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with serving(shutil.copytree(DEMO, tmp_path / "served")) as made:
        yield made


@contextmanager
def serving(folder: Path) -> Iterator[Hub]:
    with Hub(folder) as hub:
        thread = threading.Thread(target=hub.serve_forever, daemon=True)
        thread.start()
        yield hub
        hub.released.set()
        hub.shutdown()
        thread.join()


def test_all_that_are_here_are_listed_with_what_they_can_do(place: Place) -> None:
    shutil.copytree(DEMO, place.folder / "mine" / "水彩")
    forget(cached(place.folder / "hf" / "hub", NAME), UNET)
    shelf = str(place.folder / "mine")
    told = json.loads(models(place, "--json", THINKACT_IMAGE_MODELS=shelf, THINKACT_IMAGE_MODEL="水彩").stdout)
    assert [(one["name"], one["place"], one["in_use"]) for one in told["models"]] == [
        ("demo", "demo", False),
        ("水彩", "folder", True),
        (NAME, "cache", False),
    ]
    assert told["models"][1]["family"] == "StableDiffusion"
    assert "inpaint" in told["models"][1]["abilities"]
    assert told["models"][2]["lacking"] == [UNET]
    shown = models(place, THINKACT_IMAGE_MODELS=shelf, THINKACT_IMAGE_MODEL="水彩").stdout
    assert "drawn with: 水彩" in shown
    assert f"{NAME}: not there: {UNET}" in shown


def test_a_model_that_is_set_and_not_here_is_said(place: Place) -> None:
    ended = models(place, THINKACT_IMAGE_MODEL="nobody/nothing")
    assert "there is no model 'nobody/nothing' here" in ended.stderr
    assert "drawn with: demo" in ended.stdout


def test_of_a_repository_only_what_is_drawn_with_is_needed() -> None:
    index = {"unet": ["diffusers", "UNet"], "vae": ["diffusers", "VAE"], "safety_checker": [None, None]}
    stem = "diffusion_pytorch_model"
    names = [
        *("model_index.json", "README.md", "huge.ckpt", "huge.safetensors", "unet/config.json", f"unet/{stem}.bin"),
        *(f"unet/{stem}.safetensors", f"unet/{stem}.fp16.safetensors", f"unet/{stem}.non_ema.safetensors"),
        *("vae/config.json", f"vae/{stem}.safetensors", "vae/flax_model.msgpack", "safety_checker/model.safetensors"),
    ]
    assert needed(names, index) == [
        *("model_index.json", "README.md", f"unet/{stem}.fp16.safetensors", "unet/config.json"),
        *(f"vae/{stem}.safetensors", "vae/config.json"),
    ]
    with pytest.raises(ToolError, match="its unet has no weights as safetensors"):
        needed([name for name in names if not (name.startswith("unet") and "safetensors" in name)], index)


@needs_hub
def test_a_model_is_fetched_and_is_then_here(place: Place, hub: Hub) -> None:
    (hub.folder / "huge.ckpt").write_bytes(b"x" * 5_000_000)
    ended = models(place, "--get", NAME, "--yes", HF_ENDPOINT=hub.url)
    assert "licence: openrail" in ended.stderr
    assert "100 %" in ended.stderr
    snapshot = place.folder / "hf" / "hub" / "models--someone--painter" / "snapshots" / COMMIT
    assert lacking(snapshot) == []
    assert (snapshot / UNET).read_bytes() == (DEMO / UNET).read_bytes()
    assert not any("huge" in path for path, _ in hub.asked)
    listed = json.loads(models(place, "--json", THINKACT_IMAGE_MODEL=NAME).stdout)["models"]
    assert [(one["name"], one["in_use"]) for one in listed] == [("demo", False), (NAME, True)]
    before = len(hub.asked)
    assert "0 B of 6." in models(place, "--get", NAME, HF_ENDPOINT=hub.url).stderr  # all is here, so nobody is asked
    assert len(hub.asked) == before + 2


@needs_hub
def test_a_fetch_that_was_broken_off_goes_on_where_it_ended(place: Place, hub: Hub) -> None:
    hub.ill = "break"
    ended = models(place, "--get", NAME, "--yes", code=2, HF_ENDPOINT=hub.url)
    assert "broke off" in ended.stderr
    assert f"not there: {UNET}" in models(place).stdout
    hub.ill = ""
    hub.asked.clear()
    assert "are still to come" in models(place, "--get", NAME, "--yes", HF_ENDPOINT=hub.url).stderr
    (again,) = [ranged for path, ranged in hub.asked if path.endswith(UNET)]
    assert again is not None
    assert 250_000 < int(again.removeprefix("bytes=").rstrip("-")) <= 700_000
    assert "not there" not in models(place).stdout


@needs_hub
def test_nothing_is_fetched_that_nobody_agreed_to(place: Place, hub: Hub) -> None:
    ended = models(place, "--get", NAME, code=2, HF_ENDPOINT=hub.url)
    assert "--yes agrees to it" in ended.stderr
    assert not any(path.endswith(".safetensors") for path, _ in hub.asked)


@needs_hub
@pytest.mark.parametrize(
    ("ill", "name", "said"),
    [
        ("silent", NAME, "has said nothing for 1 s"),
        ("hash", NAME, "is not what the hub has, by its hash"),
        ("path", NAME, "tells no hash of a file"),
        ("error", NAME, "answered 418"),
        ("", "someone/else", "has no model someone/else"),
        ("", "no name", "is no name of the hub"),
    ],
)
def test_what_cannot_be_fetched_is_said_in_one_line_and_soon(
    place: Place, hub: Hub, ill: str, name: str, said: str
) -> None:
    hub.ill = ill
    ended = models(place, "--get", name, "--yes", code=2, HF_ENDPOINT=hub.url, HF_HUB_DOWNLOAD_TIMEOUT="1")
    assert said in ended.stderr


@needs_hub
def test_a_hub_that_is_not_there_is_told_at_once(place: Place) -> None:
    ended = models(place, "--get", NAME, code=2, HF_ENDPOINT="http://127.0.0.1:9")
    assert "the hub at http://127.0.0.1:9 cannot be reached" in ended.stderr


@needs_hub
def test_what_is_no_model_of_diffusers_is_not_fetched(place: Place, hub: Hub) -> None:
    (hub.folder / "model_index.json").unlink()
    ended = models(place, "--get", NAME, "--yes", code=2, HF_ENDPOINT=hub.url)
    assert "is no model of diffusers" in ended.stderr
