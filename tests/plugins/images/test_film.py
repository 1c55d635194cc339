"""Films: no frame is dropped, memory does not grow with their length, and nothing is left half-written."""

from __future__ import annotations

import io
import resource
import subprocess
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest
from PIL import Image

from plugins import ToolError
from plugins.images import Recipe, open_picture, read_told
from plugins.images._film import FILM_TYPES, Film, judge_film
from plugins.images._film_mp4 import Mp4
from plugins.images._scenes import Scene, render

RECIPE = Recipe(tool="animate_images", backend="demo", prompt="一个红色圆形; a = #1\\n", seed=7, width=64, height=64)
HAS_FFMPEG = find_spec("imageio_ffmpeg") is not None
FORMS = [
    pytest.param(one, marks=pytest.mark.skipif(one == "mp4" and not HAS_FFMPEG, reason="needs imageio-ffmpeg"))
    for one in FILM_TYPES
]
COLOURS = ("red", "green", "blue", "yellow", "purple")


def shade(number: int) -> Image.Image:
    return render(Scene("circle", COLOURS[number % len(COLOURS)], "white"), 64)


def made(file: Path, count: int, *, fps: float = 8, size: tuple[int, int] = (64, 64), alike: bool = False) -> Path:
    with Film(file, size=size, fps=fps, recipe=RECIPE, alike=alike) as film:
        for number in range(count):
            film.add(shade(number).resize(size))
        film.finish()
    return file


def frames(file: Path) -> list[Image.Image]:
    if file.suffix == ".mp4":
        raw = subprocess.run(
            [Mp4.program(), "-loglevel", "error", "-i", file, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
            capture_output=True,
            check=True,
        ).stdout
        length = 64 * 64 * 3
        return [Image.frombytes("RGB", (64, 64), raw[at : at + length]) for at in range(0, len(raw), length)]
    found = []
    with Image.open(file) as opened:
        for number in range(getattr(opened, "n_frames", 1)):
            opened.seek(number)
            found.append(opened.convert("RGB"))
    return found


def near(one: Image.Image, other: Image.Image) -> bool:
    middles = [image.getpixel((32, 32)) for image in (one, other)]
    return all(abs(a - b) < 40 for a, b in zip(*middles, strict=True))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("count", [1, 7])
def test_every_frame_comes_back_in_its_order(form: str, count: int, tmp_path: Path) -> None:
    file = made(tmp_path / f"电影.{form}", count)
    shown = frames(file)
    assert len(shown) == count
    assert all(near(image, shade(number)) for number, image in enumerate(shown))
    assert [one.name for one in tmp_path.iterdir()] == [file.name]


@pytest.mark.parametrize("form", ["gif", "webp"])
def test_frames_that_are_alike_are_kept_and_last_as_long_as_they_should(form: str, tmp_path: Path) -> None:
    file = tmp_path / f"a.{form}"
    with Film(file, size=(64, 64), fps=15, recipe=RECIPE) as film:
        for _ in range(30):
            film.add(shade(0))
        film.finish()
    lengths = []
    with Image.open(file) as opened:
        assert getattr(opened, "n_frames", 1) == 30
        for number in range(30):
            opened.seek(number)
            opened.load()
            lengths.append(opened.info["duration"])
    assert sum(lengths) == pytest.approx(2000, abs=10)
    assert max(lengths) - min(lengths) <= 10


@pytest.mark.parametrize("form", ["gif", "webp"])
def test_a_film_tells_how_it_was_made(form: str, tmp_path: Path) -> None:
    told = read_told(made(tmp_path / f"a.{form}", 3).read_bytes(), "a film").recipe
    assert told == RECIPE


@pytest.mark.skipif(not HAS_FFMPEG, reason="needs imageio-ffmpeg")
def test_an_mp4_tells_it_too_and_takes_odd_sides(tmp_path: Path) -> None:
    file = made(tmp_path / "a.mp4", 3, size=(33, 65))
    told = subprocess.run([Mp4.program(), "-i", file, "-f", "ffmetadata", "-"], capture_output=True, check=True)
    assert "一个红色圆形" in told.stdout.decode() or "\\\\u4e00" in told.stdout.decode()
    assert "34x66" in told.stderr.decode()


def test_a_gif_whose_frames_share_their_colours_has_those_of_the_first(tmp_path: Path) -> None:
    with Image.open(made(tmp_path / "a.gif", 3, alike=True)) as opened:
        opened.seek(2)
        blue = opened.convert("RGB").getpixel((32, 32))
    first = {colour for _, colour in shade(0).getcolors(10_000) or []}
    assert any(max(abs(a - b) for a, b in zip(blue, colour, strict=True)) < 12 for colour in first)  # type: ignore[arg-type]


@pytest.mark.parametrize("form", FORMS)
def test_what_is_written_so_far_is_a_film_at_any_time(form: str, tmp_path: Path) -> None:
    with Film(tmp_path / f"a.{form}", size=(64, 64), fps=8, recipe=RECIPE) as film:
        for number in range(4):
            film.add(shade(number))
        until = time.monotonic() + 10  # ffmpeg works beside us
        while not (content := film.so_far()) and time.monotonic() < until:
            time.sleep(0.02)
        (tmp_path / f"b.{form}").write_bytes(content)
        film.add(shade(4))
        film.finish()
    assert len(frames(tmp_path / f"b.{form}")) in ((4,) if form != "mp4" else range(1, 5))
    assert len(frames(tmp_path / f"a.{form}")) == 5


@pytest.mark.parametrize("form", ["gif", "webp"])
def test_memory_does_not_grow_with_the_number_of_frames(form: str, tmp_path: Path) -> None:
    peaks = []
    for count in (4, 48):
        tracemalloc.start()
        with Film(tmp_path / f"a{count}.{form}", size=(256, 256), fps=8, recipe=RECIPE) as film:
            for number in range(count):
                film.add(render(Scene("circle", COLOURS[number % 5], "white"), 256))
            film.finish()
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.3 * peaks[0] + 100_000


@contextmanager
def no_file_above(bytes_: int) -> Iterator[None]:
    """As on a disk on which so much is left."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("form", FORMS)
def test_a_disk_that_is_full_in_the_middle_is_one_line_and_leaves_nothing(form: str, tmp_path: Path) -> None:
    old = tmp_path / f"a.{form}"
    old.write_bytes(b"what was there")
    noise = Image.effect_noise((64, 64), 90).convert("RGB")

    def write() -> None:
        with Film(old, size=(64, 64), fps=8, recipe=RECIPE) as film:
            for number in range(300):
                film.add(noise.transpose(Image.Transpose(number % 7)))
            film.finish()

    with no_file_above(20_000), pytest.raises(ToolError) as caught:
        write()
    assert "the film cannot be written" in caught.value.message
    assert "\n" not in caught.value.message
    assert [one.name for one in tmp_path.iterdir()] == [old.name]
    assert old.read_bytes() == b"what was there"


@pytest.mark.parametrize("form", FORMS)
def test_a_film_that_is_given_up_leaves_nothing(form: str, tmp_path: Path) -> None:
    with Film(tmp_path / f"a.{form}", size=(64, 64), fps=8, recipe=RECIPE) as film:
        film.add(shade(0))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not HAS_FFMPEG, reason="needs imageio-ffmpeg")
def test_an_ffmpeg_that_ends_in_the_middle_is_one_line(tmp_path: Path) -> None:
    with Film(tmp_path / "a.mp4", size=(64, 64), fps=8, recipe=RECIPE) as film:
        film.add(shade(0))
        assert isinstance(film._written, Mp4)
        film._written._ffmpeg.kill()
        film._written._ffmpeg.wait()
        with pytest.raises(ToolError, match="the film cannot be written: ffmpeg"):
            film.add(shade(1))
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_refused_before(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="no format 'avi'"):
        judge_film("avi", 8)
    with pytest.raises(ToolError, match=r"fps must be from 0\.1 to 50 in a gif file, not 60"):
        judge_film("gif", 60)
    with pytest.raises(ToolError, match="at most 16383 pixels"):
        Film(tmp_path / "a.webp", size=(20_000, 10), fps=8, recipe=RECIPE)
    with pytest.raises(ToolError, match="the film cannot be written: No such file"):
        Film(tmp_path / "gone" / "a.gif", size=(64, 64), fps=8, recipe=RECIPE)
    with (
        Film(tmp_path / "a.gif", size=(64, 64), fps=8, recipe=RECIPE) as film,
        pytest.raises(ToolError, match="a frame of 32 x 32 in a film of 64 x 64"),
    ):
        film.add(shade(0).resize((32, 32)))
    with (
        Film(tmp_path / "a.gif", size=(64, 64), fps=8, recipe=RECIPE) as film,
        pytest.raises(ToolError, match="without a frame"),
    ):
        film.finish()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(HAS_FFMPEG, reason="imageio-ffmpeg is there")
def test_without_ffmpeg_it_is_said_what_to_install() -> None:
    with pytest.raises(ToolError, match="MP4 needs imageio-ffmpeg") as caught:
        judge_film("mp4", 8)
    assert caught.value.hint is not None
    assert "gif or webp" in caught.value.hint


def test_the_first_frame_is_what_a_picture_is_read_as(tmp_path: Path) -> None:
    opened = open_picture(made(tmp_path / "a.webp", 3).read_bytes(), "a.webp")
    assert opened.notes == ("the first of its 3 frames",)
    assert near(opened.image, shade(0))
    assert Image.open(io.BytesIO(made(tmp_path / "a.gif", 2).read_bytes())).format == "GIF"
