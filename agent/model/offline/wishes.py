"""What the user wishes of a text: about what, how long, how many sentences."""

from __future__ import annotations

import re

from agent.goal import FileCheck
from agent.model.offline.compose import Wish
from agent.model.offline.extents import extent_of, without_lengths
from agent.model.offline.lexicon import PUT_SOMEWHERE
from agent.model.offline.marks import Marked
from agent.model.offline.script import Job
from agent.model.offline.words import any_of, stem, terms, words_of


def wish(job: Job, marked: Marked, *, target: str, title: str, topic: str) -> Wish:
    """What the goal, its constraints and its checks say of a text: how long, about what."""
    sentences: int | None = None
    least, most, letters, each = 0, None, False, False
    for text in (*job.goal.constraints, *job.lengths, *job.wished.get(job.chain, ()), marked.masked):
        one = extent_of(text)
        sentences = one.sentences or sentences
        least, most, letters = one.least or least, one.most or most, letters or one.letters
        each = each or one.each
    sizes = [check.min_bytes for check in job.goal.checks if isinstance(check, FileCheck) and check.file == target]
    return Wish(
        title=title,
        topic=topic,
        sentences=sentences,
        least=least,
        most=most,
        letters=letters,
        each=each,
        least_bytes=max(sizes, default=0),
    )


_FOCUS = re.compile(
    r"(?:\b(?:focus(?:ing|ed)? on|with (?:a |the |special )?(?:focus|emphasis) on|regarding|concerning|about|"
    r"(?:report|brief|briefing|summary|overview|notes?) on|especially|on the subject of)\s+|"
    r"(?:关于|重点是|重点关注|侧重于?|围绕|有关))(?P<topic>[^,，。;；]+?)"
    r"(?=的(?:内容|部分|要点|总结|摘要|报告|简报|信息)|\s+(?:to|into|in|as|from|for|and save)\b|到|，|[,。]|$)",
    re.IGNORECASE,
)
_GENERIC = frozenset(
    stem(word)
    for word in words_of(
        """file document doc text markdown folder directory workspace follow whole entir content each all every
        everyth it them this that main key important point idea find fact summary brief report overview
        short long bullet sentenc word paragraph part page note md txt together both up result
        conclusion answer list one two three four five first follow digest outlin recap english chines
        german french detail concis piec singl insight messag takeaway lesson what here titled headed named
        called available say mention contain me us nice good great clear simple quick comprehensive thorough
        professional formal friendly readable useful complete full overall general high level executive neat
        clean proper structured well informative engaging compact plain entire new small little final line most least
        than more attach enclos upload story articl book letter mail email memo transcript log table sheet data paper
        post thread chat conversation diary manual contract stuff thing highlight gist basic
        less under exactly about around max maximum up keep use write briefly shortly six seven eight nine ten twenty
        character letter title heading headline header"""
    )
)
_GENERIC_CHINESE = re.compile(
    f"(?:{any_of(PUT_SOMEWHERE)})|保存|另存|导出|输出|放|写(?=$)|后(?=$|"
    "[放存写保输])|除|以外|之外|"
    "存|告诉我|讲了什么|讲的?是什么|说了什么|说什么|写了什么|什么内容|大意|最|重要|核心|所有|全部|文件夹?|文档|内容|主要|"
    "要点|重点|关键|结论|一份|一个|一下|简报|摘要|报告|总结|目录|里面?|中|下|的|请|把|将|和|与|在|每个|各个|句话|条|个|"
    "一|这|些|它|点|笔记|资料|成|为|给|对|从"
)


_TOPIC_ENDS = re.compile(
    r"\b(?:in|from|of|into|to|as|using|with|for)\b|[\ue000,，]|(?<![提说讲谈看找得想遇达感受涉听见])到|在"
)


def topic_of(marked: Marked, start: int) -> str:
    """What a sub-goal wants of a document: "the risks" of "summarise the risks in a.md"; "" where it wants all."""
    focus = _FOCUS.search(marked.masked, start)
    text = focus["topic"] if focus is not None else _TOPIC_ENDS.split(marked.masked[start:], maxsplit=1)[0]
    text = text.replace("\ue000", "").strip(" .。?？:：,，")
    meant = [
        term
        for term in terms(_GENERIC_CHINESE.sub(" ", without_lengths(text)))
        if term not in _GENERIC and not term.isdigit()
    ]
    return text if meant else ""
