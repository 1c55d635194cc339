"""Ids of calls: one each."""

import threading

from agent.events import ToolCall
from agent.model import Message
from agent.model.call_ids import CallIds, unique_id


def test_made_up_ids_are_distinct_and_nine_letters_or_digits() -> None:
    made = {unique_id() for _ in range(100)}
    assert len(made) == 100
    assert all(len(one) == 9 and one.isalnum() for one in made)


def test_an_id_that_a_server_sends_is_kept_where_no_other_call_has_it() -> None:
    ids = CallIds()
    ids.note([Message("assistant", "", (ToolCall(id="old", tool="read_file"),))])
    assert ids.take("new") == "new"
    assert len({ids.take(one) for one in ("old", "new", "", "")} - {"old", "new", ""}) == 4


def test_threads_that_take_the_same_id_at_once_get_different_ones() -> None:
    ids, found = CallIds(), list[str]()
    threads = [threading.Thread(target=lambda: found.append(ids.take("call_0"))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(set(found)) == 20
