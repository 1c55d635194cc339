"""Remarks: what sounds like a rule, by one of its words, and only tells: of trouble, of the weather, of one place."""

from __future__ import annotations

import re

_TROUBLE = (
    r"(?:crash|hang|hung|fail|break|broke|freez|froze|drop|die[sd]?\b|dying|lose|lost|error|exception|traceback|stuck|slow|"
    r"wrong|complain|stop(?:s|ped)|disappear|vanish|forg[eo]t|ignore[sd]?\b|miss(?:es|ing)|nothing\s+happens|takes?\s)"
)
_ENGLISH = (
    # A report before the request: beside who does it somebody or something else goes wrong.
    (
        r"^\W*(?:\w+\W+){0,3}?(?:whenever|every\s+time|next\s+time)\s+\S+\s+[^,]*?\b(?:it|they|he|she|I|we|you|this|that|everything|"
        rf"(?:the|my|our)\s+\w+)\s+(?:\w+\s+){{0,3}}?{_TROUBLE}"
    ),
    # What is asked for is help with it.
    (
        r"\b(?:whenever|every\s+time)\b.*,\s*(?:please\s+|can\s+you\s+)*(?:fix|look\s+into|help|solve|repair|debug|investigate|"
        r"do\s+something|add\s+a\s+fix)\b"
    ),
    # What is preferred is gone, or broken, or somewhere else.
    (
        r"\bmy\s+prefer\w*\b[^.,]*?\s(?:is|are)\s+(?:now\s+|still\s+|no\s+longer\s+|not\s+|being\s+|always\s+)*"
        r"(?:(?!(?:fixed|bearded|mixed|grouped|sorted|numbered|indented|dashed|signed|typed|named|red)\b)\w+ed\b|broken|gone|down|working|"
        r"missing|out|on\s+sale|late|full|closed|taken|busy|away|ready|here|there|available|unavailable)\b"
    ),
    # From now on it should be well.
    r"\b(?:from\s+now\s+on|going\s+forward)\b.*\bshould\s+(?:be\s+)?(?:up|fine|ok|okay|work|working|down|able|better|faster|stable)\b",
    # Words of comfort and of farewell.
    (
        r"\b(?:give\s+up|surrender|lose\s+hope|stop\s+believing|look\s+on\s+the\s+bright\s+side|look\s+back|say\s+never|be\s+yourself|"
        r"leave\s+me|forget\s+me)\b"
    ),
    r"\b(?:never|ever|always)\s+(?:change|leave|go|stop|worry|smile|say\s+die)\s*[.!]*$",
    # What nobody can be asked for.
    r"\bI\s+(?:really\s+)?(?:hate|dislike|like|love)\s+(?:it\s+)?when\s+(?:it\s+(?:rains|snows|is)|the\s+(?:sun|weather)|people)\b",
    # What is written into one place.
    (
        r"\b(?:write|put|enter|type|fill)\b.*\b(?:in|into|at|to)\s+(?:the\s+)?(?:(?:first|second|third|fourth|fifth|last|next|top|bottom)\b(?!\s+person\b)|"
        r"(?:cell|row|line|column|field|box|slide|page|paragraph|section|item)\s+\w*\d)"
    ),
    r"^\W*(?:\w+\W+){0,2}?(?:write|put|say|enter|type)\s+[\d.,]+,?\s*(?:not|instead\s+of|rather\s+than)\s+[\d.]+(?:,?\s*(?:there|here))?\W*$",
    # How somebody is at the moment.
    (
        r"\b(?:is|are|was|were)\s+(?:\w+ly\s+|just\s+|only\s+|too\s+)?(?:late|early|sick|ill|tired|angry|sad|happy|busy|away|hungry|asleep|"
        r"awake|bored|drunk|upset|nervous|gone|coming|leaving|waiting|joking|sleeping|running|kidding)\s*,\s*not\b"
    ),
)
_EASTERN = (
    (
        r"每次[^，,。]{0,12}?都?(?:要(?:我|你|他|她|人|等|花|重新|重试|重启|手动|卡|排|好久|很|几|半|多|浪费|被|出错|报|下|登)|用(?:很|了|掉|完|不|错|光)"
        r"|写(?:错|不|得|成|漏)|别的|先(?:报|出|卡|崩))"
    ),
    (
        r"(?:以后|今后|往后|从现在开始|从现在起|从今以后|下次)[，,]?(?:都(?:好|会|是|行|可以|没|能|有|在)|就(?:好|没|是|会|行|可以|不会|有|能|知道|下|关|停|坏)"
        r"|要(?:下雨|下雪|变|涨|降|停|关)|不(?:用了|会|是|能|行|一样|在)|用(?:完|不了|光))"
    ),
    r"不要(?:放弃|灰心|气馁|低头|忘记我|离开我|停下|难过|担心|生气|着急)",
    # A question or a reproach, and no correction.
    r"不是[^，,。]*[吗嘛么吧][，,]",
    r"不是(?:早|已经|都|才|刚)*就?(?:说|讲|告诉|问|提|做|改|写|试)[^，,。]{0,4}?[过好了]",
    r"不是[你我他她它您][^，,。]{0,4}[，,。]|(?:应该是|不是)[你我他她它您][^，,。]*错|[，,]\s*(?:应该)?是(?:的|啊|呀|吧|真的)?[。！!]*$",
)
_LIKING = re.compile(r"我(?:一直|一般|通常|平时)?最?(?:不?喜欢|讨厌)(?P<what>[^，,。；;]*)")
_WORK = re.compile(
    r"回答|答案|回复|答复|代码|格式|表格|表情|风格|语气|文件|注释|标题|列表|列出|段落|单位|语言|中文|英文|英语|用|写|符号|缩写|命名|缩进|"
    r"空格|制表|总结|摘要|说明|文档|报告|解释|提示|测试|函数|变量|类型|主题|模式|颜色|字体|图表|引用|来源|脚注|术语|版本|简短|简洁|简单|"
    r"详细|冗长|直接|正式|口语|先问|[A-Za-z]"
)
_REMINDED = re.compile(r"^\s*(?:请|你要|你得)?(?:记得|别忘了|不要忘记)(?P<what>.*)", re.DOTALL)
_LASTS = re.compile(
    r"是|叫|住|位于|放在|存在|属于|等于|必须|应该|不能|不要|别|不可|都|一律|总|永远|每|用(?!餐|力|心)|过敏|喜欢|讨厌|偏好|习惯|[:：=]|以后"
)
_TELLS = re.compile("|".join(f"(?:{one})" for one in _ENGLISH), re.IGNORECASE)
_TELLS_EASTERN = re.compile("|".join(_EASTERN))


def only_tells(sentence: str) -> bool:
    """Does a sentence that may hold a word of a rule ("whenever", 每次, 记得) only tell, or remind of something?"""
    if _TELLS.search(sentence) or _TELLS_EASTERN.search(sentence):
        return True
    liked, reminded = _LIKING.search(sentence), _REMINDED.match(sentence)
    if liked is not None and _WORK.search(liked["what"]) is None:
        return True
    return reminded is not None and _LASTS.search(reminded["what"]) is None
