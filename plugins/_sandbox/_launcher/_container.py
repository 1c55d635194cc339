"""A container of docker or podman: what runs in it is nobody's child here, so it is asked for by its name."""

from __future__ import annotations

import os
import sys
import time

assert sys.platform != "win32"

from ._forking import Child
from ._kernel import SIGKILL, kill

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SECONDS = 15.0  # that one question to docker may take
_START, _BETWEEN = 20.0, 0.1  # seconds until a container that was asked for is there, and between two looks
_GOING = 2.0  # seconds that its client has to go with it
_ROUNDS = 5


class Container:
    """The container that `named` tells: docker or podman, its name, the environment of whoever asks for it. `client` is
    the process that began it and hears it, and that ends with it."""

    def __init__(self, client: Child, named: list[Any]) -> None:
        self._client = client
        self._manager, self._name, self._environment = named

    def beyond(self, limits: dict[str, int]) -> str | None:  # noqa: ARG002 - the container's own limits hold it
        """Never: its limits are the kernel's."""
        return None

    def pause(self, *, on: bool) -> bool:
        """Stop all of it where it is, or let it go on; False where that cannot be had. One that is being started is
        waited for."""
        until = time.monotonic() + _START
        while not self._asked("pause" if on else "unpause"):
            if self._client.ended():
                return True
            if time.monotonic() > until:
                return False
            time.sleep(_BETWEEN)
        return True

    def end(self) -> None:
        """End it, where it has not ended by itself. A client that does not go with it is ended before the last look:
        what it asked for could else be begun after that."""
        if self._client.ended() and not os.WIFSIGNALED(self._client.status or 0):
            return
        self._asked("kill")
        until = time.monotonic() + _GOING
        while not self._client.ended():
            if time.monotonic() > until:
                kill(self._client.pid, SIGKILL)
            time.sleep(0.01)
        for _ in range(_ROUNDS):
            if self._asked("rm", "--force") or not self._asked("inspect", "--type=container"):
                break
            time.sleep(_BETWEEN)

    def _asked(self, *words: str) -> bool:
        """Ask docker to do something with it: did it?"""
        import subprocess  # slow to import

        try:
            done = subprocess.run(
                [self._manager, *words, self._name],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_SECONDS,
                check=False,
                env=self._environment,
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
        return done.returncode == 0
