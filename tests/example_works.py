"""What a good language model does with the goal files of `examples/` that are beyond rules, and which slips their
checks must find. The texts were written from the documents by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.server import Call, Reply, call

__all__ = ["WORKS", "Slip", "Work"]


@dataclass(frozen=True, kw_only=True)
class Slip:
    """One thing done wrong in a file: `was`, which stands there once, becomes `becomes`; `told` is a part of what the
    check that finds it says."""

    file: str
    was: str
    becomes: str
    told: str = ""


@dataclass(frozen=True, kw_only=True)
class Work:
    """A goal file done. `reads` are the documents; `read` is a part of their text, which the model must have been sent
    before it writes. `files` are what is made, `answer` what is said at the end. The first slip is made at first, and
    mended after the checks have found it. `moves` are made before the files are written."""

    reads: Sequence[str]
    read: Sequence[str]
    files: dict[str, str]
    answer: str
    slips: Sequence[Slip]
    moves: dict[str, str] | None = None

    def spoilt(self, slip: Slip) -> dict[str, str]:
        """The files with one slip."""
        text = self.files[slip.file]
        assert text.count(slip.was) == 1, f"{slip.was!r} stands {text.count(slip.was)} times in {slip.file}"
        return self.files | {slip.file: text.replace(slip.was, slip.becomes)}

    def reply(self, asked: dict[str, Any], number: int) -> Reply | str:
        """The model, as `tests.server` asks it: it reads, writes, hands in, mends what the checks found, hands in."""
        del number
        first = self.slips[0]
        made: int = sum(message["role"] == "assistant" for message in asked["messages"])
        ended = call("finish", answer=self.answer, files=list(self.files), reached=True)
        script: list[Reply] = [
            Reply(calls=[Call(name="read_file", arguments={"path": path}) for path in self.reads]),
            *([_moves(self.moves)] if self.moves else []),
            _writes(self.spoilt(first)),
            ended,
            _writes({first.file: self.files[first.file]}),
            ended,
        ]
        return script[min(made, len(script) - 1)]


def _writes(files: dict[str, str]) -> Reply:
    return Reply(
        calls=[Call(name="write_file", arguments={"path": path, "content": text}) for path, text in files.items()]
    )


def _moves(moves: dict[str, str]) -> Reply:
    return Reply(calls=[Call(name="move_file", arguments={"source": old, "target": new}) for old, new in moves.items()])


_MINUTES = """\
# Planning call of the Fenwick Tool Library, 14 April 2026

## Present

Rosa Lindgren (chair), Femi Adeyemi, Hugh Castell, Yuna Park (until 18:31). Absent with leave: Dario Conti.

## Decisions

- The open day is on Friday, 12 June 2026, from four to eight in the evening.
- The band saw is repaired rather than replaced, for at most 350 pounds.

## Tasks

| who | what | by when | said at |
|---|---|---|---|
| Femi Adeyemi | bring the flyer for the open day to the printer | 2026-04-24 | 18:03:30 |
| Yuna Park | ask Mrs Oyelaran of the school for tables on 12 June | 2026-04-30 | 18:04:20 |
| Hugh Castell | take the band saw to the repair shop | 2026-04-17 | 18:09:26 |
| Femi Adeyemi | send Dario the list of who owes what | 2026-05-12 | 18:15:30 |
| Rosa Lindgren | write to the council about the lease of the shed | 2026-04-30 | 18:31:55 |

## Left open

- The late fees: eleven people owe 87 pounds in all. Whether the fee is dropped is decided in the meeting of 12 May,
  when Dario is there.
- The lease of the shed runs out at the end of August.
"""

_MEMBERS = """\
last_name,first_name,joined,fee,email
Brandt,Liesel,2023-09-17,24.00,liesel@example.net
Castellanos,Inés,2025-01-28,12.00,ines.c@example.org
Dubois,Émile,2024-04-30,24.00,emile.dubois@example.com
Haddad,Samira,2022-11-14,24.00,
Ivanov,Pavel,2025-06-14,12.00,p.ivanov@example.org
Jónsdóttir,Björk,2023-05-22,24.00,bjork@example.net
Kowalczyk,Ewa,2024-08-22,24.00,ewa.k@example.org
Larsen,Mads,2021-03-19,24.00,mads.larsen@example.org
Mbeki,Thandi,2025-07-01,6.50,thandi@example.com
Nakamura,Ren,,0.00,ren.n@example.org
Okafor,Chidi,2024-02-03,24.00,chidi.okafor@example.org
Sørensen,Åse,2020-12-30,24.00,aase@example.org
Zhang,Wei,2024-10-16,24.00,zhang.wei@example.org
"""

_MEMBERS_NOTES = """\
- Okafor, Chidi stood in the table twice with the same values; one row is kept.
- Larsen, Mads stood in it a second time in small letters; one row is kept.
- Nakamura, Ren: "not yet" is no date, so `joined` is empty.
- Haddad, Samira has no e-mail address.
- The last line, "Total", is no member and was left out. Its sum, 294.50, counted the two double rows.
"""

_README = """\
# intervals

Opening hours as intervals of minutes: read from a text, merged, and asked for what lies between. It needs Python 3.11
or newer and nothing else. An interval is a pair of whole numbers, from and to, in minutes after midnight; the end does
not belong to it.

    >>> from intervals import gaps, merge, parse, tell, total

## `parse(text)`

Reads the intervals of a text, in the order in which they stand there.

    >>> parse("09:00-12:30, 14:00-18:00")
    [(540, 750), (840, 1080)]

What is no interval, or ends before it begins, is refused:

    >>> parse("nine to five")
    Traceback (most recent call last):
    ValueError: no interval: 'nine to five'

## `merge(intervals)`

The same time without overlaps, sorted. Intervals that touch become one.

    >>> merge([(840, 1080), (540, 750), (750, 800)])
    [(540, 800), (840, 1080)]

## `gaps(intervals)`

The breaks between them.

    >>> gaps(parse("09:00-12:30, 14:00-18:00"))
    [(750, 840)]

## `total(intervals)`

How many minutes they are of, overlaps counted once.

    >>> total(parse("09:00-10:00, 09:30-10:30"))
    90

## `tell(intervals)`

The text that `parse` reads, merged.

    >>> tell(parse("14:00-18:00, 09:00-12:30, 12:30-13:00"))
    '09:00-13:00, 14:00-18:00'
"""

_CARDS = "".join(
    f"{question}?\t{answer}\tpage {page}\n"
    for page, question, answer in (
        (1, "Which two bodies make the tide", "the moon and, less strongly, the sun"),
        (1, "Why does the moon count for more than the sun", "because it is near"),
        (1, "How long is it from one high water to the next", "about 12 hours and 25 minutes"),
        (1, "By how much is high water later each day", "by about 50 minutes"),
        (1, "What is the range of a tide", "the height between high water and the low water next to it"),
        (1, "What is the falling water called", "the ebb"),
        (2, "At which moons are there spring tides", "at new moon and full moon"),
        (2, "When are there neap tides", "at the half moons, when sun and moon pull at a right angle"),
        (2, "How long after new moon do springs come", "about two days"),
        (2, "By how much does the level rise in the third hour", "by three twelfths of the range"),
        (2, "How much of the range comes in during the two middle hours", "half of it"),
        (3, "From which level are soundings on a chart given", "from chart datum, about the lowest water"),
        (3, "What does an underlined height on a chart mean", "it dries out by so much above chart datum"),
        (3, "What do 10 hectopascals more do to the level", "they lower it by about 10 centimetres"),
        (3, "What does a strong wind towards the shore do", "it raises the level and delays low water"),
    )
)

_INVOICES = """\
[
  {"file": "2026-114.pdf", "number": "2026-114", "seller": "Kestrel Printing", "date": "2026-04-24",
   "due": "2026-05-08", "net": 154.40, "tax": 30.88, "gross": 185.28, "paid": false},
  {"file": "R-0387.docx", "number": "R-0387", "seller": "Harrow & Daughter", "date": "2026-04-28",
   "due": "2026-05-12", "net": 280.50, "tax": 56.10, "gross": 336.60, "paid": false},
  {"file": "hall.eml", "number": "FS/26/51", "seller": "Fenwick School", "date": "2026-05-04",
   "due": "2026-06-11", "net": 114.00, "tax": 0, "gross": 114.00, "paid": false},
  {"file": "发票-20260416.pdf", "number": "04162026-77", "seller": "宁波海工五金有限公司", "date": "2026-04-16",
   "due": null, "net": 67.50, "tax": 0.00, "gross": 67.50, "paid": true}
]
"""

_TO_PAY = """\
- 2026-05-08: 2026-114, Kestrel Printing, 185.28 pounds
- 2026-05-12: R-0387, Harrow & Daughter, 336.60 pounds
- 2026-06-11: FS/26/51, Fenwick School, 114.00 pounds

To be paid in all: 635.88 pounds
"""

_MOVES = {
    "scan0012.txt": "sorted/2026/bills/2026-02-03 electricity January.txt",
    "scan0013.txt": "sorted/2026/bills/2026-03-04 electricity February.txt",
    "IMG_2031.txt": "sorted/2026/receipts/2026-01-17 hardware.txt",
    "新建文本文档.txt": "sorted/2025/receipts/2025-12-19 眼科诊所.txt",
    "Re Re tickets.eml": "sorted/2026/receipts/2026-02-28 theatre tickets.eml",
    "download (3).txt": "sorted/2026/letters/2026-03-09 library card.txt",
    "letter.txt": "sorted/2025/letters/2025-11-11 water shut off.txt",
    "untitled.csv": "sorted/2026/other/2026-03-02 hours of work.csv",
}

_INDEX = "\n".join(["| before | now |", "|---|---|", *(f"| {old} | {new} |" for old, new in _MOVES.items()), ""])

_REVIEW = """\
# 审校意见

| 条款 | 原文 | 译文 | 问题 | 建议 |
|---|---|---|---|---|
| 第 2 条 | The rent is 650 euros a month | 租金为每月560欧元 | 数字错误 | 租金为每月650欧元 |
| 第 3 条 | pays the interest to the tenant | （无） | 漏译利息的归属 | 补译“并在租约结束时将利息付给租客” |
| 第 4 条 | may not sublet | 可以转租 | 否定漏译，意思相反 | 不得转租 |
| 第 5 条 | The owner pays for repairs of the roof and the outer walls | 由租客承担 | 主体颠倒 | 由房东承担 |
| 第 6 条 | notice of 14 days | 提前40天 | 数字错误 | 提前14天 |
"""

_LEASE = """\
# 工作室租约（节选）

## 1. 房屋

房东将窑巷7号底层的工作室出租给租客，面积84平方米，连同门前的院子。

## 2. 租金

租金为每月650欧元，应在每月第三个工作日之前支付。暖气费不包含在内。

## 3. 押金

租客支付两个月租金作为押金。
房东应将押金存入单独的账户，并在租约结束时将利息付给租客。

## 4. 使用

未经房东书面同意，租客不得将工作室全部或部分转租。重量超过500公斤的机器只能安装在混凝土地面上。

## 5. 维修

屋顶和外墙的维修由房东承担。室内的维修由租客承担，单次不超过200欧元，每年不超过600欧元。

## 6. 进入

除紧急情况外，房东须提前14天通知才能进入工作室。

## 7. 终止

任何一方均可提前三个月通知，于季度末终止租约。租客交还工作室时应打扫干净，并搬走机器。
"""

_WEEK = """\
# 第 12 周周报　赵一鸣

## 本周完成

- 确认旧系统需要迁移 46 张表，其中 9 张不再需要。（2026-03-16）
- 客户表正式迁移完成，共 18,430 条，核对无误。（2026-03-17）
- 查明报表打印错位是打印机驱动的问题，已更换驱动。（2026-03-17）
- 向新同事小罗讲解了值班流程。（2026-03-18）
- 备份演练：恢复用时 47 分钟，在 60 分钟的目标之内；并参加了安全培训。（2026-03-19）
- 订单表除缺少客户编号的记录外迁移完成，共 96,070 条。（2026-03-20）

## 未完成与问题

- 2019 年以前的订单有 212 条缺少客户编号，陈晓燕找回 198 条，还差 14 条。（2026-03-18、2026-03-20）
- 旧库没有测试环境，只能在晚上八点以后运行脚本。（2026-03-16）

## 下周计划

- 去档案室查找余下 14 条订单的客户编号。（2026-03-20）
- 迁移库存表。（2026-03-20）
- 周三之前把演练记录交给安全科。（2026-03-20）

## 工时

| 项目 | 小时 |
|---|---|
| 数据迁移 | 23 |
| 日常支持 | 8 |
| 演练与培训 | 7 |
| 合计 | 38 |
"""

WORKS: dict[str, Work] = {
    "minutes.yaml": Work(
        reads=["documents/transcript/call-2026-04-14.txt"],
        read=["Open day is Friday the twelfth of June"],
        files={"out/minutes.md": _MINUTES},
        answer="The minutes are in out/minutes.md.",
        slips=[
            Slip(file="out/minutes.md", was="Friday, 12 June", becomes="Friday, 5 June", told="open day"),
            Slip(file="out/minutes.md", was="at most 350", becomes="about 310"),
            Slip(file="out/minutes.md", was="| 2026-04-17 |", becomes="| Friday |"),
            Slip(file="out/minutes.md", was="| Hugh Castell |", becomes="| somebody |"),
            Slip(
                file="out/minutes.md",
                was="for at most 350 pounds.",
                becomes="for 350 pounds.\n- The late fee is dropped.",
            ),
            Slip(file="out/minutes.md", was="## Left open", becomes="## Other"),
        ],
    ),
    "table.yaml": Work(
        reads=["documents/members/members.csv"],
        read=["Jónsdóttir, Björk;2023-05-22", "decoded from CP1252"],
        files={"out/members.csv": _MEMBERS, "out/members-notes.md": _MEMBERS_NOTES},
        answer="13 members are in out/members.csv; out/members-notes.md tells what was merged and left out.",
        slips=[
            Slip(
                file="out/members.csv",
                was="Larsen,Mads,2021-03-19,24.00,mads.larsen@example.org\n",
                becomes="Larsen,Mads,2021-03-19,24.00,mads.larsen@example.org\n" * 2,
                told="last_name,first_name",
            ),
            Slip(file="out/members.csv", was="2023-09-17", becomes="17.9.2023"),
            Slip(file="out/members.csv", was="Kowalczyk,Ewa,2024-08-22", becomes="Kowalczyk,Ewa,2024-22-08"),
            Slip(file="out/members.csv", was="Nakamura,Ren,,", becomes="Nakamura,Ren,2025-01-01,"),
            Slip(file="out/members.csv", was="Émile", becomes="Emile"),
            Slip(file="out/members.csv", was="Zhang,Wei,2024-10-16,24.00,zhang.wei@example.org\n", becomes=""),
            Slip(
                file="out/members.csv",
                was="Zhang,Wei,2024-10-16,24.00,zhang.wei@example.org\n",
                becomes="Larsen,Mads,2024-10-16,24.00,zhang.wei@example.org\n",
            ),
            Slip(file="out/members-notes.md", was="Nakamura", becomes="Somebody"),
        ],
    ),
    "readme.yaml": Work(
        reads=["documents/intervals/intervals.py"],
        read=["def gaps(intervals: Iterable[Interval])"],
        files={"out/intervals/README.md": _README},
        answer="The README is in out/intervals/README.md; its examples were run.",
        slips=[
            Slip(
                file="out/intervals/README.md", was="[(750, 840)]", becomes="[(750, 1080)]", told="the program succeeds"
            ),
            Slip(file="out/intervals/README.md", was="## `gaps(intervals)`", becomes="And `gaps`:"),
            Slip(file="out/intervals/README.md", was="ValueError: ", becomes="SomeError: "),
        ],
    ),
    "cards.yaml": Work(
        reads=["documents/tides.pdf"],
        read=["[page 2]", "High pressure holds the sea down"],
        files={"out/cards.tsv": _CARDS},
        answer="15 cards are in out/cards.tsv.",
        slips=[
            Slip(file="out/cards.tsv", was="by about 10 centimetres", becomes="by about 1 centimetre", told="10 (cent"),
            Slip(file="out/cards.tsv", was="Which two bodies", becomes="# Cards\nWhich two bodies"),
            Slip(file="out/cards.tsv", was="the ebb\tpage 1", becomes="the ebb"),
            Slip(file="out/cards.tsv", was="about 12 hours and 25 minutes", becomes="about 6 hours"),
            Slip(file="out/cards.tsv", was="What is the falling water called", becomes="WHAT IS THE RANGE of a tide"),
        ],
    ),
    "invoices.yaml": Work(
        reads=[
            f"documents/invoices/{name}" for name in ("2026-114.pdf", "R-0387.docx", "hall.eml", "发票-20260416.pdf")
        ],
        read=["TO PAY, by 8 May 2026", "£ 336.60", "in all 114.00 pounds", "价税合计：67.50"],
        files={"out/invoices.json": _INVOICES, "out/to-pay.md": _TO_PAY},
        answer="Three invoices are still to be paid, 635.88 pounds in all.",
        slips=[
            Slip(file="out/to-pay.md", was="635.88", becomes="703.38", told="out/to-pay.md has at least"),
            Slip(file="out/invoices.json", was='"gross": 336.60', becomes='"gross": 280.50'),
            Slip(file="out/invoices.json", was='"due": "2026-05-12"', becomes='"due": "12/05/2026"'),
            Slip(file="out/invoices.json", was='"due": null', becomes='"due": "2026-05-16"'),
            Slip(file="out/invoices.json", was='"net": 114.00, "tax": 0,', becomes='"net": 114.00,'),
            Slip(file="out/invoices.json", was="宁波海工五金有限公司", becomes="Ningbo Hardware"),
            Slip(file="out/to-pay.md", was="\nTo be paid", becomes="- paid: 04162026-77\n\nTo be paid"),
        ],
    ),
    "sort.yaml": Work(
        reads=list(_MOVES),
        read=["Bill 7741-2203 of 3 February 2026", "晨光眼科诊所", "two tickets for 18 April 2026"],
        moves=_MOVES,
        files={"sorted/index.md": _INDEX},
        answer="Eight files are sorted; sorted/index.md tells where each went.",
        slips=[
            Slip(
                file="sorted/index.md",
                was="2026/other/2026-03-02 hours",
                becomes="2025/other/2026-03-02 hours",
                told="sorted/index.md has at least 8",
            ),
            Slip(file="sorted/index.md", was="| letter.txt |", becomes="letter.txt"),
        ],
    ),
    "审校.yaml": Work(
        reads=["documents/译文/lease.md", "documents/译文/租约.md"],
        read=["only after notice of 14 days", "房东须提前40天"],
        files={"out/审校.md": _REVIEW, "out/租约.md": _LEASE},
        answer="共有五处错误，见 out/审校.md；改正后的译文在 out/租约.md。",
        slips=[
            Slip(file="out/租约.md", was="不得将", becomes="可以将", told="转租"),
            Slip(file="out/租约.md", was="，并在租约结束时将利息付给租客", becomes=""),
            Slip(file="out/租约.md", was="屋顶和外墙的维修由房东", becomes="屋顶和外墙的维修由租客"),
            Slip(file="out/租约.md", was="提前14天", becomes="提前40天"),
            Slip(file="out/租约.md", was="连同门前的院子", becomes="并包括门前的院子"),
            Slip(
                file="out/审校.md",
                was="| 第 3 条 | pays the interest to the tenant | （无） | 漏译利息的归属 | "
                "补译“并在租约结束时将利息付给租客” |\n",
                becomes="",
            ),
            Slip(
                file="out/审校.md",
                was="| 第 6 条 |",
                becomes="| 第 7 条 | a quarter | 季度 | 用词 | 季 |\n| 第 6 条 |",
            ),
        ],
    ),
    "周报.yaml": Work(
        reads=[f"documents/工作日志/{name}" for name in (*(f"2026-03-{day}.md" for day in range(16, 21)), "工时.xlsx")],
        read=["212 条缺少客户编号", "| 4 | 2026-03-18 | 4 | 3.5 | 0 |"],
        files={"out/周报.md": _WEEK},
        answer="周报在 out/周报.md，本周共 38 小时。",
        slips=[
            Slip(file="out/周报.md", was="| 合计 | 38 |", becomes="| 合计 | 40 |", told="合计"),
            Slip(file="out/周报.md", was="| 数据迁移 | 23 |", becomes="| 数据迁移 | 22.5 |"),
            Slip(file="out/周报.md", was="还差 14 条", becomes="已全部找到"),
            Slip(file="out/周报.md", was="96,070", becomes="96,282"),
            Slip(file="out/周报.md", was="## 工时", becomes="## 时间"),
        ],
    ),
}
"""By the name of the goal file."""
