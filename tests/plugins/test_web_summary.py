"""Several pages summed up as one text whose points are linked to the pages and headings that they came from."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest

from plugins import Cache, ToolError
from tests.plugins.papers import pdf
from tests.plugins.test_http import Handler, Site, to
from tests.plugins.web_desk import Model, WebDesk, answering, article

MARK = re.compile(r"\[section \d+\]")


def town(name: str, number: int) -> str:
    """A page about a town, with two sections."""
    more = (
        f"<h2>Ferries of {name}</h2><p>{name} has {number} electric ferries, which cross the harbour every hour. "
        f"The ferries of {name} are painted in {number} colours and carry bicycles without a charge.</p>"
        f"<p>{'They sail in any weather but ice. ' * 12}</p>"
        f"<h2>Museums of {name}</h2><p>{name} keeps {number + 100} model ships in its museum by the old crane. "
        f"The museum of {name} is open from ten to five and closed on Mondays.</p>"
    )
    return article(f"The town of {name}", f"{name} lies by the sea and has many gulls and a crane.", more=more)


@pytest.fixture
def desk(web_desk: WebDesk, site: Site) -> WebDesk:
    for number, name in enumerate(("Alby", "Borg", "Cult"), 7):
        site.answers[f"/{name}"] = answering(town(name, number))
    return web_desk


def points(prompt: str) -> str:
    """A model that says the sentence behind each mark again, with the mark behind it."""
    if "notes on" in prompt:
        return prompt.partition("<<<")[2].partition("\n")[2].rpartition("\n")[0]
    found = re.findall(r"\[section (\d+)\]\n(?:#[^\n]*\n+)?([^\n.]+\.)", prompt)
    return "\n".join(f"- {sentence} [section {number}]" for number, sentence in found)


def test_each_point_has_the_address_and_heading_that_it_came_from(desk: WebDesk, site: Site) -> None:
    desk.ask = Model(points)
    found = desk.summary([site.url("/Alby"), site.url("/Borg"), site.url("/Cult")])
    assert found.ok, found.text
    for number, name in enumerate(("Alby", "Borg", "Cult"), 7):
        url = site.url(f"/{name}")
        point = f"{name} has {number} electric ferries, which cross the harbour every hour."
        assert f"- {point} ([Ferries of {name}]({url}))" in found.text
        assert f"([Museums of {name}]({url}))" in found.text
        assert f"[The town of {name}]({url})" in found.text
    assert not MARK.search(found.text)
    assert "[summary of 3 pages of the web; by the model in 1 passage" in found.text


def test_without_a_model_the_pages_own_sentences_are_linked_all_the_same(desk: WebDesk, site: Site) -> None:
    text = desk.summary([site.url("/Alby"), site.url("/Borg")]).text
    assert f"]({site.url('/Alby')}))" in text
    assert f"]({site.url('/Borg')}))" in text
    assert "no model" in text
    assert "section " not in text


def test_a_citation_that_the_model_made_up_is_taken_out(desk: WebDesk, site: Site) -> None:
    desk.ask = Model(lambda _: "The moon is near. [section 999]")
    text = desk.summary([site.url("/Alby")]).text
    assert "section 999" not in text  # the port of the site may hold the number
    assert "1 citation of places that it was not shown left out" in text


def test_a_point_without_a_mark_gets_the_place_of_its_words(desk: WebDesk, site: Site) -> None:
    desk.ask = Model(lambda _: "Borg keeps 108 model ships in its museum by the old crane.")
    text = desk.summary([site.url("/Alby"), site.url("/Borg")]).text
    assert f"by the old crane. ([Museums of Borg]({site.url('/Borg')}))" in text


def test_the_question_is_asked_of_all_pages(desk: WebDesk, site: Site) -> None:
    desk.ask = Model(points)
    desk.summary([site.url("/Alby")], "有几艘渡轮？")
    assert "有几艘渡轮？" in desk.ask.prompts[0]


def test_without_a_model_it_is_said_where_the_pages_do_not_answer(desk: WebDesk, site: Site) -> None:
    text = desk.summary([site.url("/Alby")], "Who feeds the penguins?").text
    assert text.startswith("Nothing in it answers that: it has no word of the question (feeds, penguins).")


def test_a_page_that_fails_is_told_and_the_others_go_on(desk: WebDesk, site: Site) -> None:
    site.answers["/picture"] = answering(b"\x89PNG\r\n\x1a\n" + bytes(100), "image/png")
    urls = [site.url("/none"), site.url("/Alby"), site.url("/picture"), "http://127.0.0.1:1/x"]
    text = desk.summary(urls).text
    assert f"]({site.url('/Alby')}))" in text
    assert f"Not read: {site.url('/none')}: {site.url('/none')} answered 404" in text
    assert f"Not read: {site.url('/picture')}: it has no text: it is a PNG picture" in text
    assert "Not read: http://127.0.0.1:1/x: port 1 of 127.0.0.1 is not opened" in text


def test_where_no_page_can_be_read_each_reason_is_told(desk: WebDesk, site: Site) -> None:
    found = desk.summary([site.url("/none"), site.url("/nor")])
    assert not found.ok
    assert "none of the pages can be read" in found.text
    assert f"{site.url('/nor')} answered 404" in found.text


def test_two_addresses_of_one_page_are_one_page(desk: WebDesk, site: Site) -> None:
    site.answers["/old"] = to("/Alby")
    desk.ask = Model(points)
    text = desk.summary([site.url("/old"), site.url("/Alby"), site.url("/Alby")]).text
    assert "summary of 1 page of the web" in text


def test_a_point_from_a_pdf_is_linked_to_its_page(desk: WebDesk, site: Site) -> None:
    site.answers["/r.pdf"] = answering(
        pdf([["港口有海鸥。"], ["电动渡轮的运行费用减少了百分之六十一。"]]), "application/pdf"
    )
    desk.ask = Model(lambda _: "电动渡轮的运行费用减少了百分之六十一。")
    text = desk.summary([site.url("/Alby"), site.url("/r.pdf")]).text
    assert f"百分之六十一。 ([page 2]({site.url('/r.pdf#page=2')}))" in text


def test_ten_pages_are_fetched_side_by_side(desk: WebDesk, site: Site, tmp_path: Path, cache: Cache) -> None:
    together = threading.Barrier(5)

    def meeting(handler: Handler) -> None:
        together.wait(10.0)  # five must be under way at the same time, or none is answered
        answering(town("Alby", 7))(handler)

    urls = []
    for number in range(10):
        site.answers[f"/p{number}"] = meeting
        urls.append(site.url(f"/p{number}"))
    assert desk.summary(urls).text.count("/p9)") >= 1


@pytest.mark.parametrize("count", [0, 21])
def test_none_and_too_many_are_refused_in_one_line(desk: WebDesk, count: int) -> None:
    found = desk.summary([f"https://example.org/{n}" for n in range(count)])
    assert not found.ok
    assert len(found.text.splitlines()) == 2


def test_a_model_that_cannot_be_had_is_told(desk: WebDesk, site: Site) -> None:
    def fail(_: str) -> str:
        raise ToolError("the model cannot be had", kind="model")

    desk.ask = Model(fail)
    found = desk.summary([site.url("/Alby")])
    assert not found.ok
    assert "the model cannot be had" in found.text


def test_the_brackets_of_a_heading_do_not_end_its_link(desk: WebDesk, site: Site) -> None:
    evil = "<h2>Free](http://evil.example) money [x</h2><p>The ferries of Alby carry bicycles without a charge.</p>"
    site.answers["/evil"] = answering(article("Evil", "Alby lies by the sea and has many gulls.", more=evil))
    desk.ask = Model(lambda _: "The ferries of Alby carry bicycles without a charge.")
    text = desk.summary([site.url("/evil")]).text
    assert f"(http://evil.example) money (x]({site.url('/evil')}))" in text
    assert "](http://evil" not in text
