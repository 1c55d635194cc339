"""Polite words: what stands before the matter of a sub-goal, as in "Please, could you read …"."""

from __future__ import annotations

import re

_POLITE_ENGLISH = re.compile(
    r"(?:please|kindly|now|then|next|first(?:ly)?|second(?:ly)?|third(?:ly)?|finally|lastly|also|and|but|afterwards?|just|"
    r"after that|before that|so|ok(?:ay)?|hi|hello|hey|(?:can|could|would|will) you(?: please)?|"
    r"i(?:'d| would)? (?:want|like|need) (?:you )?to|i want you to|you (?:should|must|have to|need to)|"
    r"(?:your|the|my) (?:task|goal|job|aim) is to|let's|let us|help me(?: to)?|make sure (?:to|that you)|be sure to|"
    r"try to|remember to|(?:do not|don't|never) forget to|go and|go ahead and|to|quickly|carefully|briefly|shortly|"
    r"thoroughly|immediately|for me|(?:after|by)(?= \w+ing\b)|"
    r"when (?:you are |you're )?(?:done|finished|ready)|once (?:you are |you're )?(?:done|finished)|"
    r"in the end|at the end|in addition|only|simply)\b[,:\s]*",
    re.IGNORECASE,
)
_POLITE_CHINESE = re.compile(
    r"(?:请你?|麻烦你?|帮我|帮忙|劳驾|替我|你(?:要|需要|应该|应当|可以|能不能|能否|能)|我(?:想|希望|要|需要)(?:让你|请你|你)?|首先|先|接着|"
    r"然后|随后|之后|最后|其次|同时|并且|并(?!行)|再(?!生|次)|另外|此外|也(?!许)|还要?|务必|(?:不要|别)忘[了记]|尽量|仔细地?|认真地?|快速地?|"
    r"简要地?|简单地?|完成后|好了?|那么|只(?!要)|仅|给我(?=[读写总列看搜查找概讲说介])|为我|以及|而且|且)[，,：:\s]*"
)


def without_polite_words(text: str) -> str:
    """A text from where its matter begins: "Please, could you read …" from "read" on."""
    rest = text.strip(" \t,，:：、-–—*")
    while True:
        found = _POLITE_ENGLISH.match(rest) or _POLITE_CHINESE.match(rest)
        if found is None or not found.group().strip() or not rest[found.end() :].strip(" ,，.。!！"):
            return rest
        rest = rest[found.end() :].lstrip(" \t,，:：、")
