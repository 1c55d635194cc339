"""Starts one program, hands its standard input and output through, and ends it when the one who asked for it is gone.

Started as a file of its own: `python -I -S _keeper.py KEY PROGRAM [ARGUMENT…]`. `KEY` is, on POSIX, the number of an
inherited pipe's reading end, whose other end the asker holds; on Windows the asker's process id. When that pipe is
closed, be it that the asker was killed, the program and all that it started are ended: asked to first (SIGTERM), and
half a second later killed; on Windows at once. The program reads and writes the asker's own pipes: nothing in between
slows them down.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress

_GRACE = 0.5  # seconds between the request to end and the kill


def main() -> int:
    """Start the program and wait for its end, or for the asker's; its exit code, 128 + n after signal n."""
    key, *words = sys.argv[1:]
    if sys.platform == "win32":  # pragma: no cover - only there
        _join_a_job()
        program = subprocess.Popen(words)
    else:
        program = subprocess.Popen(words, start_new_session=True)
    _let_go()

    def watch() -> None:
        _wait_for_the_asker(int(key))
        _end(program)
        os._exit(137)

    threading.Thread(target=watch, daemon=True).start()
    code = program.wait()
    _end_the_rest(program)
    return code if code >= 0 else 128 - code


def _let_go() -> None:
    """The pipes are the program's alone from here on: their other end must see when it closes them."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for one in (0, 1, 2):
        os.dup2(nowhere, one)


if sys.platform == "win32":  # pragma: no cover - only there

    def _wait_for_the_asker(number: int) -> None:
        import ctypes
        from ctypes import wintypes

        kernel = ctypes.WinDLL("kernel32")
        kernel.OpenProcess.restype = wintypes.HANDLE
        kernel.WaitForSingleObject.argtypes = [wintypes.HANDLE, wintypes.DWORD]
        asker = kernel.OpenProcess(0x00100000, False, number)  # SYNCHRONIZE
        if asker:
            kernel.WaitForSingleObject(asker, 0xFFFFFFFF)

    def _join_a_job() -> None:
        """All that is started belongs to the job too, and ends with this process, which holds its only handle."""
        import ctypes
        import struct
        from ctypes import wintypes

        kernel = ctypes.WinDLL("kernel32")
        kernel.CreateJobObjectW.argtypes = [ctypes.c_void_p, wintypes.LPCWSTR]
        kernel.CreateJobObjectW.restype = wintypes.HANDLE
        kernel.SetInformationJobObject.argtypes = [wintypes.HANDLE, ctypes.c_int, ctypes.c_char_p, wintypes.DWORD]
        kernel.AssignProcessToJobObject.argtypes = [wintypes.HANDLE, wintypes.HANDLE]
        kernel.GetCurrentProcess.restype = wintypes.HANDLE
        limits = bytearray(144 if ctypes.sizeof(ctypes.c_void_p) == 8 else 112)
        struct.pack_into("<I", limits, 16, 0x2000)  # JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
        job = kernel.CreateJobObjectW(None, None)
        if job and kernel.SetInformationJobObject(job, 9, bytes(limits), len(limits)):
            kernel.AssignProcessToJobObject(job, kernel.GetCurrentProcess())

    def _end(program: "subprocess.Popen[bytes]") -> None:
        with suppress(OSError):
            program.kill()

    def _end_the_rest(program: "subprocess.Popen[bytes]") -> None:
        """The job ends with this process."""

else:

    def _wait_for_the_asker(number: int) -> None:
        while os.read(number, 4096):
            pass

    def _end(program: "subprocess.Popen[bytes]") -> None:
        with suppress(OSError):
            os.killpg(program.pid, signal.SIGTERM)
            until = time.monotonic() + _GRACE
            while time.monotonic() < until and program.poll() is None:
                time.sleep(0.01)
        _end_the_rest(program)

    def _end_the_rest(program: "subprocess.Popen[bytes]") -> None:
        """The whole group, also where the program itself has ended and left others."""
        with suppress(OSError):
            os.killpg(program.pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
