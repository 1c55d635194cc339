"""Sayings: everyday sentences in two languages, and what each of them is taken for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agent.learning.corrections import lasting

EVERYWHERE = """
每次提交都先跑测试
每次都给出来源
From now on no more tables
From now on: all answers in French
From now on, please, only short answers
call me Bob
My preferred editor is vim
My preference is short answers
From now on write in British English
From now on you should ask me first
From now on, please don't use emojis
Going forward, keep answers short
Answers must be in French from now on
Whenever you write Python, please use type hints
Every time you finish, show a summary
Next time, please ask before deleting files
I prefer metric units
I really hate when functions are long
Don't ever commit to main
Never push without asking
Please call me Anna
记住我对花生过敏
每次都先跑测试
每次都请给出来源
我讨厌冗长的回答
我喜欢简洁的代码
我不喜欢表情符号
叫我小王
请叫我李老师
以后都用中文回答
以后别再问我了
从现在开始用英文
下次请先备份
My preference: no tables
My preferred units are metric
From now on we use pnpm
From now on only British spelling, please
Use metric units from now on
Whenever I ask for code, please add tests
Whenever a test fails, please show me the log
Next time ask me first
In future, do not touch the config
Never trust user input
Call me Dr. Smith
记得我叫小明
每次都要先备份
每次提交前都要跑测试
每次都用英文写
我更喜欢表格
我喜欢用制表符
以后都要写单元测试
从今以后请叫我老王
千万不要提交密钥
称呼我为王先生
My preferred language is Rust
From now on, use British spelling
From now on I expect tests with every change
Going forward, don't add comments
Whenever you change a file, please run the linter
Next time, begin with the tests
I prefer tea
Don't ever use eval
Never mock our own code
Always be kind
Call me Lena, please
每次都要写测试
每次改完都请跑一遍测试
我讨厌啰嗦的注释
我喜欢短小的函数
以后都这样写
今后一律用公制
从现在开始不要用表格
叫我阿明
下次请用简体中文
"""
HERE = """
Don't use tabs
No emojis please
请用中文回答
Don't use semicolons
Don't write comments
No tables please
Please answer in German
Reply in Chinese please
请用英文回复
用中文写
用简体中文回答我
不要用制表符
不要表情符号
Don't use the passive voice
Don't add emojis to the headings
No bullet points in the answer, please
Respond in English only
请用中文
别用表格
不要加注释
Don't use bullet points
No exclamation marks, please
Please reply in Spanish
请用日语回答
不要感叹号
"""
FACTS = """
Use spaces, not tabs
Use pnpm instead of npm
The port is 8080, not 80
The server is at home, not at work
记住项目的端口是8080
请记住所有日期都用ISO格式
不是8080，是9090
端口应该是9090，不是8080
Use port 9090, not 8080
The author is Lee, not Li
记得用中文回答
别忘了数据库是只读的
名字不是小王，是小汪
Use double quotes, not single quotes
The host is db2, not db1
记得提交信息必须用英文
不是Java，而是Kotlin
"""
NOTHING = """
From now on people will complain
每次提交都要等很久
每次都给我报错
每次启动都出错
From now on all trains are late
From now on no bus goes there
From now on only Bob has the key
My preferred branch was deleted
From now on the server is down
每次都要等很久
Whenever I open the file it crashes, please add a fix
我讨厌下雨
don't ever give up
记得吃饭
Write 5, not 6, in cell B2
John is late, not sick
不是说过了吗，是的
My preferred colour was sold out
My preferred seat got taken again
From now on it will rain every day
From now on the office is closed on Mondays
Going forward the API returns JSON
Whenever I run the tests they hang, please look into it
Every time I start it I get an error, please fix that
Whenever it rains the wifi drops, do something
I hate Mondays
Don't ever change
Never give up
Never surrender
Always look on the bright side
Don't use the old file
Don't worry about it
Don't stop
No problem
No thanks
No errors so far
Call me later
Call me when it is done
Answer the question
Write 10, not 12, in the second row
Mary is sick, not late
Peter was tired, not angry
Put 3, not 4, there
记得喝水
记得早点休息
每次都卡在这里
每次都好慢
每次都是你错
我讨厌堵车
我讨厌加班
我喜欢吃苹果
不是说好了吗，应该是今天
不是早就说了，是的
叫我起床
以后服务器就关了
从现在开始下雨了
My preferred font is on sale
From now on I'm on holiday
It works from now on
Every time I save it the editor freezes, please help
Next time it will work
Don't ever lose hope
I love it when it rains
Don't use that
Don't add the file yet
No comments found
Call me maybe
Call me an idiot
Write the letter in German
Enter 7, not 8, in the third column
Ann is away, not ill
别忘了带伞
记得下班前提交
每次都要手动重启
每次打开后都要等半天
每次都写错名字
我讨厌这种天气
我最喜欢夏天
我不喜欢你的狗
以后都会好的
以后要下雨了
以后就好了
永远不要放弃
不是我说你，应该是你错了
不是吧，是真的
叫我一声
用英文名
My preferred bakery closed
My preferred way is not working
From now on the train leaves at nine
From now on there are two servers
From now on you'll be called Max
Every time I click it, it closes, please repair
Whenever I think of it I laugh
Whenever I save, the screen flickers; please look
Next time they will be faster
I hate it when it is cold
Don't ever leave
Never say never
Don't use my laptop
Don't write the report yet
No luck
No, thank you
Call me a taxi
Speak French
Write 'yes', not 'no', in box 4
The dog is hungry, not mean
She was joking, not serious
记得给妈妈打电话
别忘了买牛奶
每次都弄得很乱
每次都要我提醒
每次运行都崩溃
我讨厌蚊子
我喜欢下雪
不是说今天吗，怎么是明天
以后就没问题了
从现在开始停电了
用英语写一封信
叫我去开会
千万别放弃
下次就好了
"""
TABLE = {
    ("preference", True): EVERYWHERE,
    ("preference", False): HERE,
    ("fact", False): FACTS,
}


def rows() -> Iterator[tuple[str, tuple[str, bool]]]:
    for kind, sentences in TABLE.items():
        yield from ((sentence, kind) for sentence in sentences.strip().splitlines())


@pytest.mark.parametrize(("said", "kind"), list(rows()))
def test_what_is_meant_to_last_is_kept_where_it_holds(said: str, kind: tuple[str, bool]) -> None:
    assert [(one.kind, one.everywhere) for one in lasting(said)] == [kind]


@pytest.mark.parametrize("said", NOTHING.strip().splitlines())
def test_an_everyday_remark_is_no_rule(said: str) -> None:
    assert lasting(said) == []


def test_a_call_edited_by_the_user_is_no_wish_and_how_to_be_called_is() -> None:
    assert lasting('call me with these arguments instead: {"text": "Call me Bob"}') == []
    assert [one.text for one in lasting("Thanks. Call me Bob. Now go on.")] == ["Call me Bob."]
