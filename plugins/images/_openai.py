"""The back-end that draws by OpenAI's images API, at OpenAI or at any server that speaks it.

Each picture is asked for by itself, so that those that are done are kept where the call is given up.
"""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from plugins._given_images import Drawing, Drawn
from plugins._outcome import ToolError
from plugins.images._api_sizes import any_size, fitted, judge
from plugins.images._backend import Backend, Commission, State
from plugins.images._client import Client
from plugins.images._made import made
from plugins.images._picture import open_picture
from plugins.images._recipe import Recipe
from plugins.images._refusals import one_line
from plugins.images._source import Begun, begun

if TYPE_CHECKING:
    from PIL.Image import Image

    from plugins.images._endpoint import ImageEndpoint

__all__ = ["OpenAIBackend"]

NAME = "openai"
_SETTING = "THINKACT_IMAGE_API_MODEL"
_NOWHERE = (
    "set OPENAI_API_KEY; or OPENAI_BASE_URL and THINKACT_IMAGE_API_MODEL, for a server of yours that has an images API"
)
_REFERENCE_SIDE = 2048  # pixels: more of a reference costs more and tells no more
_MOST = 10  # pictures of one call, as the API has it for its own: they cost
_STEPS = 1000  # a strength is judged by these, though this API has neither


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """A drawing, judged, and what is sent for each picture of it.

    Attributes:
        arguments: Of the SDK's method.
        files: The pictures that are sent, the one that is changed first; none where it is drawn from words.
        mask: Transparent where it is drawn anew; None: everywhere.
        begun: None where the picture keeps the size at which it comes.
        size: At which it is to come; None: whoever draws may choose.
        notes: What was not taken as it was given.
    """

    arguments: Mapping[str, Any]
    files: Sequence[bytes]
    mask: bytes | None
    begun: Begun | None
    size: tuple[int, int] | None
    notes: Sequence[str]


class OpenAIBackend(Backend):
    """Draws by the endpoint's images API."""

    def __init__(self, endpoint: ImageEndpoint | None) -> None:
        self._endpoint = endpoint
        self._client = None if endpoint is None else Client(endpoint)

    @property
    def state(self) -> State:
        """See `Backend`. Nobody is asked for it."""
        endpoint = self._endpoint
        if endpoint is None:
            return State(name=NAME, works=False, why="neither a key nor an address is set", hint=_NOWHERE)
        why, hint = endpoint.lacks
        if why:
            return State(name=NAME, works=False, why=why, hint=hint)
        if not endpoint.draws:
            return State(
                name=NAME,
                works=False,
                why=f"nothing says that {endpoint.host} draws pictures, and is to",
                hint=f"if it has an images API, name the model in {_SETTING}",
            )
        bills = "" if endpoint.keyless else ", which may bill each picture"
        return State(
            name=NAME,
            works=True,
            why=f"the images API of {endpoint.host}{bills}; prompts and pictures are sent there",
            abilities=frozenset({"generate", "edit", "inpaint", "reference"}),
            model=endpoint.image_model,
        )

    def draw(self, wanted: Commission) -> Iterator[Drawn]:
        """See `Backend`."""
        assert self._client is not None  # it works
        plan, total = _plan(wanted.drawing, self._client.endpoint.image_model), len(wanted.seeds)
        wanted.progress(0, total)
        for number in range(1, total + 1):
            answer = None if wanted.cancelled() else self._asked(plan, wanted)
            if answer is None:
                return
            yield self._told(answer, plan, wanted)
            wanted.progress(number, total)

    def close(self) -> None:
        """End the connections."""
        if self._client is not None:
            self._client.close()

    def _asked(self, plan: _Plan, wanted: Commission) -> Mapping[str, Any] | None:
        assert self._client is not None  # it works
        sent: dict[str, Any] = dict(plan.arguments)
        if plan.files:
            files = [(f"picture-{number}.png", one, "image/png") for number, one in enumerate(plan.files, 1)]
            sent["image"] = files if len(files) > 1 else files[0]
        if plan.mask is not None:
            sent["mask"] = ("mask.png", plan.mask, "image/png")
        return self._client.ask(
            lambda client: (
                client.images.with_streaming_response.edit(**sent)
                if plan.files
                else client.images.with_streaming_response.generate(**sent)
            ),
            model=sent["model"],
            setting=_SETTING,
            cancelled=wanted.cancelled,
        )

    def _told(self, answer: Mapping[str, Any], plan: _Plan, wanted: Commission) -> Drawn:
        assert self._endpoint is not None  # it works
        host, model, drawing = self._endpoint.host, self._endpoint.image_model, wanted.drawing
        image, own_words = _picture(answer, host)
        notes = [*plan.notes, *_told_of_size(image, plan), _bill(answer, self._endpoint)]
        if own_words:
            notes.append(f"{host} drew by its own words: {own_words}")
        if plan.begun is not None:
            image = plan.begun.finished(image)
        recipe = Recipe(
            tool=wanted.tool,
            backend=NAME,
            model=model,
            prompt=drawing.prompt,
            negative_prompt=drawing.negative_prompt,
            width=image.width,
            height=image.height,
            parents=tuple(wanted.parents),
        )
        return made(image, recipe, notes, packages=("openai",))


def _plan(drawing: Drawing, model: str) -> _Plan:
    """Judge all that can be judged before anything is sent."""
    if drawing.count > _MOST:
        raise ToolError(
            f"{drawing.count} pictures are more than one call may ask of {model}, which may bill each",
            hint=f"at most {_MOST} at once",
        )
    notes = list(_passed_over(drawing, model))
    arguments: dict[str, Any] = {"model": model, "prompt": drawing.prompt, "n": 1}
    if "gpt-image" not in model.lower():
        arguments["response_format"] = "b64_json"  # others answer with an address; these refuse the argument
    size, files, mask, source = _wanted_size(drawing), [], None, None
    if drawing.source is not None:
        source = begun(
            drawing.source, native=0, steps=_STEPS, usual=1.0, fit=fitted if any_size(model) else lambda own: own
        )
        files.append(_png(source.image))
        mask = None if source.mask is None else _see_through(source.mask)
        if size is not None and mask is None:
            source = None  # another size was asked for than that of the picture
        else:
            notes += source.notes
            size = source.image.size if any_size(model) else None
    if size is not None:
        judge(size, model)
        arguments["size"] = f"{size[0]}x{size[1]}"
    if drawing.reference is not None:
        files.append(_reference(drawing.reference))
    return _Plan(arguments=arguments, files=files, mask=mask, begun=source, size=size, notes=notes)


def _wanted_size(drawing: Drawing) -> tuple[int, int] | None:
    if not drawing.width and not drawing.height:
        return None
    return drawing.width or drawing.height, drawing.height or drawing.width


def _passed_over(drawing: Drawing, model: str) -> Iterator[str]:
    source = drawing.source
    given = {
        "negative_prompt": drawing.negative_prompt,
        "seed": drawing.seed is not None,
        "steps": drawing.steps,
        "guidance_scale": drawing.guidance_scale is not None,
        "scheduler": drawing.scheduler,
        "model": drawing.model,
        "strength": source is not None and source.strength is not None,
        "method": source is not None and source.method,
        "resample": source is not None and source.resample,
        "size": source is not None and source.mask is not None and _wanted_size(drawing),
    }
    meant = [name for name, value in given.items() if value]
    if meant:
        yield f"{model} is asked without {', '.join(meant)}: passed over"


def _told_of_size(image: Image, plan: _Plan) -> Iterator[str]:
    if plan.begun is not None and plan.size is None and image.size != plan.begun.whole.size:
        whole = plan.begun.whole
        yield f"came as {image.width} x {image.height}, brought back to {whole.width} x {whole.height}"
    elif plan.size is not None and image.size != plan.size:
        yield f"asked for as {plan.size[0]} x {plan.size[1]}, came as {image.width} x {image.height}"


def _bill(answer: Mapping[str, Any], endpoint: ImageEndpoint) -> str:
    """What the person is told of money: an API's pictures cost, and no limit of a run stops them."""
    usage = answer.get("usage")
    tokens = usage.get("total_tokens") if isinstance(usage, Mapping) else None
    counted = f" ({tokens:,} tokens)" if isinstance(tokens, int) and tokens > 0 else ""
    if endpoint.keyless:
        return f"drawn at {endpoint.host}{counted}"
    return f"drawn at {endpoint.host}, which may bill it{counted}; no limit on money counts that"


def _picture(answer: Mapping[str, Any], host: str) -> tuple[Image, str]:
    """The picture of an answer, and the words that it was drawn by, where they are not those that were sent."""
    entries = answer.get("data")
    entry = entries[0] if isinstance(entries, list) and entries and isinstance(entries[0], Mapping) else {}
    coded, revised = entry.get("b64_json"), entry.get("revised_prompt")
    if not isinstance(coded, str) or not coded:
        if entry.get("url"):
            raise ToolError(
                f"{host} answered with the address of a picture, which is not followed",
                hint="have the server answer with the picture itself (b64_json)",
            )
        raise ToolError(f"{host} answered without a picture", hint="ask again, or for another picture")
    try:
        content = base64.b64decode(coded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ToolError(f"the picture of {host} is broken: it is no base64", hint="ask again") from error
    return open_picture(content, f"that came from {host}").image, one_line(revised) if isinstance(revised, str) else ""


def _reference(content: bytes) -> bytes:
    image = open_picture(content, "the reference").image
    image.thumbnail((_REFERENCE_SIDE, _REFERENCE_SIDE))
    return _png(image)


def _see_through(mask: Image) -> bytes:
    """A mask as the API takes it: where ours is white, theirs lets everything through."""
    from PIL import Image as Images
    from PIL import ImageChops

    alpha = ImageChops.invert(mask.convert("L"))
    black = Images.new("L", mask.size)
    return _png(Images.merge("RGBA", (black, black, black, alpha)))


def _png(image: Image) -> bytes:
    written = io.BytesIO()
    image.save(written, "PNG")
    return written.getvalue()
