from __future__ import annotations

import pytest

from memory._contradiction import contradicts, stated


def decided(one: str, other: str) -> bool:
    first, second = stated(one), stated(other)
    if first is None or second is None:
        return False
    assert contradicts(first, second) == contradicts(second, first)
    return contradicts(first, second)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The deploy port is 8080", "The deploy port is now 9090."),
        ("The office is in Berlin", "The office is in Munich"),
        ("My favourite colour is blue", "My favourite colour is green"),
        ("Anna lives in Paris.", "Anna moved to Rome"),
        ("deploy_port: 8080", "deploy_port: 9090"),
        ("The library opens at 9", "The library opens at 10"),
        ("The meeting is on Monday", "The meeting is on Tuesday"),
        ("The user prefers dark mode", "The user prefers light mode"),
        ("The council meets on the first Wednesday of a month", "The council meets on the second Tuesday of a month"),
        ("The API base URL is https://a.example.com", "The API base URL is https://b.example.com"),
        ("图书馆的开放时间是九点", "图书馆的开放时间是十点"),
        ("服务器端口是8080", "服务器端口改为9090"),
        ("小王住在北京", "小王搬到了上海"),
        ("我最喜欢的颜色是蓝色", "我最喜欢的颜色是绿色"),
        ("部署端口：8080", "部署端口：9090"),
    ],
)
def test_two_values_of_what_holds_once_at_a_time_contradict_each_other(one: str, other: str) -> None:
    assert decided(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Invoice 17 is paid", "Invoice 18 is paid"),
        ("Anna likes tea", "Anna likes coffee"),
        ("Anna bought 3 apples", "Anna bought 4 apples"),
        ("The office is closed", "The office is large"),
        ("The shop is closed on Sunday", "The shop is closed on Monday"),
        ("On Sunday the shop is closed.", "On Monday the shop is closed."),
        ("周日不营业", "周一不营业"),
        ("Bob is a doctor", "Bob is a father"),
        ("The library opens at 9", "The library closes at 17"),
        ("The meeting is on Monday", "The meeting is in Berlin"),
        ("The user prefers dark mode", "The user prefers short answers"),
        ("The trip is 5 days", "The trip is 300 euros"),
        ("The build of alpha is green", "The build of beta is green"),
        ("The languages are English and German", "The languages are English and French"),
        ("The port is 8080", "The port is 8080 on the staging server"),
        ("The port is 8080. It is open.", "The port is 9090. It is open."),
        ("Is the port 8080?", "Is the port 9090?"),
        ("The train leaves at 10:30", "The train leaves at 11:30"),
        ("Anna is German", "Anna is CTO"),
        ("The user prefers TypeScript", "The user prefers Neovim"),
        ("The app runs on Linux", "The app runs on AWS"),
        ("The meeting is on Monday", "The meeting is on Zoom"),
        ("TODO: fix the Login page", "TODO: update the README"),
        ("Lesson: use Docker", "Lesson: restart Redis"),
        ("The bug is in parser.py", "The bug is in lexer.py"),
        ("小王是医生", "小王是父亲"),
        ("小王的爱好是游泳", "小王的爱好是画画"),
        ("", "is 5"),
    ],
)
def test_what_may_hold_side_by_side_is_left_alone(one: str, other: str) -> None:
    assert not decided(one, other)
