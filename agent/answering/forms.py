"""How answers are written: times, places, sums, measures, names, in English and in Chinese."""

from __future__ import annotations

import re

from agent.answering.kin import names_of
from agent.model.offline.questions import SPELLED_HOUR
from agent.model.offline.words import IDEOGRAPH, stem

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)\b"
)
_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b"
_CLOCK = (
    r"(?<![\d.,:])\d{1,2}[:：.]\d\d(?![\d])|\b\d{1,2}\s*(?:am|pm|a\.m\.|p\.m\.|o['’]clock)|"
    rf"[\d一二三四五六七八九十]+\s*[点时]|{SPELLED_HOUR}"
)
FROM_TO = (
    rf"(?:{_CLOCK})\s*(?:-|–|—|－|~|～|to|and|till|until|至|到)\s*(?:[上下中]午|晚上?|次日)?\s*[\d一二三四五六七八九十]"
)
"""From when to when."""
HOURS = re.compile(FROM_TO, re.IGNORECASE)
MOMENT = re.compile(
    rf"{_CLOCK}|\b(?:1[5-9]|20)\d\d\b|\b\d{{1,2}}(?:st|nd|rd|th)\b|\b{_MONTH}|"
    r"\b(?:on|in|of|from|to|since|until|by|\d+) may\b|\bmay \d|"
    r"\b\w+days?\b|\b(?:today|tomorrow|yesterday|tonight|noon|midnight|daily|dawn|dusk)\b|"
    r"\b(?:mornings?|evenings?|afternoons?|nights?|spring|summer|autumn|winter|christmas|easter|weekends?)\b|"
    r"\b(?:months?|years?|weeks?|hours?|minutes?|century|centuries)\b|"
    r"[\d一二三四五六七八九十初]\s*(?:[年月日号天周]|小时)|星期|[每本上下双单]周|周[一二三四五六日末]|今天|明天|昨天|后天|前天|上午|下午|中午|晚上|晚间|凌晨|早上|每[日月年天]|"
    r"[春夏秋冬][天季]|春节|元旦|元宵|清明|端午|国庆|中秋|重阳|节假?日|[寒暑]假|假期|学期|当天|次日|工作日",
    re.IGNORECASE,
)
"""Anything that tells when."""

WHICH_YEAR = re.compile(r"\b(?:which|what) year\b|[哪何]一?年", re.IGNORECASE)
YEAR = re.compile(r"(?<!\d)(?:1[0-9]|20)\d\d(?!\d)|[一二]?[〇零一二三四五六七八九]{3}年", re.IGNORECASE)
A_YEAR = re.compile(
    r"(?<![\d.,€$£¥])(?:1[5-9]|20)\d\d(?![\d,]|\.\d|\s*[%€$£¥]|\s*[元块个名人位册件本台份张次米斤吨克千百万亿公里度辆条]|"
    r"\s+(?:euros?|pounds?|dollars?|people|persons|members|visitors|k?m|kg|metres?|meters?)\b)",
    re.IGNORECASE,
)
"""A number that is a year: nothing is counted by it."""
_NO_PLACE = (
    rf"(?!(?:the\s+)?(?:\d{{1,4}}\b(?!\s+(?-i:[A-Z]))|may\b|{_MONTH}|{_WEEKDAY}|(?:years?|months?|weeks?|days?|mornings?|"
    r"afternoons?|evenings?|nights?|winter|summer|spring|autumn|time|least|most|first|last|request|demand|average|"
    r"total|all|up|every|each)\b))"
)
_PREPOSITION = r"in|on|at|into|onto|behind|beside|opposite|near|under|below|above|between|outside|inside|along|next to"
_STANDS = (
    r"\b(?:street|road|lane|avenue|square|floor|basement|building|shelf)\b|\b\d{4,5}\s+(?-i:[A-Z])\w|"
    r"\w(?:weg|straße|strasse|gasse|platz|allee)\s+\d|(?:^|[\s`'\"])[~/][\w.~-]*/\S|"
    r"在.{1,14}?(?<![日天年月周时])[楼层室号处侧旁边内外里上下厅区路街站台角口]|位于|坐落|[路街道巷弄]\s*\d+\s*号|[一二三四五六七八九十\d]+\s*[楼层]|"
    r"[在从到往向去]\S|产自|来自|址|位置|地点|产地|\baddress\b"
)
PLACE = rf"\b(?:{_PREPOSITION}|to|from)\s+{_NO_PLACE}\w|{_STANDS}"
"""Anything that may tell where, whence or whither."""
AT = re.compile(rf"\b(?:{_PREPOSITION})\s+{_NO_PLACE}\w|{_STANDS}", re.IGNORECASE)
"""Anything that may tell where."""
IS_AT = re.compile(
    r"\b(?:is|are|was|were|lies?|stands?|hangs?|located|situated|kept|found|live[sd]?|leaves?|starts?|moved|can be)\b"
    rf"[^.;]{{0,30}}?(?:{PLACE})|地址|位置|位于|坐落|在",
    re.IGNORECASE,
)
"""What says of something where it is, and does not only name a place."""

MONEY = (
    r"[€$£¥]|\b(?:euros?|dollars?|pounds?|pence|cents?|kroner|kronor|francs?|yen|yuan|free|half|nothing)\b|"
    r"\d\s*(?:元|块|角|美元|欧元|日元)|[一二三四五六七八九十百千万亿]+\s*元|免费|半价|不收"
)

_LENGTH = r"\b(?:\w*met(?:re|er)s?|km|miles?|feet|inch(?:es)?)\b"
_SHORT = r"\b(?:centi|milli)?met(?:re|er)s?\b|\b(?:feet|inch(?:es)?|[cm]?m)\b"
_HOUR = (
    rf"{_CLOCK}|\b(?:noon|midnight|midday|dawn|dusk|sunrise|sunset)\b|\b\d{{1,2}} (?:to|till|until|-|–) \d|"
    r"中午|正午|半夜|午夜|日出|日落|24\s*小时"
)
_TIME = r"\b(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?)\b"
_TIME_CHINESE = r"\d\s*年|[一二三四五六七八九十半两几]年|个月|天|小时|分钟|秒|周|学期"
_HOW_MANY_FIT = (
    r"\bhow many (?:people|persons|guests|visitors)\b(?=.*\b(?:fit|sit|seat|serve|hold|take|accommodate)s?\b)"
)
MEASURES = tuple(
    (re.compile(asked, re.IGNORECASE), re.compile(said, re.IGNORECASE))
    for asked, said in (
        (r"\b(?:at )?what time\b|几[点时]", _HOUR),
        (r"\bhow tall\b|\bheight\b", rf"\b(?:tall|high|height)\b|{_LENGTH}"),
        (r"\bhow high\b|多高", rf"\b(?:tall|high|height)\b|{_LENGTH}|{MONEY}|[%℃°]|\bdegrees\b|高|[公厘]?[米尺度]"),
        (
            r"\bhow (?:wide|deep|thick)\b|\b(?:width|depth|thickness)\b|多[宽深厚]",
            rf"\b(?:wide|width|deep|depth|thick)\b|{_SHORT}|[深宽厚米尺]",
        ),
        (r"\bhow far(?: away)?\b|多远", rf"\b(?:away|from here)\b|{_LENGTH}|[米里]"),
        (r"\bhow (?:warm|hot|cold)\b|多热|多冷|几度", r"°|℃|\bdegrees\b|度"),
        (
            rf"{_HOW_MANY_FIT}|可?以?能?(?:坐得?下?|容纳)(?=多少|几)",
            r"\b(?:people|persons|guests|visitors|places|seats?|seated|serves?)\b|[人座位]",
        ),
        (r"多长(?!时间)", r"长|[米里字页]"),
        (
            r"\bhow long\b|\blength\b|期?(?:是|有|为)?多长时间|期?(?:是|有|为)?多久(?!.{0,6}一次)",
            rf"\b(?:long|lasts?|length|characters|pages|words)\b|{_LENGTH}|{_TIME}|{_TIME_CHINESE}",
        ),
        (r"\bhow old\b|\bage\b|多大年纪|几岁", r"\b(?:old|aged?|born|built|years?)\b|岁|[出生建]"),
        (
            r"\bhow heavy\b|\bweight\b|\bhow much (?:do|does|did) .{1,60}\bweigh\b|多重",
            r"\b(?:weigh\w*|kg|kilograms?|grams?|tons?|tonnes|pounds?)\b|[克斤吨]|重",
        ),
        (r"\bhow (?:big|large)\b|多大", r"\b(?:square|hectares?|acres|size|bytes?|[kmg]b)\b|平方|面积|大小|亩|岁"),
        (
            r"\bhow often\b|多久.{0,6}一次|几次",
            r"\b(?:times?|once|twice|every|each|daily|weekly|monthly|yearly)\b|每|次|周期",
        ),
    )
)
"""What is asked for, and a word that a sentence has which says it."""

_UNITS = (
    "feet foot ft",
    "inch inches",
    "mile miles",
    "yard yards",
    "km kilometre kilometres kilometer kilometers",
    "cm centimetre centimetres centimeter centimeters",
    "mm millimetre millimetres millimeter millimeters",
    "m metre metres meter meters",
)


def in_length(unit: str) -> re.Pattern[str]:
    """How a text says how long or high something is, where this unit is asked for: in it, or in so many words."""
    alike = next((one.split() for one in _UNITS if unit.casefold() in one.split()), [unit])
    named = r"(?<!\bas )(?<!\bhow )\b(?:long|length|tall|high|height|wide|width|deep|depth)\b"
    return re.compile(rf"(?<!\bon )\b(?:{'|'.join(alike)})\b|{named}", re.IGNORECASE)


SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔"
    "谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向汤温康施文牛樊葛邢安齐"
    "易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单裴霍涂成苗谷曲盛翁冉骆蓝路游辛靳管"
)
PERSON = re.compile(
    rf"(?:^|: )(?:(?:Dr|Prof|Mrs?|Ms)\.? )?(?:[A-Z][\w'’.-]*)(?: [A-Za-z][\w'’.-]*)*(?=;|$)|"
    rf"(?:^|: )[{SURNAMES}][{IDEOGRAPH}]{{1,3}}"
)
"""A cell that names somebody."""
_WHO_IS = re.compile(rf"([{IDEOGRAPH}]{{2,8}}?)(?:是|叫)(?:谁|哪位|什么名字)|谁是([{IDEOGRAPH}]{{2,8}})")


_WHO_HAS = re.compile(
    r"^\W*who(?:['’]s| is| was| are| were) (?:the|our|your|my|its|their|an?) ((?:[a-z'’-]+ )*?[a-z'’-]+)"
    r"(?: (?:of|for|at|in|on|to|here|now)\b.*)?\W*$",
    re.IGNORECASE,
)
_PERSON = r"(?:(?!(?:the|an?|our|your|my|this|in|on|at|its|their|his|her|it|if|when)\b)(?-i:[A-Z])[\w'’-]*\.?)"
_TITLE = r"(?:\s+(?:of|for|in|at|on|to)\b[^.;:()]{1,60}?)?"


def role_asked(question: str) -> re.Pattern[str] | None:
    """How a text says who has the part that a question names: "the clerk, Ada Lund", "Ada Lund (clerk)", 所长是林秀英,
    校长：周文斌; None where it names none."""
    if (has := _WHO_HAS.match(question)) is not None:
        part = rf"\b(?:{'|'.join(re.escape(one) for one in names_of(has[1].split()[-1]))})\w{{0,2}}\b"
        return re.compile(
            rf"{part}{_TITLE}\W{{0,3}}(?:(?:is|are|was|were|by|now|called|named|the|a)\b\W*){{0,3}}{_PERSON}|"
            rf"{_PERSON}\W{{0,3}}(?:(?:is|are|was|were|as|becomes?|became|has been|now)\b\W*){{0,2}}"
            rf"(?:[\w'’-]+\s+){{0,5}}?{part}",
            re.IGNORECASE,
        )
    named = _WHO_IS.search(question)
    if named is None:
        return None
    part = (named[1] or named[2])[-2:]
    return re.compile(rf"{part}\w{{0,3}}\s*[（(：:是为叫由]|{part}[{SURNAMES}][{IDEOGRAPH}]|[：:是为由]\w{{2,4}}{part}")


_NUMBER = (
    r"(?:\d[\d,.]*|\b(?:no|none|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty(?:-\w+)?|"
    r"hundred|thousand))"
)


def number_of(counted: str) -> re.Pattern[str] | None:
    """How an English text says how many there are of something, given by its stem: "46 rooms", "rooms: 46"; None for
    others."""
    if not counted.isascii():
        return None
    names = "|".join(re.escape(one) for one in names_of(counted))
    return re.compile(
        rf"{_NUMBER}\s+(?:[\w'’-]+\s+){{0,3}}(?:{names})|"
        rf"\b(?:{names})\w*(?:\s+[\w'’-]+){{0,3}}?\W*(?:[:=]|\b(?:is|are|was|were|number|totals?)\b)\W*{_NUMBER}",
        re.IGNORECASE,
    )


_BEHIND_VERB = re.compile(
    rf"\b([a-z]+)\s+(?:(?:up to|at most|no more than|only)\s+)?{_NUMBER}"
    r"(?=\s*(?:[.,;!]|$)|\s+(?:at|in|per|for|a|each)\b)|"
    rf"([{IDEOGRAPH}])(?:最多|至多|不超过|共|约|了)?(?:\d+|[一二三四五六七八九十百两]+)\s*[{IDEOGRAPH}](?![{IDEOGRAPH}])",
    re.IGNORECASE,
)


def counts_behind_verb(question: str, text: str) -> bool:
    """Does a text say how many right behind a verb of the question, and not of what: "may borrow eight", 最多借八本?"""
    asked = {stem(one) for one in re.findall(r"[a-z]{3,}", question, re.IGNORECASE)}
    return any(stem(english) in asked if english else sign in question for english, sign in _BEHIND_VERB.findall(text))
