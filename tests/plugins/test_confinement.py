from __future__ import annotations

import ctypes
import threading

from plugins._convert._confinement import job_limits, watch


def test_who_uses_more_memory_than_allowed_is_ended() -> None:
    used, ended = iter([10, 20, 31]), threading.Event()
    watch(30, used=lambda: next(used), end=ended.set)
    assert ended.wait(10)
    assert list(used) == []


def test_who_keeps_within_the_memory_is_let_be() -> None:
    looked, ended = threading.Event(), threading.Event()

    def used() -> int:
        looked.set()
        return 30

    watch(30, used=used, end=ended.set)
    assert looked.wait(10)
    assert not ended.wait(0.2)


def test_a_job_with_so_much_memory_is_described_as_windows_lays_it_out() -> None:
    class Extended(ctypes.Structure):
        _fields_ = (
            *(("times", ctypes.c_int64 * 2), ("flags", ctypes.c_uint32), ("sets", ctypes.c_size_t * 2)),
            *(("processes", ctypes.c_uint32), ("affinity", ctypes.c_size_t), ("classes", ctypes.c_uint32 * 2)),
            *(("counters", ctypes.c_uint64 * 6), ("process_memory", ctypes.c_size_t), ("others", ctypes.c_size_t * 3)),
        )

    described = job_limits(2_000_000_000, pointer=ctypes.sizeof(ctypes.c_void_p))
    assert len(described) == ctypes.sizeof(Extended)
    read = Extended.from_buffer_copy(described)
    assert (read.flags, read.process_memory) == (0x100, 2_000_000_000)


def test_on_32_bits_more_memory_than_there_can_be_is_all_of_it() -> None:
    described = job_limits(1 << 40, pointer=4)
    assert len(described) == 112
    assert described[96:100] == b"\xff\xff\xff\xff"
