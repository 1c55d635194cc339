from __future__ import annotations

import errno
import io

import pytest

from agent.cli.streams import piped_words, reader_went_away


def test_a_reader_that_went_away_is_told_from_other_failures() -> None:
    assert reader_went_away(BrokenPipeError(errno.EPIPE, "x"), windows=False)
    assert reader_went_away(OSError(errno.EINVAL, "x"), windows=True)
    assert not reader_went_away(OSError(errno.EINVAL, "x"), windows=False)
    assert not reader_went_away(OSError(errno.ENOSPC, "x"), windows=True)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_words_from_a_pipe_are_read_in_the_encoding_that_they_have(encoding: str) -> None:
    words = "请把这个文件夹里的文档总结成一页，\r\n注明每条出处。"
    stream = io.TextIOWrapper(io.BytesIO(words.encode(encoding)), encoding="utf-8", errors="replace")
    assert piped_words(stream) == words.replace("\r\n", "\n")


def test_words_of_a_stream_without_bytes_are_taken_as_they_are() -> None:
    assert piped_words(io.StringIO("words")) == "words"
