"""Passwords, keys and tokens in a text: by their shapes, and by a word for one with a value behind it.

The second is a judgement. "The password is stored in the vault" and "密码是必填项" speak of a password, "the password
is hunter2" tells it. Behind a sign (`password: …`) nearly every word is a value; behind a verb only what is no plain
word: it has a digit or a sign inside, or is quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from memory.passwords import passwords_in, without_passwords

REMOVED = "[{} was left out]"
"""What stands in a secret's place; its name goes into it."""

# What is run through before it is known whether it is a secret is bounded, wherever a run may hold further beginnings:
# a text of many beginnings and no end would else take a time that grows with the square of its length.
_KEYS = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("an API key", r"\bsk-(?:[A-Za-z0-9]{16,}|(?:proj|ant|or|svcacct)-[\w-]{8,}|(?=[\w-]{0,100}\d)[\w-]{20,})"),
        ("a GitHub token", r"\b(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{20,})"),
        ("a GitLab token", r"\bglpat-[\w-]{16,}"),
        ("an AWS key", r"\b(?:AKIA|ASIA)[0-9A-Z]{12,}\b"),
        ("a cloud key", r"\b(?:LTAI|AKID)(?=[A-Za-z0-9]{0,40}\d)[A-Za-z0-9]{12,}\b"),
        ("a Google API key", r"\bAIza[\w-]{30,}"),
        ("a Slack token", r"\bxox[abeoprs]-[\w-]{10,}"),
        ("a Hugging Face token", r"\bhf_[A-Za-z0-9]{20,}"),
        ("an npm token", r"\bnpm_[A-Za-z0-9]{20,}"),
        ("a PyPI token", r"\bpypi-[\w-]{16,}"),
        ("a Stripe key", r"(?<![A-Za-z0-9])[rs]k_(?:live|test)_[A-Za-z0-9]{10,}"),
        ("a JSON web token", r"(?:(?<![\w-])eyJ[\w-]{8,}|\beyJ[\w-]{8,300})\.eyJ[\w-]{8,}\.[\w-]*"),
        # To its end, or to that of the text where it was cut off: what stands between is the key.
        ("a private key", r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?:[\s\S]*?-----END [A-Z0-9 ]*PRIVATE KEY-----|[\s\S]*)"),
        ("a bearer token", r"\b[Bb]earer[ \t]{1,4}[A-Za-z0-9._~+/-]{20,}=*"),
        ("a password in an address", r"\b[a-z][a-z0-9+.-]{0,30}://[^\s/:@]*:[^\s/@]{3,}@"),
    )
)

_PASSWORD = (
    r"password|passwd|passphrase|passcode|\bpwd|\bpw\b|passwort|kennwort|mot de passe|contraseña|\bsenha|пароль|"
    r"密码|密碼|口令|パスワード|비밀번호"
)
_KEY = r"secret(?:[_ -]?key)?|api[_ -]?key|access[_ -]?key|token|密钥|秘钥|私钥|令牌"
_OF = (
    r"(?:[ \t]+(?:for|of|to|on|at|für|von|de|du|del)[ \t]+(?:[^\s.:=,;：＝]{1,30}[ \t]+){0,4}?[^\s.:=,;：＝]{1,30})??"
    r"(?:[ \t]*[(（][^()（）\n]{1,30}[)）])?"
)
"""What it is the password of: "for the printer in the hall", "（路由器）"."""
_IS = (
    r"(?:['’]s|[ \t]+(?:is|are|was|ist|war|lautet|est|es|é|это)(?:[ \t]+(?:now|still|currently|jetzt|nun))?|"
    r"[ \t]+[—–-])"
)
_TO = r"(?:[ \t]+(?:is|was|has been))?(?:[ \t]+(?:set|changed|reset))?[ \t]+to"
_EASTERN = r"[ \t]*(?:现在|目前|已|就|便)?(?:是|为|為|改为|改成了?|换成了?|设为|设成|は|는|은)"
_RUN = 400  # characters of a value that are judged
_REST = re.compile(r"[^\s\"'`”’」』]*")
_QUOTED = r"[\"'`“‘「『](?P<quoted>[^\"'`”’」』\n]{4,60})[\"'`”’」』]"
_VALUE = rf"(?:{_QUOTED}|(?P<value>[^\s\"'`”’」』]{{4,{_RUN}}}))"
# Behind 密码是 a word of Chinese is no value.
_FORMS = tuple(
    (form, re.compile(pattern, re.IGNORECASE))
    for form, pattern in (
        ("sign", rf"{_OF}(?:{_IS}|{_EASTERN})?[\"']?\s{{0,8}}(?:=|:|：|＝|->|→)\s{{0,8}}{_VALUE}"),
        ("verb", rf"{_OF}{_IS}[ \t]+{_VALUE}"),
        ("verb", rf"{_OF}{_TO}[ \t]+{_VALUE}"),
        ("eastern", rf"{_OF}{_EASTERN}[ \t]*(?:{_QUOTED}|(?P<value>[!-~]{{4,{_RUN}}}))"),
        ("bare", rf"[ \t]+(?P<quoted>\Z\A)?(?P<value>[\w!@#$%^&*+-]{{6,{_RUN}}})"),
    )
)
_LABELS = tuple(
    (name, re.compile(words, re.IGNORECASE)) for name, words in (("a password", _PASSWORD), ("a secret", _KEY))
)
_PIN = re.compile(
    r"\b(?:PIN|[Pp]in[ -][Cc]ode)(?:[ \t]+(?:is|ist|lautet)|[ \t]*(?:是|为))?[ \t]*[:=：]?[ \t]*\d{4,8}(?!\w)"
)

_ENDS = ".,;:!?)]}>。，；：！？）】》、"
_PLACEHOLDER = re.compile(
    r"[<$*{\[%(（]|x{3,}|\.{3}|…|_{3,}|your[_ -]|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$|~?/|\./|[A-Za-z]:\\|\w+://", re.ASCII
)
_CODE = re.compile(r"[A-Za-z_][\w.]*[\[(]|[a-z_]+(?:\.[a-z_]+)+$|[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}$", re.ASCII)
_TERM = re.compile(
    r"(?:base(?:32|58|64|85)|sha-?[123]\d*|md[45]|aes-?\d*|utf-?\d+|argon2\w*|oauth-?[12]?|pbkdf2|ed25519|x\.?509|rot13|"
    r"hs256|rs256|[1-9]fa|1password|keepass\w*|bitwarden\w*|http/?[123])(?:[^A-Za-z0-9].*)?$",
    re.IGNORECASE,
)
_MEASURE = re.compile(r"\d+(?:[-–~到至]\d+)?(?![-\w.]*[A-Za-z])(?=[-–.,]?\Z|[位个個字天年月日次分秒])")
_RANGE = re.compile(r"\d{1,3}[-–]\d{1,3}$|\d+[-–][a-z]+$|\d+(?:[.,]\d+)+$", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d\d(?:-\d\d)?$|\d{1,2}[./]\d{1,2}[./]\d{2,4}$")
_UNIT = re.compile(
    r"\s*(?:char|letter|digit|sign|day|week|month|year|hour|minute|second|byte|bit\b|token|time|word|Zeichen|Tage|"
    r"[位个個字天日年月次分秒])",
    re.IGNORECASE,
)
_INSIDE = re.compile(r"\d|\w[!#$%&*+^~?=|@]+\w", re.ASCII)
_BARE = re.compile(r"(?=[^\d]*\d)(?=[^a-z]*[a-z])(?![a-z]+-\d+$)[\w!@#$%^&*+-]{6,}$", re.IGNORECASE | re.ASCII)
_WITHIN = re.compile(r"[a-z]", re.IGNORECASE)
_NEVER = (_PLACEHOLDER, _CODE, _TERM)
_LONGEST = 16  # characters of a password of Chinese; what is longer is a sentence
_SHORTEST, _SURELY = 8, 16  # characters of a key with a digit, and of one without
_CJK = re.compile(r"[\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af]")
_SPOKEN = re.compile(
    r"[必选可请見见详由在从至最不长存保放未无没已需应要用通同与和默写记问找待自设改略为是有由仅只每经被让若如的了过区]"
)
"""How what is said of a password begins, in Chinese: 必填, 见附件, 由管理员设置."""
_SAID = """
required optional mandatory missing empty blank none null undefined unknown hidden redacted removed masked secret
string text bytes field input value varchar true false boolean integer number same different wrong incorrect invalid
correct valid weak strong safe secure unsafe default temporary stored kept saved hashed encrypted salted changed
expired rotated reset generated managed needed given sent asked read taken loaded written printed shared leaked lost
forgotten protected see ask use enter type click choose pick take look find contact send store keep change never
always must should shall will would could have does this that these those there their they them then than when where
which what with without from into only also both each every some most more less least very your mine ours
authentication authorization manager management policy rotation length strength hint vault keyring keychain
environment variable config settings nicht wird ist sind siehe steht liegt keins keine unbekannt leer pflicht the
and for are was not but can may who how why has had its our out per via any all one two
"""
_SPEAKING = frozenset(_SAID.split())
"""Words that say something of a password, and are none."""


def secret_in(text: str) -> str | None:
    """What kind of secret stands in the text ("a password", "an API key", ...), or None."""
    known = next((name for name, pattern in _KEYS if pattern.search(text)), None)
    if told := known or next((name for name, _, _ in _told(text)), None):
        return told
    if next(passwords_in(text), None) is not None:
        return "a password in a command"
    return "a PIN" if _PIN.search(text) else None


def without_secrets(text: str) -> str:
    """The text with a mark in place of each password, key or token."""
    for name, pattern in _KEYS:
        text = pattern.sub(REMOVED.format(name), text)
    pieces, end = list[str](), 0
    for name, start, over in sorted(_told(text), key=lambda one: one[1:]):
        if start >= end:
            pieces += [text[end:start], REMOVED.format(name)]
        end = max(end, over)
    told = without_passwords("".join([*pieces, text[end:]]), REMOVED.format("a password in a command"))
    return _PIN.sub(REMOVED.format("a PIN"), told)


def _told(text: str) -> Iterator[tuple[str, int, int]]:
    """What secrets are told in words, and where each begins and ends, its word with it."""
    for name, pattern in _LABELS:
        over = 0
        for label in pattern.finditer(text):
            if label.start() < over:
                continue
            whole = _WITHIN.search(text, max(0, label.start() - 1), label.start()) is None
            for form, behind in _FORMS:
                if form in ("verb", "bare") and not whole:
                    continue  # nobody says "the tiktoken is"; in a program it is accessToken = ...
                found = behind.match(text, label.end())
                if found is not None and (over := _end(name, form, found)):
                    yield name, label.start(), over
                    break


def _end(name: str, form: str, found: re.Match[str]) -> int:
    """Where the secret behind the word for one ends; 0 where it is none, but something said of it."""
    quoted = found["quoted"] is not None
    value = (found["quoted"] if quoted else found["value"]).rstrip(_ENDS)
    if not _is_told(name, form, value, found):
        return 0
    if quoted:
        return found.end()
    end = found.start("value") + len(value)
    if len(found["value"]) < _RUN or (rest := _REST.match(found.string, end)) is None:
        return end
    return rest.end()


def _is_told(name: str, form: str, value: str, found: re.Match[str]) -> bool:
    quoted = found["quoted"] is not None
    if len(value) < 4 or value.casefold() in _SPEAKING or any(one.match(value) for one in _NEVER):
        return False
    end = found.start("value") + len(value)
    follows = "" if quoted else found.string[end : end + 12]
    if _MEASURE.match(value) and (not value.isdigit() or _UNIT.match(follows)):
        return False
    if name == "a secret":
        return form != "bare" and _is_key(value, signed=form == "sign")
    if form == "sign":
        return _CJK.match(value) is None or (len(value) <= _LONGEST and _SPOKEN.match(value) is None)
    if _RANGE.match(value) or _DATE.match(value):
        return False
    if form == "bare":
        return _BARE.match(value) is not None
    if form == "eastern" and value.isalpha():
        return not follows or follows[0].isspace() or follows[0] in _ENDS
    return quoted or _INSIDE.search(value) is not None


def _is_key(value: str, *, signed: bool) -> bool:
    """Is a value behind "token" or "secret" one? These words have other meanings too."""
    if len(value) < _SHORTEST or not value.isascii() or " " in value:
        return False
    digit, letter = any(map(str.isdigit, value)), any(map(str.isalpha, value))
    if signed:
        return digit or (len(value) >= _SURELY and not value.islower())
    return digit and letter and not _RANGE.match(value) and not _DATE.match(value)
