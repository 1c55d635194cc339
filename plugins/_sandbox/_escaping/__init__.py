"""Tries to get out, from inside: run by a confined Python, it prints what it got, a line of JSON for each attempt.

It is given a file that says in JSON what lies outside (`_proof.py` makes it), and does harm to nothing else. An attempt
that returns something has got out, one that raises or returns nothing has not. Each answer carries the nonce of that
file: so it is known that this program gave it, and from inside.
"""

from pathlib import Path

__all__ = ["program"]

_ROOMS = ("_ground", "_files", "_names", "_network", "_processes", "_rights")
_OF_A_SYSTEM = {"linux": "_kernel", "darwin": "_mac"}
_RUN = """
import sys, types
for name, text in ROOMS.items():
    sys.modules[name] = types.ModuleType(name)
    exec(compile(text, name, "exec"), sys.modules[name].__dict__)
"""


def program(system: str = "linux") -> str:
    """All of it as one piece of Python, as a confined one sees nothing of thinkact: its rooms, in the order in which
    they need each other. `system` is where it runs, as `sys.platform` has it."""
    wanted = [*_ROOMS, _OF_A_SYSTEM[system], "_trying"]
    rooms = {f"{__name__}.{one}": Path(__file__).with_name(f"{one}.py").read_text("utf-8") for one in wanted}
    return f"ROOMS = {rooms!r}{_RUN}"
