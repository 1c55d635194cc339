"""A new plugin's files: names that will do, and what is written under them."""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from agent.cli.plugin import templates
from agent.errors import UsageError
from plugins import Plugin, Toolbox

_LETTERS = re.compile(r"[a-zA-Z][a-zA-Z0-9_]{0,63}")
_TEST_FILE = re.compile(r"test_|.*_test$|conftest$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A plugin that is to be written: its own name, and the one by which models call its tool."""

    plugin: str
    tool: str


def named(plugin: str, tool: str | None, others: Toolbox) -> Named:
    """The names, as far as they will do beside the plugins that there are.

    Raises:
        UsageError: one will not do; it says why, and what would.
    """
    plugin = plugin.removesuffix(".py")
    if not plugin.isidentifier():
        near = re.sub(r"\W+", "_", plugin).strip("_")
        near = near if not near or near.isidentifier() else f"my_{near}"
        hint = f"such as {near or 'word_count'}"
        raise UsageError(f"a plugin's name is made of letters, digits and _, a letter first, not {plugin!r}", hint=hint)
    for name in filter(keyword.iskeyword, (plugin, tool or "")):
        hint = f"another name, such as {name.lower()}_tool"
        raise UsageError(f"{name} is a word of Python itself, and no function can be called so", hint=hint)
    if plugin.startswith("_") or _TEST_FILE.match(plugin):
        hint = "a name that begins with a letter and has no test_ before it or _test behind it"
        raise UsageError(f"a file {plugin}.py would be passed over, as a private file or a test", hint=hint)
    if plugin in sys.stdlib_module_names or plugin in ("agent", "plugins", "memory", "pytest", "conftest"):
        hint = f"another name, such as {plugin}_tool"
        raise UsageError(f"{plugin} is a module already, and the new file would hide it from its own test", hint=hint)
    if tool is None and not _LETTERS.fullmatch(plugin):
        hint = f"name the tool in letters from a to z: thinkact plugins new {plugin} --tool NAME"
        raise UsageError(f"models cannot call a tool {plugin}", hint=hint)
    tool = tool or plugin
    if not _LETTERS.fullmatch(tool):
        raise UsageError(f"models cannot call a tool {tool!r}", hint="at most 64 out of a-z A-Z 0-9 _, a letter first")
    probe = Plugin(name=plugin, origin=plugin, tools=(replace(next(iter(others.tools.values())), name=tool),))
    fault = Toolbox([*others.plugins, probe]).plugins[-1].fault
    if fault is not None:
        flag = "" if tool == plugin else "--tool "
        raise UsageError(fault.removeprefix(f"{plugin}: "), hint=f"take another name: {flag}{tool}_of_mine")
    return Named(plugin=plugin, tool=tool)


def plugin_file(name: Named) -> Mapping[str, str]:
    """A plugin in one file, and its test: text by file name."""
    test = {"plugin": f'\nPLUGIN = Path(__file__).with_name("{name.plugin}.py")', "source": "PLUGIN"}
    return {
        f"{name.plugin}.py": _tool(name),
        f"test_{name.plugin}.py": templates.TEST.format(title=name.plugin, tool=name.tool, **test),
    }


def package(name: Named, version: str) -> Mapping[str, str]:
    """A project that can be installed and published: text by path. `version` is thinkact's."""
    module, distribution = f"thinkact_{name.tool.lower()}", f"thinkact-{name.tool.lower().replace('_', '-')}"
    found = re.match(r"(\d+\.\d+)", version)
    facts = {
        "plugin": f'"{name.plugin}"' if not name.plugin.isascii() else name.plugin,
        "module": module,
        "distribution": distribution,
        "tool": name.tool,
        "requirement": f"thinkact>={found[1]}" if found and found[1] != "0.0" else "thinkact",
    }
    test = {"plugin": f"\nimport {module}", "source": module}
    return {
        "pyproject.toml": templates.PROJECT.format(**facts),
        "README.md": templates.README.format(**{**facts, "plugin": name.plugin}),
        ".gitignore": templates.IGNORED,
        f"src/{module}/__init__.py": _tool(name),
        f"src/{module}/py.typed": "",
        f"tests/test_{name.tool}.py": templates.TEST.format(title=name.plugin, tool=name.tool, **test),
    }


def _tool(name: Named) -> str:
    words = dict.fromkeys([name.tool.replace("_", " "), name.plugin])
    aliases = ", ".join(f'"{one}"' for one in words)
    return templates.TOOL.format(title=name.plugin, tool=name.tool, aliases=aliases)


def write(files: Mapping[str, str], folder: Path) -> list[Path]:
    """Write new files into a folder, which is made where it is missing; the paths of the files.

    Raises:
        UsageError: one of them is there already: nothing is written then; or the folder cannot be written to.
    """
    there = [folder / path for path in files if (folder / path).exists()]
    if there:
        hint = "take another name, or another folder: --into DIR"
        raise UsageError(f"{there[0]} is there already; nothing was written", hint=hint)
    try:
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            with (folder / path).open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
    except OSError as error:
        raise UsageError(f"{error.filename or folder} cannot be written: {error.strerror}", hint="--into DIR") from None
    return [folder / path for path in files]
