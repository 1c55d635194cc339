"""Runs one program and dies with the one who asked for it.

Started as a file of its own: `python -I _supervisor.py ARGUMENT…`. It puts the program in a process group, and kills
that group as soon as its standard input (a pipe held by the asker) is closed, be it that the asker was killed.
"""

import os
import signal
import subprocess
import sys
import threading


def main() -> int:
    """Start the program, wait for it or for the asker's end; the program's exit code, 128 + n after signal n."""
    program = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=os.name == "posix")

    def end_all() -> None:
        try:
            if os.name == "posix":
                os.killpg(program.pid, signal.SIGKILL)
            else:  # pragma: no cover  (Windows)
                subprocess.run(["taskkill", "/F", "/T", "/PID", str(program.pid)], check=False, capture_output=True)
        except OSError:
            pass

    def watch() -> None:
        while os.read(0, 4096):
            pass
        end_all()
        os._exit(137)

    threading.Thread(target=watch, daemon=True).start()
    code = program.wait()
    end_all()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
