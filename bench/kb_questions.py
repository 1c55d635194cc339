"""Questions about the documents of `examples/`, each with words that the passage that answers it has; None: none does.

`TUNED` are those that sizes and weights were chosen by, `HELD` those that were not looked at meanwhile.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from agent.answering import Evidence, look, quote
from agent.cli.kb.converting import converted
from memory.library import Library
from memory.recall import PASSAGES, Recall

ROOT = Path(__file__).resolve().parent.parent
Questions: TypeAlias = Sequence[tuple[str, str | None]]

TUNED: Questions = (
    ("How long is the Hollin footbridge?", "41 metres"),
    ("When was the footbridge built?", "1958"),
    ("How many planks are rotten?", "37 are rotten"),
    ("What does the rule ask for the height of the handrail?", "120 centimetres"),
    ("Who surveyed the bridge?", "Ines Aldous"),
    ("How much money is in the town's reserve for bridges?", "86,000"),
    ("Until when must the application to the regional fund be handed in?", "30 April 2026"),
    ("What does the school bus cost a day?", "340 euros"),
    ("When do the trout spawn?", "October"),
    ("How far away is the next crossing?", "1.7 kilometres"),
    ("Who is the mayor?", "Ruth Halloran"),
    ("At which gauge does the bridge close?", "2.4 metres"),
    ("When is the choir's concert?", "14 June"),
    ("How much did the seeds cost?", "46 euros"),
    ("How much is a share of the cooperative?", "250 euros"),
    ("How many votes does a member have?", "one vote"),
    ("What does the solar plant cost?", "44,400"),
    ("How long is the warranty on the inverters?", "10 on the inverters"),
    ("When did the library's inverter fail?", "30 June"),
    ("How many kWh did the school produce in June?", "3012"),
    ("What is slack water?", "short time at the turn"),
    ("How high above sea level is the weather station?", "2,614"),
    ("On what date is the open day of the tool library?", "twelfth of June"),
    ("How much may the repair of the band saw cost?", "350 pounds"),
    ("What does Brandt Hydraulics want for the pier?", "148,000"),
    ("图书馆有多少个座位？", "四十八"),
    ("谁主持了社区会议？", "周敏"),
    ("屋顶由哪家公司修缮？", "宏达建筑"),
    ("晚间开放延长到几点？", "九点"),
    ("收回了多少份问卷？", "三百六十一"),
    ("补助申请的截止日期是什么时候？", "3月31日"),
    ("宏达建筑的保修期是多久？", "十年"),
    ("儿童区改造江南修缮报价多少？", "98,500"),
    ("工作室的租金是多少？", "560"),
    ("押金是多少？", "两个月"),
    ("工作室的面积有多大？", "84"),
    ("房东要提前多少天通知才能进入？", "40天"),
    ("客户表迁移了多少条？", "18,430"),
    ("备份恢复用了多长时间？", "47 分钟"),
    ("谁找回了客户编号？", "陈晓燕"),
    ("带锯条的单价是多少？", "11.25"),
    ("青石社区图书馆每周有多少读者？", "一千一百"),
    ("去年损坏了多少册图书？", "六百三十二"),
    ("电梯的费用从哪里来？", "没有来源"),
    ("What is the population of Hollin?", None),
    ("Who painted the town hall?", None),
    ("What is the wifi password of the library?", None),
    ("How tall is the lighthouse?", None),
    ("When does the swimming pool open?", None),
    ("What colour is the mayor's car?", None),
    ("How much does a ticket to Paris cost?", None),
    ("Who won the football match on Sunday?", None),
    ("What is the boiling point of mercury?", None),
    ("Which programming language is the website written in?", None),
    ("图书馆的电话号码是多少？", None),
    ("馆长的生日是什么时候？", None),
    ("停车场有多少个车位？", None),
    ("谁发明了电灯？", None),
    ("学校食堂几点开门？", None),
    ("火车票多少钱？", None),
    ("周敏的丈夫是谁？", None),
    ("客户表有多少列？", None),
)
HELD: Questions = (
    ("Who pays half of what is spent on the pier?", "regional fund"),
    ("How long does the way over the road bridge take on foot?", "34 minutes"),
    ("How wide is the footbridge?", "2.1 metres"),
    ("How much did the baker lose?", "2,700"),
    ("When was the gravel under the pier last filled?", "1987"),
    ("Who is the chair of the planning call?", "Rosa Lindgren"),
    ("How old is the band saw?", "nineteen years"),
    ("How many modules does the offer include?", "96 modules"),
    ("When does the assembly meet?", "before the end of May"),
    ("How many members does the board have?", "board"),
    ("How often does high water come?", "12 hours and 25"),
    ("How high may spending be without a vote of two thirds?", "25,000"),
    ("Which firm is cheaper?", "Tarn Valley Builders"),
    ("What did Marta Ilves ask for?", "by message"),
    ("How many things were mended at the repair evening?", "seventeen"),
    ("What is the price of a new bridge of weathering steel?", "640,000"),
    ("Where were the rehearsals moved?", "hall of the school"),
    ("What is the rule of twelfths?", "one twelfth"),
    ("百分之多少的读者认为儿童区太小？", "五十八"),
    ("会议是在什么时候开的？", "3月18日"),
    ("谁负责提交补助申请？", "张建国"),
    ("读者最多是在什么时候？", "周六下午"),
    ("租约可以提前多久终止？", "三个月"),
    ("屋顶的维修由谁承担？", "租客"),
    ("缺少客户编号的订单有多少条？", "212"),
    ("报表打印错位是什么原因？", "驱动"),
    ("江南修缮的报价低多少？", "两万四千五百"),
    ("社区自有资金有多少？", "二十八万"),
    ("租金应在什么时候支付？", "第三个工作日"),
    ("What is the phone number of Ines Aldous?", None),
    ("How many dogs live in Mill Lane?", None),
    ("Who built the school?", None),
    ("What did the mayor eat for breakfast?", None),
    ("When was the cathedral consecrated?", None),
    ("How deep is the harbour of Rotterdam?", None),
    ("What is the salary of the librarian?", None),
    ("Which airline flies to Hollin?", None),
    ("图书馆的网址是什么？", None),
    ("谁设计了图书馆的大楼？", None),
    ("停水通知是什么时候发的？", None),
    ("王工的工资是多少？", None),
    ("下一届奥运会在哪里举行？", None),
)


def measure(library: Library, questions: Questions, *, k: int = 8) -> tuple[int, int, int, int, int]:
    """Of the questions with an answer: how many, how many of their passages are among the `k` nearest, and how many of
    the quotes hold it; of those without: how many, and how many are refused."""
    answerable = found = answered = others = refused = 0
    for question, words in questions:
        hits = look(question, library.search, k)
        evidence = [
            Evidence(
                number=number,
                id=hit.id,
                file=hit.file,
                place=hit.place,
                heading=hit.heading,
                text=hit.text,
                score=hit.score,
            )
            for number, hit in enumerate(hits, 1)
        ]
        statements = quote(question, evidence).statements
        if words is None:
            others += 1
            refused += not statements
            continue
        answerable += 1
        found += any(words in " ".join(hit.text.split()) for hit in hits)
        answered += any(words in " ".join(f"{one.text} {one.citations[0].quote}".split()) for one in statements)
    return answerable, found, answered, others, refused


def print_table() -> None:
    """Ask them all."""
    with tempfile.TemporaryDirectory() as place, Recall(Path(place, "documents.db"), rules=PASSAGES) as recall:
        library = Library(recall)
        for _ in library.add([ROOT / "examples" / "documents"], converted):
            pass
        form = "{:12} {:>15} {:>17} {:>9} {:>12} {:>8}"
        print(form.format("questions", "with an answer", "passage in top 8", "answered", "without one", "refused"))
        for name, questions in (("tuned on", TUNED), ("held out", HELD)):
            print(form.format(name, *measure(library, questions)))
