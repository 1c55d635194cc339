"""Where pictures are asked for: where the run's model is, and only where somebody says that it draws."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.model.choice import Choice
from agent.opening.studio import image_endpoint, open_studio
from agent.settings import Settings

KEY = "sk-test-0123456789abcdef"
LOCAL = "http://localhost:11434/v1"


def settings(folder: Path, **environ: str) -> Settings:
    return Settings.load(cwd=folder, environ=environ, config=folder / "none.toml", home=folder / "home")


def test_without_key_and_address_there_is_no_endpoint(tmp_path: Path) -> None:
    assert image_endpoint(settings(tmp_path)) is None
    assert image_endpoint(settings(tmp_path, THINKACT_IMAGES="openai"), Choice("offline")) is None


@pytest.mark.parametrize(
    ("environ", "draws"),
    [
        ({"OPENAI_API_KEY": KEY}, True),
        ({"OPENAI_BASE_URL": LOCAL}, False),
        ({"OPENAI_BASE_URL": LOCAL, "OPENAI_API_KEY": KEY}, False),
        ({"OPENAI_BASE_URL": LOCAL, "THINKACT_IMAGE_API_MODEL": "sdxl"}, True),
        ({"OPENAI_BASE_URL": LOCAL, "THINKACT_IMAGES": "openai"}, True),
        ({"OPENAI_API_KEY": KEY, "THINKACT_MODEL": "offline"}, False),
        ({"OPENAI_API_KEY": KEY, "THINKACT_MODEL": "offline", "THINKACT_IMAGES": "openai"}, True),
    ],
)
def test_it_draws_where_it_is_openais_own_or_somebody_says_so(
    tmp_path: Path, environ: dict[str, str], draws: bool
) -> None:
    found = image_endpoint(settings(tmp_path, **environ))
    assert found is not None
    assert found.draws is draws
    assert KEY not in repr(found)


def test_a_run_that_talks_to_another_place_sends_its_pictures_nowhere_else(tmp_path: Path) -> None:
    stated = settings(tmp_path, OPENAI_API_KEY=KEY, THINKACT_VISION_MODEL="v")
    there = image_endpoint(stated, Choice("llama", LOCAL, None))
    assert there is not None
    assert (there.base_url, there.api_key, there.draws, there.keyless) == (LOCAL, None, False, True)
    assert there.vision_model == "v"
    at_openai = image_endpoint(stated, Choice("gpt-5.4-mini", None, KEY))
    assert at_openai is not None
    assert (at_openai.host, at_openai.api_key, at_openai.draws) == ("api.openai.com", KEY, True)
    offline = image_endpoint(stated, Choice("offline"))
    assert offline is not None
    assert not offline.draws


def test_beside_the_offline_model_a_dotenv_has_nothing_sent_anywhere(tmp_path: Path) -> None:
    lines = ("THINKACT_IMAGES=openai", "THINKACT_IMAGE_API_MODEL=x", "THINKACT_VISION_MODEL=v")
    (tmp_path / ".env").write_text("\n".join(lines), "utf-8")
    stated = settings(tmp_path, OPENAI_API_KEY=KEY)
    for choice, sent in ((Choice("offline"), False), (Choice("gpt-5.4-mini", None, KEY), True)):
        found = image_endpoint(stated, choice)
        assert found is not None
        assert (found.draws, bool(found.vision_model)) == (sent, sent)
    with open_studio(stated, Choice("offline")) as studio:
        assert not studio.states()[0].works


def test_the_models_and_the_time_are_those_of_the_settings(tmp_path: Path) -> None:
    usual = image_endpoint(settings(tmp_path, OPENAI_API_KEY=KEY))
    assert usual is not None
    assert (usual.image_model, usual.vision_model, usual.timeout) == ("gpt-image-2.6-flare", "", 600.0)
    named = settings(tmp_path, OPENAI_API_KEY=KEY, THINKACT_IMAGE_API_MODEL="画-2", THINKACT_TIMEOUT="20s")
    mine = image_endpoint(named)
    assert mine is not None
    assert (mine.image_model, mine.timeout) == ("画-2", 300.0)
    with open_studio(named) as studio:
        assert studio.abilities()["generate"] == "openai"
        assert studio.states()[0].model == "画-2"
    with open_studio(settings(tmp_path, OPENAI_API_KEY=KEY, THINKACT_IMAGES="draw")) as studio:
        assert studio.abilities()["generate"] == "draw"
