"""Guards the floors: who may import whom, no circles, and a light start."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("agent", "plugins", "memory")
HEAVY = (
    *("torch", "diffusers", "transformers", "chromadb", "ddgs", "mcp", "ray"),
    *("openai", "tiktoken", "genai_prices", "pypdf", "lxml"),
)

# Each room of `agent` and its floor; within a floor the second number orders the rooms ("on it", in the house's words).
FLOORS: dict[str, tuple[int, int]] = {
    "events": (1, 0),
    "errors": (1, 1),
    "globs": (1, 0),
    "likeness": (1, 0),
    "spelling": (1, 0),
    "terminal": (1, 0),
    "_supervisor": (1, 0),
    "quantities": (1, 1),
    "approval": (2, 0),
    "goal": (2, 0),
    "hiding": (2, 1),
    "history": (2, 0),
    "model": (2, 0),
    "setting_table": (2, 1),
    "spending": (2, 1),
    "checked": (2, 2),
    "setting_sources": (2, 2),
    "settings": (2, 3),
    "screen": (2, 4),
    "model.": (3, 0),
    "program": (3, 0),
    "answering": (3, 1),
    "checks": (3, 2),
    "guard": (3, 1),
    "limits": (3, 1),
    "summary": (3, 1),
    "folded": (3, 1),
    "excerpt": (3, 2),
    "wording": (3, 3),
    "quoting": (3, 2),
    "offer": (3, 1),
    "prompt": (3, 4),
    "observed": (3, 4),
    "notes": (3, 4),
    "skills": (3, 4),
    "snapshot": (3, 4),
    "mail": (3, 4),
    "kit": (4, 0),
    "paying": (4, 1),
    "finding": (4, 1),
    "project": (4, 1),
    "leave": (4, 2),
    "noting": (4, 1),
    "thinking": (4, 2),
    "learning": (4, 2),
    "context": (4, 3),
    "acting": (4, 4),
    "ending": (4, 5),
    "loop": (4, 6),
    "runs": (5, 0),
    "settle": (5, 1),
    "archive": (5, 1),
    "forking": (5, 2),
    "opening": (5, 3),
    "door": (5, 4),
    "cli": (6, 0),
    "__main__": (6, 1),
}
MEMORY_FROM = {
    "answering": {"memory.days"},
    "excerpt": {"memory.tokens"},
    "prompt": {"memory.window", "memory.tokens"},
    "notes": {"memory.embedding"},
    "folded": {"memory.embedding"},
    "learning": {"memory.embedding", "memory.passwords"},
    "thinking": {"memory.window"},
    "runs": {"memory.journal", "memory.artifacts", "memory.private"},
    "forking": {"memory.journal"},
    "opening": {
        *("memory.artifacts", "memory.lexical", "memory.library", "memory.private", "memory.recall", "memory.tokens"),
    },
}
"""Which rooms of `memory` a room of `agent` below the command line may import."""
PLUGINS_FROM = {
    *("approval", "checks", "context", "acting", "leave", "observed"),
    *(
        "ending",
        "finding",
        "kit",
        "mail",
        "project",
        "skills",
        "snapshot",
        "thinking",
        "runs",
        "settle",
        "opening",
        "notes",
        "noting",
        "learning",
        "folded",
    ),
}
"""Rooms of `agent` that may import the face of `plugins`."""


def sources() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every import of a file, late and type-only ones included, as module names with their lines."""
    module, package = module_of(path), module_of(path)
    if path.name != "__init__.py":
        package = module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                upwards = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*upwards, base] if base else upwards)
            for alias in node.names:
                deeper = f"{base}.{alias.name}"
                place = ROOT / Path(*deeper.split("."))
                yield (deeper if place.with_suffix(".py").exists() or place.is_dir() else base), node.lineno


def room(module: str) -> str:
    """The room of `agent` that a module belongs to; `model.` are the rooms inside agent/model."""
    parts = module.split(".")
    if parts[1:2] == ["model"] and len(parts) > 2:
        return "model."
    return parts[1] if len(parts) > 1 else "agent"


def floor(name: str) -> tuple[int, int]:
    assert name in FLOORS, f"agent/{name} has no floor: give it one in tests/test_house.py"
    return FLOORS[name]


def test_every_room_imports_only_from_lower_floors() -> None:
    wrong = []
    for path in (path for path in sources() if path.parts[len(ROOT.parts)] == "agent"):
        mine = room(module_of(path))
        if mine == "agent":
            continue
        for target, line in imports(path):
            if not target.startswith("agent.") or room(target) == mine:
                continue
            if floor(room(target)) >= floor(mine):
                wrong.append(f"{path.relative_to(ROOT)}:{line}: {mine} on {floor(mine)} imports {target}")
    assert not wrong, "\n".join(wrong)


def test_the_ground_knows_nothing_of_the_agent_and_nothing_of_each_other() -> None:
    wrong = []
    for path in sources():
        package = path.relative_to(ROOT).parts[0]
        if package == "agent":
            continue
        others = {"agent", *PACKAGES} - {package}
        wrong += [
            f"{path.relative_to(ROOT)}:{line}: imports {target}"
            for target, line in imports(path)
            if target.split(".")[0] in others
        ]
    assert not wrong, "\n".join(wrong)


def test_upstairs_reaches_the_ground_only_where_the_house_allows_it() -> None:
    wrong = []
    for path in (path for path in sources() if path.parts[len(ROOT.parts)] == "agent"):
        mine = room(module_of(path))
        if mine in ("cli", "__main__"):
            continue
        for target, line in imports(path):
            top = target.split(".")[0]
            if top == "memory" and target not in MEMORY_FROM.get(mine, set()):
                wrong.append(f"{path.relative_to(ROOT)}:{line}: {mine} imports {target}")
            if top == "plugins" and (mine not in PLUGINS_FROM or target != "plugins"):
                wrong.append(f"{path.relative_to(ROOT)}:{line}: {mine} imports {target}")
    assert not wrong, "\n".join(wrong)


def test_a_tool_imports_no_other_tool() -> None:
    tools = {path.stem for path in (ROOT / "plugins").glob("[a-z]*.py")}
    wrong = []
    for path in (ROOT / "plugins").glob("[a-z]*.py"):
        wrong += [
            f"{path.name}:{line}: imports {target}"
            for target, line in imports(path)
            if target.startswith("plugins.") and target.split(".")[1] in tools
        ]
    assert not wrong, "\n".join(wrong)


def test_no_two_modules_import_each_other_in_a_circle() -> None:
    known = {module_of(path): path for path in sources()}
    graph = {name: {t for t, _ in imports(path) if t in known and t != name} for name, path in known.items()}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail[trail.index(name) :], name))
        if name in done:
            return
        for target in sorted(graph[name]):
            visit(target, (*trail, name))
        done.add(name)

    for name in graph:
        visit(name, ())


def test_only_the_settings_read_the_environment() -> None:
    wrong = []
    for path in sources():
        if path.relative_to(ROOT).as_posix() in ("agent/settings.py", "plugins/_apart.py"):
            continue  # the latter hands a part of it on to a process of ours, and looks at none
        if path.parent.name == "_escaping":
            continue  # a program that is confined, and looks for what it should not find
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv", "environb"):
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not wrong, "\n".join(wrong)


def test_only_the_screen_and_the_command_line_import_rich() -> None:
    wrong = []
    for path in sources():
        name = path.relative_to(ROOT).as_posix()
        if name == "agent/screen.py" or name.startswith(("agent/cli/", "agent/screen/")):
            continue
        wrong += [f"{name}:{line}" for target, line in imports(path) if target.split(".")[0] == "rich"]
    assert not wrong, "\n".join(wrong)


def test_the_loop_fits_a_screen_and_catches_nothing() -> None:
    tree = ast.parse((ROOT / "agent" / "loop.py").read_text("utf-8"))
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "loop")
    assert function.end_lineno is not None
    assert function.end_lineno - function.lineno + 1 <= 40
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Try)]


@pytest.mark.parametrize("name", ["utils", "helpers", "common", "base", "manager", "core"])
def test_no_room_has_a_name_that_says_nothing(name: str) -> None:
    assert [path for path in sources() if path.stem.strip("_") == name or name in path.parent.name] == []


def test_the_face_of_plugins_lists_what_it_has_before_any_of_it_is_used() -> None:
    code = "import plugins, sys; print(sorted(set(plugins.__all__) - set(dir(plugins))), 'plugins._mcp' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert ended.stdout == "[] False\n"


def test_help_starts_without_anything_heavy() -> None:
    code = (
        "import sys\n"
        "sys.argv = ['thinkact', '--help']\n"
        "from agent.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        f"print('HEAVY', [name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "HEAVY []" in ended.stdout
    assert "Usage" in ended.stdout
