"""`animate_images`: motion by one matrix, frames drawn from those before, slide shows, and films that end early."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat

from plugins import Answer, Box, Drawing, Drawn, ToolError
from plugins.images import Studio, read_told
from plugins.images._animation import Animation
from plugins.images._colour_match import Colours
from plugins.images._keyframes import read_curve, read_script
from plugins.images._prompts import WORLD
from plugins.images._scene_reader import read
from plugins.images._scene_words import scene_of
from plugins.images._scenes import Scene, render
from plugins.images._warping import Motion, blended, warped
from plugins.testing import Trial
from tests.plugins.images.kit import needs_pipelines

RED = Scene("circle", "red", "white")


def motion(**more: str) -> Motion:
    still = {"zoom": "1", "angle": "0", "move_x": "0", "move_y": "0"}
    return Motion(**{name: read_curve(text, name) for name, text in (still | more).items()})


def moved(image: Image.Image, border: str = "replicate", frames: int = 1, **more: str) -> Image.Image:
    return warped(image, motion(**more).between(image.size, range(1, frames + 1)), border)


def apart(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of two pictures' pixels, of 255."""
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


def bright(image: Image.Image) -> tuple[float, float]:
    """The middle of what is darker than the ground."""
    box = ImageChops.invert(image.convert("L")).point([255 if one > 60 else 0 for one in range(256)]).getbbox()
    assert box is not None
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def test_a_picture_is_shifted_turned_and_zoomed_the_way_that_is_said() -> None:
    picture = render(replace(RED, place="right", size="small"), 64)
    x, y = bright(picture)
    assert bright(moved(picture, move_x="5", move_y="-3")) == pytest.approx((x + 5, y - 3), abs=0.6)
    assert bright(moved(picture, angle="90")) == pytest.approx((y, 64 - x), abs=1)  # against the clock: to the top
    assert bright(moved(picture, zoom="1.5")) == pytest.approx((32 + (x - 32) * 1.5, 32), abs=1)
    assert apart(moved(picture, frames=4, angle="90"), picture) < 0.5
    assert apart(moved(picture), picture) == 0


def test_what_comes_in_at_an_edge_is_its_last_pixels_or_the_other_side() -> None:
    picture = Image.new("RGB", (8, 8), "white")
    picture.paste((200, 0, 0), (0, 0, 2, 8))
    assert moved(picture, move_x="3").getpixel((0, 4)) == (200, 0, 0)
    assert moved(picture, "wrap", move_x="3").getpixel((0, 4)) == (255, 255, 255)
    assert moved(picture, "wrap", move_x="8").tobytes() == picture.tobytes()
    assert moved(picture, "wrap", zoom="0.25").size == (8, 8)


@pytest.mark.parametrize(("space", "cast_by"), [("lab", (0.6, 0.9, 0.9)), ("hsv", (0.6, 0.6, 0.6))])
def test_colours_are_brought_to_those_of_another_picture(space: str, cast_by: tuple[float, ...]) -> None:
    first = render(Scene("circle", "red", "white"), 64)
    cast = Image.merge(
        "RGB",
        [band.point([int(one * by) for one in range(256)]) for band, by in zip(first.split(), cast_by, strict=True)],
    )
    matched = Colours.of(first, space).given_to(cast)
    assert apart(matched, first) < apart(cast, first) / 2
    assert apart(Colours.of(first, space).given_to(first), first) < 2
    assert Colours.of(first, "none").given_to(cast) is cast


@dataclass
class Easel:
    """Draws what it is told by rule, and the picture that it begins from as it stands; keeps what it was asked."""

    ends: int = 10**9
    fails: str = ""
    asked: list[Drawing] = field(default_factory=list)
    able: Sequence[str] = ("generate", "edit")

    def abilities(self) -> Mapping[str, str]:
        return dict.fromkeys(self.able, "easel")

    def draw(
        self,
        drawing: Drawing,
        *,
        tool: str = "generate_image",
        parents: Sequence[tuple[str, str]] = (),
        progress: Callable[[int, int], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Iterator[Drawn]:
        if len(self.asked) >= self.ends:
            if self.fails:
                raise ToolError(self.fails)
            return
        self.asked.append(drawing)
        content = io.BytesIO()
        if drawing.source is None:
            render(scene_of(drawing.prompt), 64).save(content, "PNG")
        else:
            content.write(drawing.source.image)
        yield Drawn(content=content.getvalue(), width=64, height=64, seed=drawing.seed, backend="easel")

    def depth(self, image: bytes, **_: Any) -> Drawn:
        raise AssertionError(image)

    def upscale(self, image: bytes, **_: Any) -> Drawn:
        raise NotImplementedError

    def look(self, image: bytes, question: str = "", *, candidates: int = 1) -> Sequence[Answer]:
        raise NotImplementedError

    def find(self, image: bytes, what: Sequence[str]) -> Sequence[Box]:
        raise NotImplementedError

    def clip_model(self) -> Path | None:
        return None


def animation(**more: Any) -> Animation:
    usual: dict[str, Any] = {
        "drawing": Drawing(prompt=""),
        "script": read_script("a red circle"),
        "motion": motion(move_x="2"),
        "frames": 7,
        "seed": 5,
    }
    return Animation(**(usual | more))


@pytest.mark.parametrize(("mode", "seeds"), [("iter", [5, 6, 7, 8, 9, 10, 11]), ("fixed", [5] * 7), ("random", None)])
def test_seeds_go_on_stay_or_are_drawn_by_lot_that_repeats(mode: str, seeds: list[int] | None) -> None:
    easels = [Easel(), Easel()]
    for easel in easels:
        assert len(list(animation(seed_mode=mode).pictures(easel))) == 7
    first, again = ([one.seed for one in easel.asked] for easel in easels)
    assert first == again
    assert first == seeds or (seeds is None and len(set(first)) == 7 and first[0] == 5)


def test_of_a_cadence_only_some_are_drawn_and_the_motion_is_as_without() -> None:
    every, third = Easel(), Easel()
    whole = list(animation(frames=9).pictures(every))
    sparse = list(animation(frames=9, cadence=3).pictures(third))
    assert (len(every.asked), len(third.asked)) == (9, 4)  # 0, 3, 6, and the last
    assert len(sparse) == 9
    for one, other in zip(whole, sparse, strict=True):
        assert bright(one) == pytest.approx(bright(other), abs=1)
    x = [bright(one)[0] for one in sparse]
    assert [b - a for a, b in pairwise(x)] == pytest.approx([2] * 8, abs=0.6)


def test_prompts_strength_and_colours_follow_their_frames() -> None:
    easel = Easel()
    made = animation(
        script=read_script("0: a red circle | 3: a blue square"),
        strength=read_curve("0:(0.2), 6:(0.8)", "strength"),
        colour_match="lab",
    )
    assert len(list(made.pictures(easel))) == 7
    assert [one.prompt for one in easel.asked] == ["a red circle"] * 3 + ["a blue square"] * 4
    strengths = [one.source.strength for one in easel.asked if one.source is not None]
    assert strengths == pytest.approx([0.3, 0.4, 0.5, 0.6, 0.7, 0.8])


def test_a_film_that_is_given_up_or_fails_later_keeps_what_is_done() -> None:
    given_up = animation()
    assert len(list(given_up.pictures(Easel(ends=4)))) == 4
    assert given_up.ended == "given up"
    failed = animation()
    assert len(list(failed.pictures(Easel(ends=4, fails="blocked")))) == 4
    assert failed.ended == "frame 4 could not be drawn: blocked"
    with pytest.raises(ToolError, match="blocked"):
        list(animation().pictures(Easel(ends=1, fails="blocked")))


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    with Trial(tmp_path) as made:
        yield made


def put(trial: Trial, name: str, scene: Scene, side: int = 64) -> str:
    content = io.BytesIO()
    render(scene, side).save(content, "PNG")
    trial.write(name, content.getvalue())
    return name


def frames_of(trial: Trial, path: str) -> list[Image.Image]:
    with Image.open(io.BytesIO(trial.files.read(path))) as opened:
        found = []
        for number in range(getattr(opened, "n_frames", 1)):
            opened.seek(number)
            found.append(opened.convert("RGB"))
        return found


def test_finished_pictures_become_a_slide_show_where_nothing_can_be_drawn_from_pictures(trial: Trial) -> None:
    names = [put(trial, "一.png", RED), put(trial, "二.png", Scene("square", "blue", "white"), 48)]
    made = trial.call("animate_images", images=names, frames=6, fps=5, move_x=2, format="webp", path="out/电影")
    assert made.ok, made.error
    assert made.value["path"] == "out/电影.webp"
    shown = frames_of(trial, "out/电影.webp")
    assert (len(shown), shown[0].size) == (6, (64, 64))
    assert [bright(one)[0] for one in shown] == pytest.approx([32, 34, 36, 32, 34, 36], abs=1.5)
    assert apart(shown[0], render(RED, 64)) < 5
    assert trial.artifacts.get(made.value["handle"])[1] == trial.files.read("out/电影.webp")
    told = read_told(trial.files.read("out/电影.webp"), "film").recipe
    assert told is not None
    assert (told.tool, [name for name, _ in told.parents]) == ("animate_images", names)
    again = trial.call("animate_images", images=names, frames=6, path="out/电影.webp")
    assert again.value["path"] == "out/电影-2.webp"
    assert "making frames" in " ".join(trial.progress)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "there are no words for frame 0"),
        ({"prompts": "a red circle"}, "nothing here can change pictures, so no film can be drawn"),
        ({"prompts": "a red circle", "zoom": "fast"}, "zoom, at character 1: 'fast' is not known"),
        ({"prompts": "a red circle", "frames": 601}, "frames must be from 2 to 600"),
        ({"prompts": "a red circle", "fps": 99}, "fps must be from 0.1 to 50"),
        ({"prompts": "a red circle", "path": "a.avi"}, "a.avi is no name for this film"),
        ({"prompts": "a red circle", "path": "a.gif", "format": "webp"}, "a.gif is no name for this film"),
        ({"prompts": "a red circle", "size": "big"}, "size 'big' is no size"),
        ({"prompts": "a red circle", "cadence": 0}, "cadence must be from 1 to 24"),
        ({"prompts": "a red circle", "zoom": "1 - t / 5"}, "zoom must be from 0.01 to 100, not 0 as at frame 5"),
        ({"prompts": "a red circle", "strength": "t / 9"}, "at most 1, not 1.11111 as at frame 10"),
        ({"prompts": "a red circle", "strength": 0.1, "steps": 5}, "is less than one step"),
        ({"prompts": "a red circle", "image": "gone.png"}, "gone.png"),
        ({"images": ["gone.png"]}, "gone.png"),
        ({"images": ["a.txt"]}, "a.txt is no picture"),
        ({"images": ["a.txt"], "prompts": "a red circle"}, "they take no prompts"),
        ({"images": ["a.txt"] * 30}, "30 pictures are too many for 24 frames"),
    ],
)
def test_what_cannot_be_made_is_one_line_and_nothing_is_written(
    trial: Trial, arguments: dict[str, Any], said: str
) -> None:
    trial.write("a.txt", "no picture")
    made = trial.call("animate_images", **arguments)
    assert made.error is not None
    assert said in made.error.message
    assert "\n" not in made.error.message
    assert [entry.path for entry in trial.files.list(recursive=True)] == ["a.txt"]


def test_a_call_that_is_given_up_keeps_the_shorter_film_and_says_so(trial: Trial) -> None:
    from plugins.images.animating import animate_images

    context = replace(trial.context, images=Easel(ends=4))
    made = animate_images(prompts="a red circle", frames=9, path="a.gif", context=context)
    assert made.value["frames"] == len(frames_of(trial, "a.gif")) == 4
    assert "[shorter than wanted, 4 of 9 frames: given up]" in made.text
    stopped = threading.Event()
    stopped.set()
    with pytest.raises(ToolError, match="given up"):
        animate_images(prompts="a red circle", context=replace(context, images=Easel(ends=0), cancel=stopped))


@pytest.fixture(scope="module")
def demo() -> Iterator[Studio]:
    with Studio("demo") as studio:
        yield studio


@needs_pipelines
@pytest.mark.filterwarnings("ignore")  # those of torch and diffusers are not ours
@pytest.mark.skipif("edit" not in Studio("demo").abilities(), reason="the demo's model is not here")
def test_the_demo_draws_a_film_whose_circle_moves_and_changes_its_colour(trial: Trial, demo: Studio) -> None:
    trial._studio = demo
    wanted = "0: a large red circle in the center on a white background | 3: 白色背景，中间有一个大的蓝色圆形"
    arguments = {"prompts": wanted, "frames": 6, "cadence": 3, "seed": 3, "strength": 0.9, "steps": 10, "zoom": 1.02}
    made = trial.call("animate_images", path="a.gif", **arguments)
    assert made.ok, made.error
    first, *_, last = (read(one) for one in frames_of(trial, "a.gif"))
    assert first is not None
    assert last is not None
    assert (first.scene.colour, first.scene.background, first.scene.shape) == ("red", "white", "circle")
    assert (last.scene.colour, last.scene.background) == ("blue", "white")
    told = read_told(trial.files.read("a.gif"), "film").recipe
    assert told is not None
    assert (told.backend, told.seed, told.arguments["cadence"]) == ("demo", 3, 3)
    again = trial.call("animate_images", path="b.gif", **arguments)
    assert trial.files.read("b.gif") == trial.files.read("a.gif")
    assert again.value["seed"] == 3
    refused = trial.call("animate_images", prompts="0: a red circle | 5: a cat", frames=8)
    assert refused.error is not None
    assert "not known here: cat" in refused.error.message
    assert WORLD in refused.error.message


def test_frames_are_blended_by_their_distance() -> None:
    dark, light = Image.new("RGB", (2, 2), "black"), Image.new("RGB", (2, 2), (100, 100, 100))
    assert blended(dark, light, 0.25).getpixel((0, 0)) == (25, 25, 25)
