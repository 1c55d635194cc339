"""New environments of Python, for tests of what is installed, with no network."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

from tests.place import ROOT

OFFLINE = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
"""What keeps pip from the network. The second says, in pip's own way, that the backend is here already."""


def fresh_environment(folder: Path) -> str:
    """A new virtual environment that sees the packages of this one, and thinkact as it stands here; its Python."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    inner = sysconfig.get_path("purelib", "venv", vars={"base": str(folder), "platbase": str(folder)})
    lines = [str(ROOT), *(path for path in sys.path if path.endswith("site-packages"))]
    Path(inner, "of_this_test.pth").write_text("\n".join([*lines, ""]), "utf-8")
    return str(folder / "bin" / "python")
