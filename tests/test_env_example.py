"""`.env.example` names every setting, and every name in it is a setting with a usable example."""

from __future__ import annotations

import re
from pathlib import Path

from agent.setting_table import SETTINGS
from agent.settings import Settings

TEXT = (Path(__file__).parent.parent / ".env.example").read_text("utf-8")
EXAMPLES = dict(re.findall(r"^# ([A-Z_]+)=(.*)$", TEXT, re.MULTILINE))


def test_every_setting_is_in_the_example_and_nothing_else() -> None:
    assert sorted(EXAMPLES) == sorted(setting.name for setting in SETTINGS)


def test_the_example_states_nothing_as_it_is() -> None:
    assert [line for line in TEXT.splitlines() if line and not line.startswith("#")] == []


def test_every_example_can_be_used(tmp_path: Path) -> None:
    settings = Settings.load(cwd=tmp_path, environ=EXAMPLES, config=tmp_path / "config.toml")
    stated = {name for name, value in EXAMPLES.items() if value}
    assert set(settings.origins) == stated
    assert settings.warnings == ()


def test_the_example_tells_what_a_dotenv_may_not_state(tmp_path: Path) -> None:
    counted, passed_over = TEXT.split("# --- passed over in a .env ---")
    never = {setting.name for setting in SETTINGS if setting.dotenv == "never"}
    assert {name for name in EXAMPLES if f"\n# {name}=" in passed_over} == never
    assert not any(f"\n# {name}=" in counted for name in never)
    (tmp_path / ".env").write_text("\n".join(f"{name}={value}" for name, value in EXAMPLES.items()), "utf-8")
    settings = Settings.load(cwd=tmp_path, environ={}, config=tmp_path / "config.toml")
    assert {warning.split()[0] for warning in settings.warnings} == never
