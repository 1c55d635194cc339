from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.errors import SettingsError
from agent.goal import Budget
from agent.settings import DEFAULTS, Settings, effective_budget

Load = Callable[..., Settings]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Settings of a folder of their own: `env` is the text of its .env, `config` of config.toml, `home` a flag."""

    def load_settings(env: str = "", config: str = "", home: Path | None = None, **environ: str) -> Settings:
        work, user = tmp_path / "work", tmp_path / "user"
        work.mkdir(exist_ok=True)
        user.mkdir(exist_ok=True)
        (work / ".env").write_text(env, "utf-8")
        (user / "config.toml").write_text(config, "utf-8")
        return Settings.load(cwd=work, environ=environ, config=user / "config.toml", home=home)

    return load_settings


def test_without_anything_the_defaults_hold(tmp_path: Path) -> None:
    settings = Settings.load(cwd=tmp_path, environ={}, config=tmp_path / "none.toml")
    assert (settings.api_key, settings.base_url, settings.model, settings.no_color) == (None, None, None, False)
    assert settings.limits == Budget()
    assert settings.home.is_absolute()
    assert settings.origins == {}
    assert settings.warnings == ()
    assert {one.origin for one in settings.told()} == {"default"}


def test_a_fresh_process_reads_its_own_environment(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from agent.settings import Settings\n"
        "s = Settings.load(cwd=Path('.'), config=Path('none.toml'))\n"
        "print(s.model, s.origin('THINKACT_MODEL'), s.home.name)"
    )
    root = Path(__file__).parent.parent.parent
    environ = {**os.environ, "THINKACT_MODEL": "模型", "THINKACT_HOME": "kept", "PYTHONPATH": str(root)}
    environ |= {"PYTHONUTF8": "1"}
    ended = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environ, capture_output=True, check=True)
    assert ended.stdout.decode().split() == ["模型", "environment", "kept"]
    assert list(tmp_path.iterdir()) == []


def test_the_environment_goes_before_the_file_and_the_file_before_the_configuration(load: Load) -> None:
    config = 'model = "c"\nembedder = "none"\ntimeout = "3m"\n'
    settings = load("THINKACT_MODEL=e\nTHINKACT_EMBEDDER=hashing\n", config, THINKACT_MODEL="v")
    assert (settings.model, settings.origin("THINKACT_MODEL")) == ("v", "environment")
    assert (settings.embedder, settings.origin("THINKACT_EMBEDDER")) == ("hashing", ".env")
    assert (settings.timeout, settings.origin("THINKACT_TIMEOUT")) == (180.0, "config.toml")
    assert settings.origin("NO_COLOR") == "default"


def test_an_empty_value_states_nothing(load: Load) -> None:
    settings = load("THINKACT_MODEL=e\n", THINKACT_MODEL=" ", OPENAI_API_KEY="")
    assert settings.model == "e"
    assert settings.api_key is None


def test_every_kind_of_value_is_read(load: Load, tmp_path: Path) -> None:
    config = """
api_key = "sk-1"
base_url = "https://user:pass@models.example/v1"
max_steps = 7
max_model_calls = 9
max_tokens = "200k"
max_usd = 0.5
max_time = "15m"
allow = ["read_file", "web_*"]
deny = "run_shell, x"
private_hosts = ["Wiki.example:8080", "[::1]:80"]
no_color = true
no_proxy = "a,b"
https_proxy = "http://me:secret@proxy.example:1"
home = "state"
"""
    settings = load("", config)
    assert settings.limits == Budget(steps=7, model_calls=9, tokens=200_000, usd=0.5, time=900.0)
    assert settings.allow == ("read_file", "web_*")
    assert settings.deny == ("run_shell", "x")
    assert settings.private_hosts == ("wiki.example:8080", "[::1]:80")
    assert settings.no_color
    assert settings.no_proxy == ("a", "b")
    assert settings.home == tmp_path / "user" / "state"
    assert settings.runs_folder == settings.home / "runs"
    assert settings.memory_folder == settings.home / "memory"
    assert settings.plugins_folder == settings.home / "plugins"
    assert not load("", "no_color = false").no_color


def test_no_secret_is_printed(load: Load) -> None:
    settings = load(
        "",
        'base_url = "https://user:pazz@models.example/v1?token=pazz"\n',
        OPENAI_API_KEY="sk-very",
        HTTPS_PROXY="http://me:pazz@proxy.example:1",
        ALL_PROXY="me:pazz@proxy.example:1",
    )
    shown = repr(settings) + repr(settings.told())
    assert "sk-very" not in shown
    assert "pazz" not in shown
    told = {one.name: one.value for one in settings.told()}
    assert told["OPENAI_API_KEY"] == "set"
    assert told["OPENAI_BASE_URL"] == "https://***@models.example/v1?token=***"
    assert told["HTTPS_PROXY"] == "http://***@proxy.example:1"
    assert told["ALL_PROXY"] == "***@proxy.example:1"


def test_what_is_told_is_written_as_people_write_it(load: Load) -> None:
    settings = load("", 'max_time = 5400\nmax_tokens = "1.5M"\nmax_usd = 2\nallow = ["a", "b"]\nno_color = true\n')
    told = {one.name: one.value for one in settings.told()}
    assert told["THINKACT_MAX_TIME"] == "1h30m"
    assert told["THINKACT_MAX_TOKENS"] == "1,500,000"
    assert told["THINKACT_MAX_USD"] == "2.00"
    assert told["THINKACT_ALLOW"] == "a, b"
    assert told["NO_COLOR"] == "yes"
    assert told["THINKACT_DENY"] is None


def test_programs_of_a_goal_see_where_things_are_and_no_secret(load: Load) -> None:
    settings = load(KEY, PATH="/bin", LANG="zh_CN.UTF-8", OPENAI_API_KEY="sk-own", AWS_SECRET="x")
    assert settings.program_environment == {"PATH": "/bin", "LANG": "zh_CN.UTF-8"}
    found = {"APPDATA": r"C:\a", "PROGRAMFILES(X86)": r"C:\p", "LC_CTYPE": "UTF-8", "LOGNAME": "ada"}
    assert load(**found).program_environment == found


def test_proxies_are_told_also_by_their_lower_case_names(load: Load) -> None:
    assert load(https_proxy="http://p:1").https_proxy == "http://p:1"
    assert load(thinkact_model="x").model is None


def test_the_home_is_a_flag_or_relative_to_where_it_is_stated(load: Load, tmp_path: Path) -> None:
    assert load(THINKACT_HOME="h").home == tmp_path / "work" / "h"
    assert load(THINKACT_HOME="~/h").home == Path("~/h").expanduser()
    settings = load(THINKACT_HOME="h", home=tmp_path / "flag")
    assert (settings.home, settings.origin("THINKACT_HOME")) == (tmp_path / "flag", "flag")
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="is not a folder"):
        load(home=tmp_path / "file")


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        (
            {"OPENAI_API_KEY": "sk-a b"},
            "OPENAI_API_KEY in the environment: must be a key: one word of plain characters",
        ),
        ({"OPENAI_API_KEY": "sk-é"}, "OPENAI_API_KEY in the environment: must be a key"),
        ({"OPENAI_BASE_URL": "localhost:11434"}, "OPENAI_BASE_URL in the environment: must be an address, such as"),
        ({"OPENAI_BASE_URL": "http://[::1"}, "OPENAI_BASE_URL in the environment: must be an address"),
        ({"OPENAI_BASE_URL": "http://a:99999"}, "OPENAI_BASE_URL in the environment: must be an address"),
        ({"OPENAI_BASE_URL": "http://localhost\\@evil.example"}, "OPENAI_BASE_URL in the environment: must be"),
        ({"THINKACT_MAX_STEPS": "0"}, 'THINKACT_MAX_STEPS in the environment: must be at least 1, not "0"'),
        (
            {"THINKACT_MAX_STEPS": "many"},
            "THINKACT_MAX_STEPS in the environment: must be a whole number, such as 4, not",
        ),
        ({"THINKACT_MAX_TIME": "soon"}, "THINKACT_MAX_TIME in the environment: must be a duration"),
        ({"THINKACT_ALLOW": "a b"}, "THINKACT_ALLOW in the environment: must be one tool's name"),
        ({"THINKACT_PRIVATE_HOSTS": "wiki"}, "THINKACT_PRIVATE_HOSTS in the environment: must be host:port"),
        ({"THINKACT_PRIVATE_HOSTS": "::1:80"}, "THINKACT_PRIVATE_HOSTS in the environment: must be host:port"),
        (
            {"THINKACT_PRIVATE_HOSTS": "a:0"},
            "THINKACT_PRIVATE_HOSTS in the environment: must be host:port, with a port",
        ),
        ({"THINKACT_MODEL": "a\nb"}, "THINKACT_MODEL in the environment: must be one line"),
        ({"THINKACT_NAMESPACE": "x" * 101}, "THINKACT_NAMESPACE in the environment: must be one line of at most 100"),
    ],
)
def test_a_value_that_cannot_be_used_names_the_setting_and_its_origin(
    load: Load, environ: dict[str, str], message: str
) -> None:
    with pytest.raises(SettingsError) as raised:
        load(**environ)
    assert raised.value.message.startswith(message)
    assert "sk-" not in raised.value.message


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ('modle = "x"', 'config.toml: unknown key modle; did you mean "model"?'),
        ('THINKACT_MODEL = "x"', 'config.toml: unknown key THINKACT_MODEL; did you mean "model"?'),
        ("model = ", "config.toml is not TOML: "),
        ("model = true", "config.toml: must be a text, a number, or a list of texts"),
        ("allow = [1]", "config.toml: must be a text, a number, or a list of texts"),
        ("max_usd = inf", "config.toml: must be an amount of US dollars"),
        ("model = " + "[" * 100_000, "config.toml is not TOML: "),
    ],
)
def test_a_configuration_that_cannot_be_used_is_refused(load: Load, config: str, message: str) -> None:
    with pytest.raises(SettingsError) as raised:
        load("", config)
    assert message in raised.value.message
    assert "Traceback" not in raised.value.message


def test_files_that_cannot_be_read_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"A=\xff\n")
    with pytest.raises(SettingsError, match=r"\.env is not UTF-8"):
        Settings.load(cwd=tmp_path, environ={}, config=tmp_path / "c.toml")
    (tmp_path / ".env").write_bytes(b"#" * 300_000)
    with pytest.raises(SettingsError, match=r"\.env is larger than 256 kB"):
        Settings.load(cwd=tmp_path, environ={}, config=tmp_path / "c.toml")


def test_a_file_that_the_system_refuses_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        Settings.load(cwd=tmp_path / ("x" * 5000), environ={}, config=tmp_path / "c.toml")


# what a .env may do


def test_a_dotenv_is_read_as_other_programs_read_it(load: Load) -> None:
    settings = load("\ufeffexport OPENAI_API_KEY='a#b' # the key\r\nOTHER=1\nTHINKACT_MODEL=${HOME}\n")
    assert settings.api_key == "a#b"
    assert settings.model == "${HOME}"
    assert settings.warnings == ()


def test_lines_that_are_none_are_warned_about(load: Load, tmp_path: Path) -> None:
    settings = load("THINKACT_MODEL=a\n%% what\nTHINKACT_EMBEDDER\n")
    assert settings.model == "a"
    assert settings.warnings == (f"{tmp_path / 'work' / '.env'}:2: this line is not NAME=value, and was passed over",)


def test_a_misspelled_name_of_ours_is_warned_about(load: Load) -> None:
    first, second = load("THINKACT_MODLE=a\n", THINKACT_MAX_STEP="3").warnings
    assert first == (
        'THINKACT_MAX_STEP in the environment is no setting of thinkact; did you mean "THINKACT_MAX_STEPS"?'
    )
    assert second.endswith('.env is no setting of thinkact; did you mean "THINKACT_MODEL"?')


KEY, URL = "OPENAI_API_KEY=sk-file\n", "OPENAI_BASE_URL=https://models.example/v1\n"


def test_a_base_url_counts_with_a_key_from_the_same_file(load: Load) -> None:
    settings = load(KEY + URL)
    assert (settings.api_key, settings.base_url) == ("sk-file", "https://models.example/v1")
    assert settings.warnings == ()


@pytest.mark.parametrize(
    ("env", "config", "environ", "reason"),
    [
        (URL, "", {"OPENAI_API_KEY": "sk-own"}, "the key in use is that of the environment"),
        (URL + KEY, "", {"OPENAI_API_KEY": "sk-own"}, "the key in use is that of the environment"),
        (URL, 'api_key = "sk-own"', {}, "the key in use is that of config.toml"),
        (URL, "", {}, "no key stands beside it"),
    ],
)
def test_a_cloned_repository_cannot_send_the_users_key_elsewhere(
    load: Load, env: str, config: str, environ: dict[str, str], reason: str
) -> None:
    settings = load(env, config, **environ)
    assert settings.base_url is None
    assert settings.origin("OPENAI_BASE_URL") == "default"
    assert settings.warnings == (f"OPENAI_BASE_URL in .env was passed over: {reason}",)


def test_the_users_own_base_url_holds_where_that_of_a_dotenv_does_not(load: Load) -> None:
    settings = load(URL, 'base_url = "https://own.example"\napi_key = "sk-own"')
    assert (settings.base_url, settings.origin("OPENAI_BASE_URL")) == ("https://own.example", "config.toml")
    assert load(URL + KEY, OPENAI_BASE_URL="https://own.example").base_url == "https://own.example"


@pytest.mark.parametrize(
    "url", ["http://localhost:11434/v1", "http://127.0.0.2:1", "http://[::1]:1234", "http://a.localhost"]
)
def test_a_base_url_of_this_machine_needs_no_key_beside_it(load: Load, url: str) -> None:
    assert load(f"OPENAI_BASE_URL={url}\n", OPENAI_API_KEY="sk-own").base_url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost.evil.example",
        "http://localhost@evil.example",
        "http://127.0.0.1.evil.example",
        "http://10.0.0.1",
    ],
)
def test_an_address_that_only_looks_like_this_machine_is_none(load: Load, url: str) -> None:
    assert load(f"OPENAI_BASE_URL={url}\n", OPENAI_API_KEY="sk-own").base_url is None


@pytest.mark.parametrize(
    "line",
    [
        "THINKACT_HOME=evil",
        "THINKACT_ALLOW=*",
        "THINKACT_NAMESPACE=work",
        "THINKACT_PRIVATE_HOSTS=169.254.169.254:80",
        "HTTPS_PROXY=http://evil.example",
        "ALL_PROXY=http://evil.example",
        "NO_PROXY=*",
    ],
)
def test_what_would_widen_what_is_allowed_does_not_count_in_a_dotenv(load: Load, line: str) -> None:
    name = line.split("=")[0]
    settings = load(line + "\n")
    assert settings.origins == {}
    assert settings.home.name != "evil"
    (warning,) = settings.warnings
    assert warning.startswith(f"{name} in ")


def test_a_dotenv_adds_to_what_is_denied_and_never_takes_away(load: Load) -> None:
    assert load("THINKACT_DENY=a\n", 'deny = ["b"]').deny == ("b", "a")
    assert load("THINKACT_DENY=a\n", THINKACT_DENY="b").deny == ("b", "a")
    assert load("THINKACT_DENY=a\n").deny == ("a",)


def test_a_dotenv_lowers_limits_and_never_lifts_them(load: Load) -> None:
    lower = load("THINKACT_MAX_STEPS=3\nTHINKACT_MAX_USD=1\n", "max_steps = 5\nmax_usd = 0\n")
    assert (lower.limits.steps, lower.limits.usd) == (3, 1.0)
    higher = load("THINKACT_MAX_STEPS=9\nTHINKACT_MAX_USD=0\n", "max_steps = 5\nmax_usd = 1\n")
    assert (higher.limits.steps, higher.limits.usd) == (5, 1.0)
    assert [warning.split()[0] for warning in higher.warnings] == ["THINKACT_MAX_STEPS", "THINKACT_MAX_USD"]
    assert load("THINKACT_MAX_STEPS=5\n", "max_steps = 5\n").warnings == ()
    assert load("THINKACT_MAX_STEPS=3\n", THINKACT_MAX_STEPS="9").limits.steps == 9


# the budget of a run


def test_without_anything_the_default_limits_hold(load: Load) -> None:
    effective = effective_budget(load(), goal=Budget())
    assert effective.budget == DEFAULTS
    assert set(effective.origins.values()) == {"default"}


@pytest.mark.parametrize(
    ("env", "stated", "goal", "flag", "expected", "origin"),
    [
        (None, None, 200, None, 200, "goal file"),
        (None, 30, 200, None, 30, "environment"),
        (None, 300, 200, None, 200, "goal file"),
        (None, 30, None, None, 30, "environment"),
        (None, 300, None, None, 300, "environment"),
        (None, 30, 200, 400, 400, "flag"),
        (300, None, None, None, 50, "default"),
        (30, None, None, None, 30, ".env"),
        (30, None, 200, None, 30, ".env"),
        (300, None, 200, None, 200, "goal file"),
    ],
)
def test_a_goal_replaces_defaults_settings_cap_it_and_a_flag_beats_both(
    load: Load, env: int | None, stated: int | None, goal: int | None, flag: int | None, expected: int, origin: str
) -> None:
    environ = {} if stated is None else {"THINKACT_MAX_STEPS": str(stated)}
    settings = load("" if env is None else f"THINKACT_MAX_STEPS={env}\n", **environ)
    effective = effective_budget(settings, goal=Budget(steps=goal), flags=Budget(steps=flag))
    assert effective.budget.steps == expected
    assert effective.origins["steps"] == origin


def test_no_limit_of_money_is_above_every_limit(load: Load) -> None:
    assert effective_budget(load(), goal=Budget(usd=0.0)).budget.usd == 0.0
    assert effective_budget(load(THINKACT_MAX_USD="2"), goal=Budget(usd=0.0)).budget.usd == 2.0
    assert effective_budget(load(THINKACT_MAX_USD="0"), goal=Budget(usd=3.0)).budget.usd == 3.0
    assert effective_budget(load(THINKACT_MAX_USD="0"), goal=Budget()).budget.usd == 0.0


def test_limits_of_single_tools_come_from_goal_and_flags(load: Load) -> None:
    goal, flags = Budget(tool_calls={"a": 1, "b": 2}), Budget(tool_calls={"b": 3})
    effective = effective_budget(load(), goal=goal, flags=flags)
    assert effective.budget.tool_calls == {"a": 1, "b": 3}
    assert effective.origins["tool_calls.a"] == "goal file"
    assert effective.origins["tool_calls.b"] == "flag"
    assert json.dumps(dict(effective.origins))


# everything that is wrong, at once


def test_all_that_is_wrong_is_told_at_once_with_its_line_and_the_rest_holds(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# us\n\nTHINKACT_MODLE=a\nTHINKACT_EMBEDDER=none\nTHINKACT_TIMEOUT=soon\n", "utf-8")
    (tmp_path / "c.toml").write_text('timeuot = "1m"\n\nmax_steps = "many"\nmodel = "c"\n', "utf-8")
    environ = {"THINKACT_MAX_USD": "much", "PYTHONPATH": f"lib{os.pathsep}/x"}
    settings, notices = Settings.examine(cwd=tmp_path, environ=environ, config=tmp_path / "c.toml")
    assert (settings.embedder, settings.model, settings.timeout) == ("none", "c", 120.0)
    assert settings.import_path == (tmp_path / "lib", Path("/x"))
    assert [(one.origin, one.line, one.name, one.meant, one.grave) for one in notices] == [
        ("environment", 0, "THINKACT_MAX_USD", None, True),
        (".env", 5, "THINKACT_TIMEOUT", None, True),
        (".env", 3, "THINKACT_MODLE", "THINKACT_MODEL", False),
        ("config.toml", 1, "timeuot", "timeout", True),
        ("config.toml", 3, "max_steps", None, True),
    ]
    with pytest.raises(SettingsError) as raised:
        Settings.load(cwd=tmp_path, environ=environ, config=tmp_path / "c.toml")
    assert raised.value.message == notices[0].text


@pytest.mark.parametrize(
    ("content", "line", "column"), [(b"model = \n", 1, 9), (b'a = "x\n', 1, 7), (b'# ok\nmodel = "\xff"\n', 2, 0)]
)
def test_the_place_in_a_spoilt_configuration_is_told_where_it_is_known(
    tmp_path: Path, content: bytes, line: int, column: int
) -> None:
    (tmp_path / "c.toml").write_bytes(content)
    _, (notice,) = Settings.examine(cwd=tmp_path, environ={}, config=tmp_path / "c.toml")
    assert (notice.grave, notice.line, notice.column) == (True, line, column)


def test_a_key_that_is_taken_is_in_the_environment_no_more_and_what_names_it_still_gets_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-taken-0001")
    monkeypatch.setenv("A_TOKEN_OF_ANOTHER", "stays")
    taken = Settings.load(cwd=tmp_path, config=tmp_path / "none.toml", take_keys=True)
    assert taken.api_key == taken.variable("OPENAI_API_KEY") == "sk-taken-0001"
    assert taken.variable("A_TOKEN_OF_ANOTHER") == os.environ["A_TOKEN_OF_ANOTHER"] == "stays"
    assert "OPENAI_API_KEY" not in os.environ
