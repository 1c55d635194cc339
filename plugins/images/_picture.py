"""Pictures of files, opened with care and written with how they were made."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plugins._outcome import ToolError
from plugins.images._infotext import read_infotext, write_infotext
from plugins.images._recipe import KEY, Recipe, from_json, to_json

if TYPE_CHECKING:
    from PIL.Image import Exif, Image

__all__ = ["MEDIA_TYPES", "MOST_PIXELS", "Opened", "Told", "as_file", "open_picture", "read_told"]

MOST_PIXELS = 64_000_000
"""Of a picture that is opened: 8,000 x 8,000. More is rather a bomb than a picture."""
MEDIA_TYPES: Mapping[str, str] = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}
"""The formats that pictures are written in, by Pillow's names. More can be read."""
_PARAMETERS = "parameters"
_USER_COMMENT, _EXIF_IFD, _DESCRIPTION = 0x9286, 0x8769, 0x010E
_UNICODE = b"UNICODE\0"


@dataclass(frozen=True, slots=True)
class Opened:
    """A picture as tools work with it: RGB, or RGBA where it lets something through, upright. `notes` say what was not
    taken as it stood in the file."""

    image: Image
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What a file tells of how its picture was made: by thinkact, or `parameters` by whatever wrote such a text."""

    recipe: Recipe | None
    parameters: Mapping[str, str]


def open_picture(content: bytes, name: str) -> Opened:
    """Open a picture of any format that Pillow reads. `name` is what people call the file.

    Raises:
        ToolError: it is none, is broken, or has more pixels than `MOST_PIXELS`.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content)) as found:
            _judge_size(found.size, name)
            notes = list(_moving(found))
            found.load()
            upright = ImageOps.exif_transpose(found)
            if upright.size != found.size or found.getexif().get(0x0112, 1) != 1:
                notes.append("turned upright, as its EXIF data say")
            image, converted = _as_rgb(upright)
    except UnidentifiedImageError as error:
        hint = "name a PNG, JPEG, WebP, GIF, BMP or TIFF file"
        raise ToolError(f"{name} is no picture that can be read", hint=hint) from error
    except Image.DecompressionBombError as error:
        raise _too_large(name) from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:  # whatever Pillow says of broken files
        why = " ".join(str(error).split())[:100]
        raise ToolError(f"the picture {name} is broken: {why}", hint="get the file again, or save it anew") from error
    return Opened(image, (*notes, *converted))


def _judge_size(size: tuple[int, int], name: str) -> None:
    if size[0] * size[1] > MOST_PIXELS:
        raise _too_large(name, f" {size[0]} x {size[1]}")


def _too_large(name: str, size: str = "") -> ToolError:
    told = f"the picture {name} has too many pixels{f':{size}' if size else ''}; {MOST_PIXELS:,} are the most"
    return ToolError(told, hint="make it smaller first")


def _moving(found: Image) -> tuple[str, ...]:
    frames = getattr(found, "n_frames", 1)
    return (f"the first of its {frames} frames",) if frames > 1 else ()


def _as_rgb(image: Image) -> tuple[Image, tuple[str, ...]]:
    """A picture in eight bits a channel, and what was done for that."""
    if image.mode in ("RGB", "RGBA"):
        return image, ()
    if image.mode.startswith(("I", "F")):
        # Pillow cuts off what is above 255; sixteen bits are brought down to eight instead.
        lowest, highest = image.convert("F").getextrema()
        deep = image.convert("F").point(lambda value: value * (255 / max(float(highest), 255.0)))  # type: ignore[arg-type]
        return deep.convert("L").convert("RGB"), (f"from {image.mode} ({lowest:.0f} to {highest:.0f}) to 8 bits",)
    clear = image.mode in ("LA", "PA", "La", "RGBa") or "transparency" in image.info
    note = (f"from {image.mode} to RGB",) if image.mode in ("CMYK", "YCbCr", "LAB", "HSV") else ()
    return image.convert("RGBA" if clear else "RGB"), note


def as_file(image: Image, recipe: Recipe, *, form: str = "PNG", **options: object) -> bytes:
    """The bytes of a file that tells how its picture was made. `form` is one of `MEDIA_TYPES`; `options` are
    Pillow's."""
    from PIL.PngImagePlugin import PngInfo

    written = io.BytesIO()
    told: dict[str, object] = {}
    if form == "PNG":
        texts = PngInfo()
        texts.add_itxt(_PARAMETERS, write_infotext(recipe))
        texts.add_itxt(KEY, to_json(recipe))
        told["pnginfo"] = texts
    elif form == "GIF":
        told["comment"] = to_json(recipe).encode()
    else:
        told["exif"] = _exif(recipe)
    flat = image.convert("RGB") if form == "JPEG" and image.mode != "RGB" else image
    flat.save(written, form, **told, **options)
    return written.getvalue()


def _exif(recipe: Recipe) -> Exif:
    from PIL.Image import Exif

    made = Exif()
    made[_DESCRIPTION] = to_json(recipe).encode("ascii", "backslashreplace").decode()
    made.get_ifd(_EXIF_IFD)[_USER_COMMENT] = _UNICODE + write_infotext(recipe).encode("utf-16-be")
    return made


def read_told(content: bytes, name: str) -> Told:
    """What a file tells of how its picture was made; nothing of it is more than what somebody wrote there.

    Raises:
        ToolError: it is no picture.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content)) as found:
            _judge_size(found.size, name)
            texts = {key: _text(value) for key, value in found.info.items() if isinstance(value, str | bytes)}
            if found.format == "PNG":
                found.load()  # texts may stand behind the picture
                texts |= {key: str(value) for key, value in getattr(found, "text", {}).items()}
            exif = found.getexif()
            comment = exif.get_ifd(_EXIF_IFD).get(_USER_COMMENT, b"")
            described = str(exif.get(_DESCRIPTION, ""))
    except UnidentifiedImageError as error:
        raise ToolError(f"{name} is no picture that can be read", hint="name a PNG, JPEG, WebP or GIF file") from error
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        why = " ".join(str(error).split())[:100]
        raise ToolError(f"the picture {name} is broken: {why}", hint="get the file again, or save it anew") from error
    recipe = next(filter(None, map(from_json, (texts.get(KEY, ""), texts.get("comment", ""), described))), None)
    parameters = texts.get(_PARAMETERS, "") or _user_comment(comment)
    return Told(recipe, read_infotext(parameters) if parameters else {})


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _user_comment(value: object) -> str:
    if not isinstance(value, bytes):
        return value if isinstance(value, str) else ""
    if value.startswith(_UNICODE):
        return value[len(_UNICODE) :].decode("utf-16-be", "replace")
    return value.removeprefix(b"ASCII\0\0\0").decode("utf-8", "replace")
