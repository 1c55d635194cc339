"""Style: wishes that hold without saying so: how the user is called, in what language, and what is to be left out.

"Don't use tabs" says of no time that it holds for. Only what is surely a matter of style is taken: a list of things, as
"don't add the file" is about the work of the moment.
"""

from __future__ import annotations

import re

_POLITE = r"^\s*(?:(?:please|and|so|but|also|ok(?:ay)?|no|oh|hey|well|you\s+can|just)\b[,;:]?\s*)*"
_END = r"(?:,?\s*(?:please|thanks|thank\s+you|only))*\s*[.!]*$"
_THINGS = (
    r"(?:any\s+|so\s+many\s+|too\s+many\s+|the\s+(?=passive|first\s+person))?(?:[\w-]+\s+)?"
    r"(?:tabs|spaces|emojis?|emoticons|smileys|semicolons|comments|docstrings|type\s+hints|tables|bullets?(?:\s+points)?|lists|"
    r"headings|headers|titles|abbreviations|acronyms|jargon|slang|exclamation\s+marks|dashes|hyphens|quotes|contractions|"
    r"passive(?:\s+voice)?|first\s+person|markdown|html|latex|code\s+blocks|footnotes|adjectives|adverbs|clich[eé]s|filler\s+words|"
    r"pleasantries|apologies|preambles?|summaries|introductions|italics|bold|capitals|caps|metaphors|hashtags|colou?rs|"
    r"globals?|print\s+statements|wildcard\s+imports|one-letter\s+names|camel\s?case|snake_case|puns|jokes)"
)
_WHERE = (
    r"(?:\s+(?:in|for|at|to|with|between|before|after)\s+(?:(?:the|your|my|our|any|each)\s+)?[\w-]+(?:\s+[\w-]+)?)?"
)
_LANGUAGE = (
    r"(?:(?:British|American|simplified|traditional|plain|simple)\s+)?(?:English|Chinese|Mandarin|German|French|Spanish|Italian|Dutch|"
    r"Portuguese|Russian|Japanese|Korean|Arabic|Hindi|Turkish|Polish|Swedish|Danish|Norwegian|Finnish|Greek|Czech|Welsh|"
    r"Vietnamese|Thai|Ukrainian)"
)
_NOT_NAMES = (
    r"(?!(?:later|back|when|tomorrow|today|tonight|monday|tuesday|wednesday|thursday|friday|saturday|sunday|asap|maybe|"
    r"once|if|now|soon|anytime|whenever|crazy|stupid|old|an?|the|at|on|in|by|before|after|for|to|and|or|again)\b)"
)
_STYLE = (
    rf"{_POLITE}(?:do\s+not|don['’]t)\s+(?:use|write|add|put|include|insert)\s+{_THINGS}{_WHERE}{_END}",
    rf"{_POLITE}no\s+(?:more\s+)?{_THINGS}{_WHERE}{_END}",
    rf"{_POLITE}(?:answer|reply|respond|write|speak|talk|explain)(?:\s+(?:to\s+)?(?:me|us))?\s+(?:only\s+)?in\s+{_LANGUAGE}{_END}",
    (
        r"^\s*请?(?:都|一律|全部|只)?(?:使?用|以|说)(?:简体|繁体)?(?:中文|汉语|普通话|英文|英语|日文|日语|法语|法文|德语|德文|韩语|俄语|西班牙语)"
        r"(?:来)?(?:回答|回复|答复|写作?|说|交流|沟通|作答|输出|解释|对话|聊)?(?:我|我们|问题)?(?:吧|就好|即可)?[。！!]*$"
    ),
    (
        r"^\s*请?(?:别|不要|不用|勿)再?[使用加写带放有]{0,2}(?:表情(?:符号)?|表格|制表符|空格|分号|注释|列表|标题|缩写|术语|感叹号|脚注|粗体|斜体|"
        r"颜文字|英文|网络用语|客套话|套话|废话|被动语态|第一人称)(?:了|啊|吧)?[。！!]*$"
    ),
)
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜戚谢邹章苏潘葛范彭鲁韦马方任袁柳唐罗薛贺倪汤殷毕郝安常于"
    "傅齐康伍余顾孟黄穆萧尹姚邵汪毛戴宋庞熊纪舒屈项祝董梁杜阮蓝季贾江童颜郭梅林钟徐邱骆高夏蔡田胡凌霍万卢莫房丁邓石崔龚程"
    "叶白曾廖谭刘欧小老阿"
)
_NAME = (
    rf"(?i:{_POLITE}call\s+me\s+{_NOT_NAMES})(?:(?:Mr|Mrs|Ms|Dr|Prof)\.?\s+)?[A-Z][a-z'’-]+(?:\s+[A-Z][a-z'’-]+){{0,2}}(?i:{_END})",
    rf"^\s*(?:以后|从今以后)?请?(?:叫|称呼?)我(?:为|做|作)?(?:[{_SURNAMES}][\u4e00-\u9fff]{{1,3}}|[A-Z][A-Za-z]+)(?:吧|就好|就行|即可)?[。！!]*$",
)
_IS_STYLE = re.compile("|".join(f"(?:{one})" for one in _STYLE), re.IGNORECASE)
_IS_NAME = re.compile("|".join(f"(?:{one})" for one in _NAME))


def is_style(sentence: str) -> bool:
    """Is it a wish of style, and of nothing else?"""
    return _IS_STYLE.search(sentence) is not None


def is_name(sentence: str) -> bool:
    """Does the user say how to be called?"""
    return _IS_NAME.search(sentence) is not None
