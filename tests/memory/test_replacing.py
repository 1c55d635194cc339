"""Which notes take another's place, and which stand side by side: the table of the rule that docs/memory.md states."""

from __future__ import annotations

from pathlib import Path

import pytest

from memory.recall import NOTES, Recall

REPLACE = [
    # another value of what holds once at a time
    ("The port is 8080", "The port is 9090"),
    ("default branch is main", "default branch is develop"),
    ("The deploy target is Frankfurt", "The deploy target is Dublin"),
    ("The CEO is Anna Lind", "The CEO is Per Holm"),
    ("The owner of the repository is Anna", "The owner of the repository is Per"),
    ("The status of the build is green", "The status of the build is red"),
    ("Anna lives in Paris", "Anna lives in Rome"),
    ("The licence costs 40 euros", "The licence costs 45 euros"),
    ("The price of the ticket is 4 euros", "The price of the ticket is 5 euros"),
    ("The deadline is 3 May 2027", "The deadline is 9 May 2027"),
    ("The office is in Berlin", "The office is in Munich"),
    ("部署端口是8080", "部署端口是9090"),
    ("默认分支是main", "默认分支是develop"),
    ("小王住在北京", "小王搬到了上海"),
    ("部署目标是法兰克福", "部署目标是都柏林"),
    ("My locker number is 417", "My locker number is 600"),
    ("My flight number is LH 441", "My flight number is BA 12"),
    ("The budget is 40,000 euros", "The budget is 55,000 euros"),
    ("The guest wifi is called Maple", "The guest wifi is called Birch"),
    ("The team lead is Priya", "The team lead is Jonas"),
    ("My address is 5 Elm Street", "My address is 8 Oak Lane"),
    ("I live in Paris", "I live in Rome"),
    ("The user lives in Paris", "I moved to Rome"),
    ("The user's locker number is 417", "My locker number is 600"),
    ("我的储物柜号码是417", "我的储物柜号码是600"),
    ("组长是小陈", "组长是小刘"),
    ("用户的部门是市场部", "我的部门是研发部"),
    # another place of the same kind
    ("The bike is in the cellar", "The bike is in the shed"),
    ("My passport is in the desk", "My passport is in the safe"),
    ("The lab is on the second floor", "The lab is on the sixth floor"),
    ("The office is in Berlin", "The office moved to Munich"),
    ("公司地址在中关村大街1号", "公司地址改为望京街8号"),
    ("公司地址在浦东新区", "公司地址在徐汇区"),
    ("会议室在三楼", "会议室在五楼"),
    ("实验室在东楼", "实验室搬到了西楼"),
    ("护照在抽屉里", "护照现在在保险箱里"),
    ("我的办公室在301", "我的办公室在512"),
    ("我住在北京", "我搬到了上海"),
    # another day
    ("The meeting is on Monday", "The meeting was moved to Thursday"),
    ("年会定在12月", "年会改到1月"),
    ("The meeting is on Monday", "The meeting is on Tuesday"),
    ("Deployments happen on Thursday", "Deployments happen on Monday"),
    ("Backups run every Friday", "Backups run every Sunday"),
    ("The council meets in March", "The council meets in May"),
    ("The bins are emptied on Mondays", "The bins are emptied on Mondays."),
    ("部署在每周四进行", "部署在每周一进行"),
    ("会议在周三下午三点", "会议在周四"),
    ("会议在周三下午三点", "会议在周四下午三点"),
    ("每周五备份数据库", "每周日备份数据库"),
    ("图书馆例会在星期一", "图书馆例会在星期二"),
    # another time of what has one, and numbers whose order tells
    ("The library opens at 9:00", "The library opens at 9:30"),
    ("The meeting is at 10:10", "The meeting is at 10:30"),
    ("The report is due on Monday", "The report is due on Friday"),
    ("The deadline is 5 May", "The deadline is 9 June"),
    ("截止日期是3月5日", "截止日期是5月3日"),
    ("会议时间是10点", "会议时间是11点"),
    ("The version is 2.1", "The version is 2.2"),
    ("The version is 2.1", "The version is 1.2"),
    ("The server IP is 10.0.0.1", "The server IP is 10.0.0.10"),
    # a denial
    ("The tank is full", "The tank isn't full"),
    ("The tank isn't full", "The tank is full"),
    ("The door is locked", "The door is not locked"),
    ("The lift works", "The lift doesn't work"),
    ("The server can reach the mirror", "The server cannot reach the mirror"),
    ("Guests may smoke here", "Guests may not smoke here"),
    ("There is a bridge", "There is no bridge"),
    ("The API supports paging", "The API no longer supports paging"),
    ("库存充足", "库存不充足"),
    ("库存不充足", "库存充足"),
    ("服务器支持分页", "服务器不支持分页"),
    ("仓库有备件", "仓库没有备件"),
    ("小王是负责人", "小王不是负责人"),
]

KEEP = [
    # of another
    ("Anna's locker number is 417", "Ben's locker number is 600"),
    ("My locker number is 417", "Your locker number is 600"),
    ("My home number is 030 1111", "My work number is 030 2222"),
    ("Anna's number is 555-0101", "Anna's number is 555-0102"),
    ("The train to Rome is at 10:30", "The train from Rome is at 11:30"),
    ("He lives in Rome", "He lives in Oslo"),
    ("张三的电话号码是13800001111", "李四的电话号码是13900002222"),
    ("家里电话是62001111", "公司电话是65002222"),
    ("我的号码是13800001111", "我的号码是13900002222"),
    ("会议室在三楼", "食堂在五楼"),
    ("大会议室在三楼", "小会议室在五楼"),
    ("去年展会在广州", "今年展会在深圳"),
    # of one of several
    ("One of my editors is Vim", "One of my editors is Emacs"),
    ("A meeting room is on the third floor", "A meeting room is on the fifth floor"),
    ("My brother lives in Rome", "My brother lives in Oslo"),
    ("My cat is called Tom", "My cat is called Felix"),
    ("The emergency exit is on the first floor", "The emergency exit is on the second floor"),
    ("Milk is in the fridge", "Milk is in the freezer"),
    ("洗手间在一楼", "洗手间在三楼"),
    ("My son is 5 years old", "My son is 9 years old"),
    ("My daughter's name is Anna", "My daughter's name is Lily"),
    # some here and some there
    ("The towels are in the cupboard", "The towels are in the drawer"),
    ("My glasses are in the drawer", "My glasses are in the bag"),
    ("The milk is in the fridge", "The milk is in the pantry"),
    ("牛奶在冰箱里", "牛奶在桌上"),
    # at several times
    ("The medication is at 8:00", "The medication is at 20:00"),
    ("The medication is at 8", "The medication is at 20"),
    ("The backup runs at 2:00", "The backup runs at 14:00"),
    ("Paul's train is at 9:00", "Paul's train is at 11:00"),
    ("吃药时间是8点", "吃药时间是20点"),
    ("吃药时间是早上八点", "吃药时间是晚上八点"),
    ("Yoga is on Monday", "Yoga is on Wednesday"),
    ("瑜伽课在周一", "瑜伽课在周三"),
    ("The bin collection is on Tuesday", "The bin collection is on Friday"),
    ("Bob's shift is Monday", "Bob's shift is Tuesday"),
    ("The doctor is available on Monday", "The doctor is available on Friday"),
    ("I have yoga on Monday", "I have yoga on Wednesday"),
    ("Bob works on Monday", "Bob works on Tuesday"),
    ("Yoga takes place on Monday", "Yoga takes place on Wednesday"),
    ("我每周一上瑜伽课", "我每周三上瑜伽课"),
    # read or measured
    ("血压是120/80", "血压是140/90"),
    ("Today's temperature is 20", "Today's temperature is 25"),
    ("The lunch today is 9 euros", "The lunch today is 11 euros"),
    # one time, said in two ways
    ("The deadline is 5 May", "The deadline is May 5, 2027"),
    ("The meeting is at 10", "The meeting is at 10:00"),
    # of another kind, or within one another
    ("The office is in Berlin", "The office is in Germany"),
    ("Anna lives in Paris", "Anna lives in France"),
    ("The office is on Elm Street", "The office is in Berlin"),
    ("The key is in the kitchen", "The key is in the drawer"),
    ("The song is in the charts", "The song is in the film"),
    ("我家在北京", "我家在朝阳区"),
    ("公司在江苏", "公司在苏州"),
    ("会议室在三楼", "会议室在装修"),
    ("小王在看书", "小王在做饭"),
    ("小王在北京上大学", "小王在上海出差"),
    ("我们在一楼开过会", "我们在三楼开过会"),
    # and as ever
    ("图书馆星期一闭馆", "图书馆星期二闭馆"),
    ("The shop is closed on Sunday", "The shop is closed on Monday"),
    ("Alice's phone is 555-0101", "Alice's phone is 555-0102"),
    ("小王的电话是5550101", "小王的电话是5550102"),
    ("Invoice 17 is paid", "Invoice 18 is paid"),
    ("Invoice 17 is paid", "Invoice 18 is not paid"),
    ("Anna likes tea", "Anna likes coffee"),
    ("Anna called on Monday", "Anna called on Tuesday"),
    ("We met Anna on Monday", "We met Anna on Tuesday"),
    ("小王周一来过", "小王周二来过"),
    ("The meeting of the board is on Monday", "The meeting of the club is on Tuesday"),
    ("The CEO is German", "The CEO is Anna Lind"),
    ("Bob is a doctor", "Bob is a father"),
    ("The app runs on Linux", "The app runs on AWS"),
    ("The bug is in parser.py", "The bug is in lexer.py"),
    ("The tank is full", "The silo isn't full"),
    ("The tank is full", "The tank isn't green"),
    ("The user prefers TypeScript", "The user prefers Neovim"),
    ("The train leaves at 10:30", "The train leaves at 11:30"),
    ("Is the tank full?", "The tank isn't full"),
    ("C is fast", "C# is not fast"),
    ("The meeting is on Monday", "The meeting is in Berlin"),
    ("Winter tyres are in the cellar", "Summer tyres are in the cellar"),
    ("库存充足", "货架不充足"),
    ("小王是医生", "小王是父亲"),
    ("会议在周三", "会议在北京"),
    ("张三周一值班", "李四周二值班"),
    ("小王的爱好是游泳", "小王的爱好是画画"),
    ("部署在周四进行", "备份在周一进行"),
    ("Python is installed", "Node is not installed"),
    ("Anna eats fish, but no meat", "Anna eats fish"),
    ("", "-"),
]


def texts(folder: Path, one: str, other: str) -> list[str]:
    with Recall(folder / "notes.db", embedder="hashing", rules=NOTES) as recall:
        for text in (one, other):
            if text:
                recall.add(text, origin="user")
        return [note.text for note in recall.list()]


@pytest.mark.parametrize(("one", "other"), REPLACE)
def test_of_two_that_cannot_both_hold_the_newer_takes_the_place(tmp_path: Path, one: str, other: str) -> None:
    assert texts(tmp_path, one, other) == [other]


@pytest.mark.parametrize(("one", "other"), KEEP)
def test_what_may_both_hold_stands_side_by_side(tmp_path: Path, one: str, other: str) -> None:
    assert texts(tmp_path, one, other) == [text for text in (other, one) if text]


def test_what_was_said_often_is_replaced_as_well_and_its_count_kept(tmp_path: Path) -> None:
    with Recall(tmp_path / "notes.db", embedder="hashing", rules=NOTES) as recall:
        for _ in range(5):
            recall.add("Deployments happen on Thursday", origin="user")
        new = recall.add("Deployments happen on Monday", origin="user")
        assert [(one.text, one.copies) for one in recall.history(new)] == [("Deployments happen on Thursday", 5)]
        note = recall.get(new)
        assert note is not None
        assert note.copies == 1


def test_a_full_stop_more_goes_on_counting(tmp_path: Path) -> None:
    with Recall(tmp_path / "notes.db", embedder="hashing", rules=NOTES) as recall:
        for _ in range(4):
            recall.add("The deploy target is Frankfurt", origin="user")
        new = recall.get(recall.add("The deploy target is Frankfurt.", origin="user"))
        assert new is not None
        assert (new.text, new.copies) == ("The deploy target is Frankfurt.", 5)
