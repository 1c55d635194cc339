"""Runs one program and dies with the one who asked for it.

Started as a file of its own: `python -I _supervisor.py ARGUMENT…`; on Windows, where a shell reads a line and no list,
`python -I _supervisor.py FILE LINE`. It keeps the program and what that starts together: in a process group, on
Windows in a job. All of them are ended as soon as its standard input (a pipe held by the asker) is closed, be it that
the asker was killed, and when the program ends.
"""

import os
import signal
import struct
import subprocess
import sys
import threading
from contextlib import suppress

_KILL_ON_JOB_CLOSE = 0x2000
_EXTENDED_LIMITS = 9  # JobObjectExtendedLimitInformation


def main() -> int:
    """Start the program, wait for it or for the asker's end; the program's exit code, 128 + n after signal n."""
    program = _start(sys.argv[1:])

    def watch() -> None:
        while os.read(0, 4096):
            pass
        _end(program)
        os._exit(137)

    threading.Thread(target=watch, daemon=True).start()
    code = program.wait()
    _end(program)
    return exit_code(code)


def exit_code(code: int) -> int:
    """How this process is to end where the program ended so: 128 + n after signal n. A code of Windows that is a
    negative number there (an access violation, say) is one again, as `sys.exit` takes nothing larger."""
    if code > 0x7FFFFFFF:
        return code - (1 << 32)
    return code if code >= 0 else 128 - code


def job_limits(pointer: int) -> bytes:
    """What Windows is told of a job whose processes end when nobody holds it any more; `pointer` is the size of one."""
    limits = bytearray(144 if pointer == 8 else 112)  # JOBOBJECT_EXTENDED_LIMIT_INFORMATION
    struct.pack_into("<I", limits, 16, _KILL_ON_JOB_CLOSE)  # LimitFlags, after two times of 8 bytes
    return bytes(limits)


if sys.platform == "win32":  # pragma: no cover - only there

    def _start(words: list[str]) -> "subprocess.Popen[bytes]":
        """Join a job first: what is started belongs to it too, and all of it ends with this process, however that
        ends, since the system closes the only handle."""
        _join_a_job()
        file, line = words
        return subprocess.Popen(line, executable=file, stdin=subprocess.DEVNULL)

    def _join_a_job() -> None:
        """Where that fails, which happens inside some other jobs of old systems, the program alone is ended."""
        import ctypes
        from ctypes import wintypes

        kernel = ctypes.WinDLL("kernel32")
        kernel.CreateJobObjectW.argtypes = [ctypes.c_void_p, wintypes.LPCWSTR]
        kernel.CreateJobObjectW.restype = wintypes.HANDLE
        kernel.SetInformationJobObject.argtypes = [wintypes.HANDLE, ctypes.c_int, ctypes.c_char_p, wintypes.DWORD]
        kernel.AssignProcessToJobObject.argtypes = [wintypes.HANDLE, wintypes.HANDLE]
        kernel.GetCurrentProcess.restype = wintypes.HANDLE
        limits = job_limits(ctypes.sizeof(ctypes.c_void_p))
        job = kernel.CreateJobObjectW(None, None)  # never closed: it goes with this process
        if job and kernel.SetInformationJobObject(job, _EXTENDED_LIMITS, limits, len(limits)):
            kernel.AssignProcessToJobObject(job, kernel.GetCurrentProcess())

    def _end(program: "subprocess.Popen[bytes]") -> None:
        with suppress(OSError):  # it has ended
            program.kill()

else:

    def _start(words: list[str]) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(words, stdin=subprocess.DEVNULL, start_new_session=True)

    def _end(program: "subprocess.Popen[bytes]") -> None:
        """End the whole group, also where the program itself has ended and left others."""
        with suppress(OSError):
            os.killpg(program.pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
