"""Loading plugins anew while their author works on them: a file that has changed takes its own place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from plugins._discovery import load_plugin
from plugins._origins import is_passed_over
from plugins._toolbox import BUILT_IN, Plugin, Toolbox

__all__ = ["Reloading"]

_Stamp = frozenset[tuple[str, int, int]]
"""The Python files of a plugin, each with its time of change and its size."""


class Reloading:
    """Watches the plugin folder of a toolbox. `look` loads anew what has changed there since; `tell` is told of it.
    `tried`: see `load_plugins`.

    A plugin that cannot be loaded any more stays as it was, so that a half-written line takes nothing away. What a
    module has remembered in its own variables is gone when it is loaded anew. A call on its way ends as it began.
    """

    def __init__(
        self, folder: Path, toolbox: Toolbox, *, tell: Callable[[str], None], tried: Path | None = None
    ) -> None:
        self._folder, self._toolbox, self._tell, self._tried = folder, toolbox, tell, tried
        self._stamps = dict(self._found())

    def look(self) -> bool:
        """Load anew what has changed; whether anything has."""
        now = dict(self._found())
        if now == self._stamps:
            return False
        changed = [path for path, stamp in now.items() if self._stamps.get(path) != stamp]
        gone = [path for path in self._stamps if path not in now]
        self._stamps = now
        ours = [one for one in self._toolbox.given if one.origin == BUILT_IN]
        taken = {one.origin: one for one in self._toolbox.given if one.origin != BUILT_IN}
        for path in gone:
            if taken.pop(str(path), None) is not None:
                self._tell(f"the plugin {path.stem} is gone")
        loaded = [load_plugin(path, fresh=True, tried=self._tried) for path in changed]
        for one in loaded:
            if one.fault is None or one.origin not in taken:
                taken[one.origin] = one
        before = self._toolbox.tools
        self._toolbox.take([*ours, *taken.values()])
        self._say(loaded, {one.origin: one for one in self._toolbox.plugins}, before)
        return True

    def _say(self, loaded: list[Plugin], judged: Mapping[str, Plugin], before: Mapping[str, object]) -> None:
        for one in loaded:
            fault = one.fault or judged[one.origin].fault
            if fault is not None:
                stays = "; it stays as it was before" if judged[one.origin].fault is None else ""
                self._tell(f"the plugin {one.name} cannot be loaded anew: {fault}{stays}")
                continue
            more = [tool.name for tool in one.tools if tool.name not in before]
            new = f"; new: {', '.join(more)}, told to a model from the next start on" if more else ""
            self._tell(f"the plugin {one.name} was loaded anew; what it had remembered is gone{new}")

    def _found(self) -> Iterator[tuple[Path, _Stamp]]:
        """Every plugin of the folder, with what tells that it has changed."""
        try:
            entries = sorted(self._folder.iterdir())
        except OSError:
            return
        for entry in entries:
            if is_passed_over(entry.name):
                continue
            if entry.suffix == ".py" or (entry / "__init__.py").exists():
                yield entry, frozenset(_stamps(entry))


def _stamps(entry: Path) -> Iterator[tuple[str, int, int]]:
    for file in sorted(entry.rglob("*.py")) if entry.is_dir() else [entry]:
        try:
            status = file.stat()
        except OSError:  # gone between two looks
            continue
        yield str(file), status.st_mtime_ns, status.st_size
