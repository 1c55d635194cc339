"""`python -m agent` and the command `thinkact`."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

_MOMENT = 1.0  # seconds


def _leave_out_the_current_folder() -> None:
    """`python -m` puts the folder where it is started at the head of the import path; a `plugins` or `memory` folder
    that lies there by chance must not take the place of ours."""
    home, here = Path(__file__).resolve().parent.parent, Path.cwd().resolve()
    sys.path[:] = [one for one in sys.path if Path(one or ".").resolve() != here or here == home]


def _speak_utf8() -> None:
    """Whatever the platform's encoding is: a name or an answer in Chinese must not end a run.

    A stream that the parent has closed becomes an empty one, lest a file that is opened later takes its number."""
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115 - for the process's whole life
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


def main() -> None:
    """Run the command line; ends the process with the exit code of docs and README."""
    _speak_utf8()
    try:
        _leave_out_the_current_folder()
    except FileNotFoundError:
        sys.stderr.write("thinkact: the folder where it is started is gone\n          go to another one\n")
        sys.exit(2)
    gc.disable()  # until the command works: agent/cli/collecting.py
    try:
        from agent.cli import start

        start()
    except KeyboardInterrupt:
        code: str | int | None = 130
    except SystemExit as end:
        code = end.code
    else:
        code = 0
    _leave(code)


def _leave(code: str | int | None) -> None:
    """End the process: at once, but for what Python waits for. A tool that was given up may have left a thread or a
    child; these get a moment and no more, and Ctrl-C has nothing left to stop."""
    if threading.active_count() > 1 or "multiprocessing" in sys.modules:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        threading.Thread(target=_leave_at_last, args=(code,), daemon=True).start()
    sys.exit(code)


def _leave_at_last(code: str | int | None) -> None:
    time.sleep(_MOMENT)
    children = sys.modules["multiprocessing"].active_children() if "multiprocessing" in sys.modules else []
    for child in children:
        child.kill()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code if isinstance(code, int) else 0 if code is None else 1)


if __name__ == "__main__":
    main()
