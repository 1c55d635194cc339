"""Control maps: edges and scribbles by rule, figures from points. What a model makes of them is elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from plugins.images import Studio
from plugins.images._edges import edges
from plugins.images._pose import JOINTS
from plugins.images._scenes import Scene
from tests.plugins.images.atelier import Atelier, png

CIRCLE = Scene("circle", "red", "white", "large", "left")


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Atelier]:
    with Atelier(tmp_path, Studio("draw")) as made:
        yield made


def white(image: Image.Image) -> int:
    return sum(image.convert("L").histogram()[128:])


def test_edges_run_where_the_shape_ends_one_pixel_thin_and_closed(trial: Atelier) -> None:
    trial.put("圆.png", CIRCLE)
    (value,) = trial.made("control_image", image="圆.png").value
    assert value["path"] == "pictures/圆-edges.png"
    found = trial.picture(value["path"]).convert("L")
    assert found.size == (256, 256)
    # The circle's radius is 80 pixels around (88, 128).
    for x in range(256):
        for y in range(256):
            if found.getpixel((x, y)):
                assert abs(((x - 88) ** 2 + (y - 128) ** 2) ** 0.5 - 80) < 3
    assert 400 < white(found) < 700
    outside = found.copy()
    ImageDraw.floodfill(outside, (255, 0), 255)
    assert outside.getpixel((88, 128)) == 0  # nothing leaks into the ring
    told = trial.told(value["path"])
    assert (told.tool, told.backend, told.arguments) == ("control_image", "rule", {"kind": "edges"})
    assert told.parents == (("圆.png", trial.files.sha256("圆.png")),)


def test_a_weak_line_counts_where_it_goes_on_from_a_strong_one() -> None:
    image = Image.new("L", (80, 40), 100)
    pen = ImageDraw.Draw(image)
    pen.rectangle((10, 10, 39, 39), fill=190)
    pen.rectangle((40, 10, 69, 39), fill=140)  # its upper edge is weak, and joins
    lone = Image.new("L", (80, 40), 100)
    ImageDraw.Draw(lone).rectangle((40, 10, 69, 39), fill=140)
    assert edges(image, weak=4, strong=21).crop((50, 5, 60, 15)).getbbox() is not None
    assert edges(lone, weak=4, strong=21).getbbox() is None


def test_edges_of_a_large_picture_take_no_second() -> None:
    large = Image.effect_noise((1000, 1000), 60)
    since = time.process_time()
    edges(large)
    assert time.process_time() - since < 2


def test_a_scribble_is_thicker_and_has_less_of_the_small(trial: Atelier) -> None:
    image = trial.put("a.png", CIRCLE)
    speckled = image.copy()
    pen = ImageDraw.Draw(speckled)
    for at in range(10, 250, 24):
        pen.rectangle((at, 8, at + 2, 10), fill="black")
    trial.write("a.png", png(speckled))
    thin = trial.picture(trial.made("control_image", image="a.png", kind="edges").value[0]["path"]).convert("L")
    thick = trial.picture(trial.made("control_image", image="a.png", kind="scribble").value[0]["path"]).convert("L")
    assert white(thick.crop((0, 40, 256, 216))) > 2 * white(thin.crop((0, 40, 256, 216)))
    assert thin.crop((0, 0, 256, 20)).getbbox() is not None
    assert thick.crop((0, 0, 256, 20)).getbbox() is None
    apart = ImageChops.subtract(
        thick.crop((0, 40, 256, 216)), thin.crop((0, 40, 256, 216)).filter(ImageFilter.MaxFilter(11))
    )
    assert apart.getbbox() is None


def test_a_figure_is_drawn_from_points_as_openpose_colours_it(trial: Atelier) -> None:
    trial.put("a.png", CIRCLE)
    points = "50%,20% 50%,35% 38%,35% 32%,50% - 62%,35% - - 42%,60%"
    (value,) = trial.made("control_image", image="a.png", kind="pose", points=points, path="p.png").value
    figure = trial.picture("p.png")
    assert figure.getpixel((128, 51)) == (255, 0, 0)  # the nose
    assert figure.getpixel((128, 90)) == (255, 85, 0)  # the neck
    assert figure.getpixel((113, 90)) == (153, 0, 0)  # from there to the right shoulder
    assert figure.getpixel((180, 90)) == (0, 0, 0)  # the left elbow is not seen, so there is no arm
    assert trial.told(value["path"]).arguments == {"kind": "pose", "points": points}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"kind": "canny"}, "no kind 'canny' of control map | one of edges, depth, scribble, pose"),
        ({"kind": "depth"}, "nothing here can make a depth map: depth: no model for depth maps is named"),
        ({"kind": "pose"}, "they are drawn from points"),
        ({"kind": "pose", "points": "a,b"}, "'a,b' is no point"),
        ({"kind": "pose", "points": "1,1 " * 20}, "20 points are no figures of 18 joints"),
        ({"kind": "pose", "points": "- " * 18}, "show no figure"),
        ({"kind": "edges", "points": "1,1"}, "points are for a pose"),
        ({"image": "flat.png"}, "the picture has no edges"),
        ({"image": "flat.png", "kind": "scribble"}, "the picture has no lines"),
        ({"image": "none.png"}, "none.png"),
        ({"image": "0123456789ab"}, "there is no picture"),
        ({"image": ""}, "no picture is named"),
        ({"image": "text.png"}, "text.png is no picture"),
        ({"path": "a.jpg"}, "a.jpg is no PNG file"),
    ],
)
def test_what_cannot_be_mapped_is_one_clear_line(trial: Atelier, arguments: dict[str, str], said: str) -> None:
    trial.put("a.png", CIRCLE)
    trial.write("flat.png", png(Image.new("RGB", (64, 64), "red")))
    trial.write("text.png", "text")
    assert said in trial.refused("control_image", **{"image": "a.png", **arguments})


def test_every_joint_has_its_name() -> None:
    assert len(JOINTS) == len(set(JOINTS)) == 18
