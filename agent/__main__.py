"""`python -m agent` and the command `thinkact`."""

from __future__ import annotations

import sys
from pathlib import Path


def _leave_out_the_current_folder() -> None:
    """`python -m` puts the folder where it is started at the head of the import path; a `plugins` or `memory` folder
    that lies there by chance must not take the place of ours."""
    home = Path(__file__).resolve().parent.parent
    sys.path[:] = [one for one in sys.path if Path(one or ".").resolve() != Path.cwd() or Path.cwd() == home]


def _speak_utf8() -> None:
    """Whatever the platform's encoding is: a name or an answer in Chinese must not end a run."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


def main() -> None:
    """Run the command line; ends the process with the exit code of docs and README."""
    _leave_out_the_current_folder()
    _speak_utf8()
    from agent.cli import start

    start()


if __name__ == "__main__":
    main()
