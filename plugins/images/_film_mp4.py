"""MP4 films, by the ffmpeg that the package imageio-ffmpeg brings: it is given the frames one by one."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from plugins._outcome import ToolError
from plugins.images._recipe import Recipe, to_json

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Mp4"]

_PATIENCE = 120.0  # seconds that it may take to end
_QUIET = ("-hide_banner", "-loglevel", "error", "-nostdin", "-y")


class Mp4:
    """H.264 in MP4. While it grows it is in fragments, so that what is written can be shown at any time; at the end
    they are joined, without being compressed again.

    Args:
        part: Where it is written.
        size: In pixels; an odd side is made even by a row of black, as the format wants it.
        fps: Frames a second.
        recipe: Becomes its comment.
    """

    def __init__(self, part: Path, *, size: tuple[int, int], fps: float, recipe: Recipe) -> None:
        self._part = part
        self._beside = tempfile.TemporaryDirectory(prefix="thinkact-film-")
        told = Path(self._beside.name, "told.txt")
        told.write_text(f";FFMETADATA1\ncomment={_escaped(to_json(recipe))}\n", "utf-8")
        self._said = Path(self._beside.name, "said.txt").open("w+b")  # noqa: SIM115 - it is read once ffmpeg has ended
        raw = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{size[0]}x{size[1]}", "-framerate", f"{fps:.6f}")
        self._ffmpeg = subprocess.Popen(
            [
                *(self.program(), *_QUIET, *raw, "-i", "pipe:0", "-i", told),
                *("-map", "0:v", "-map_metadata", "1", "-c:v", "libx264", "-crf", "18", "-tune", "zerolatency"),
                *("-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-pix_fmt", "yuv420p"),
                *("-movflags", "+frag_every_frame+empty_moov+default_base_moof", "-flush_packets", "1", part),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._said,
        )

    @staticmethod
    def program() -> str:
        """The path of ffmpeg.

        Raises:
            ToolError: it is not there.
        """
        hint = "pip install 'thinkact[images]', or take the format gif or webp"
        if find_spec("imageio_ffmpeg") is None:
            raise ToolError("MP4 needs imageio-ffmpeg, which is not installed", hint=hint, kind="not-here")
        import imageio_ffmpeg

        try:
            return str(imageio_ffmpeg.get_ffmpeg_exe())
        except RuntimeError as error:
            raise ToolError("MP4 needs ffmpeg, which imageio-ffmpeg does not find", hint=hint) from error

    def add(self, image: Image, milliseconds: int) -> None:  # noqa: ARG002 - all frames are shown equally long
        """Write a frame.

        Raises:
            OSError: ffmpeg has ended, with what it said.
        """
        assert self._ffmpeg.stdin is not None
        try:
            self._ffmpeg.stdin.write(image.tobytes())
            self._ffmpeg.stdin.flush()
        except BrokenPipeError as error:
            self._ffmpeg.wait(_PATIENCE)
            raise OSError(self._why()) from error

    def so_far(self) -> bytes:
        """What is written: ffmpeg may be a frame or two behind; b"" before its first."""
        written = self._part.read_bytes() if self._part.exists() else b""
        return written if b"moof" in written else b""

    def finish(self) -> None:
        """Write what is left, and join the fragments.

        Raises:
            OSError: it failed, with what ffmpeg said.
        """
        assert self._ffmpeg.stdin is not None
        with suppress(BrokenPipeError):  # how it ended tells why
            self._ffmpeg.stdin.close()
        if self._ended():
            raise OSError(self._why())
        joined = self._part.with_name(f"{self._part.stem}.joined.mp4")
        try:
            self._join(joined)
            joined.replace(self._part)
        finally:
            joined.unlink(missing_ok=True)
        self._let_go()

    def _join(self, joined: Path) -> None:
        command: Sequence[str | Path] = [
            *(self.program(), *_QUIET, "-i", self._part, "-map", "0", "-map_metadata", "0"),
            *("-c", "copy", "-movflags", "+faststart", joined),
        ]
        ended = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self._said, timeout=_PATIENCE
        )
        if ended.returncode:
            raise OSError(self._why())

    def _ended(self) -> int:
        try:
            return self._ffmpeg.wait(_PATIENCE)
        except subprocess.TimeoutExpired as error:
            raise OSError(f"ffmpeg did not end within {_PATIENCE:g} seconds") from error

    def give_up(self) -> None:
        """End ffmpeg, whatever it is at."""
        if self._ffmpeg.poll() is None:
            self._ffmpeg.kill()
            self._ffmpeg.wait(_PATIENCE)
        self._let_go()

    def _let_go(self) -> None:
        if self._ffmpeg.stdin is not None:
            with suppress(OSError):  # it may hold a frame that nobody reads any more
                self._ffmpeg.stdin.close()
        self._said.close()
        self._beside.cleanup()

    def _why(self) -> str:
        self._said.seek(0)
        said = self._said.read().decode("utf-8", "replace").strip().splitlines()
        return f"ffmpeg: {said[-1][-200:]}" if said else f"ffmpeg ended with code {self._ffmpeg.poll()}"


def _escaped(text: str) -> str:
    """A text as ffmpeg's metadata files hold it."""
    return "".join(f"\\{one}" if one in "=;#\\\n" else one for one in text)
