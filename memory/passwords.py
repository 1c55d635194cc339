"""Passwords that everyday commands carry: behind an option that means one for this program, in an address, or piped in.

`-p` is a password for `sshpass`, a port for `ssh` and the parents of a folder for `mkdir`: what counts is told by
program. What only stands for a password (`$PASSWORD`, `<password>`, `***`) is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

__all__ = ["passwords_in", "without_passwords"]

_REACH = 400
"""Characters of a command that are looked through for its options; what is in quotes counts as one."""
_WORD = r"(?:\"(?P<double>[^\"\n]{1,200})\"|'(?P<single>[^'\n]{1,200})'|(?P<bare>[^\s\"'|;&<>`]+))"
_BEHIND, _NEAR, _AT_ONCE = r"(?:[ \t]+|=)", r"[ \t]*=?", ""
_OPTIONS = (
    # Programs, their option, and what stands between it and the password.
    (r"sshpass", r"-p", _NEAR),
    (r"mysql\w*|mariadb[\w-]*|xtrabackup|7z[ar]?", r"-p", _AT_ONCE),
    (r"rar|unrar", r"-h?p", _AT_ONCE),
    (r"mongo\w*|cqlsh|influx|evil-winrm|rdesktop|ncftp\w*|rabbitmqadmin|cypher-shell", r"-p", _BEHIND),
    (r"(?:docker|podman|buildah|helm|nerdctl|skopeo|oc|az|cf)\b[^|;&\n]{0,60}?\blogin", r"-p", _NEAR),
    (r"sqlcmd|bcp|ipmitool|mosquitto_\w+|zip|unzip", r"-P", _NEAR),
    (r"redis-cli|keydb-cli|valkey-cli", r"-a", _BEHIND),
    (r"ldap(?:search|modify|add|delete|whoami|passwd)", r"-w", _BEHIND),
    (r"plink|pscp|psftp|putty", r"-pw", _BEHIND),
    (r"snmp(?:get|walk|set|bulkwalk)", r"-[AX]", _BEHIND),
    (r"\wfreerdp\w*", r"/p:", _AT_ONCE),
    (r"openssl", r"-pass(?:in|out)?[ \t]+pass:", _AT_ONCE),
    (r"keytool|jarsigner", r"-(?:store|key)pass", _BEHIND),
)
_PAIRS = (
    # Programs, the option behind which a name stands with its password, and the sign between the two.
    (r"curl|xh|https?", r"(?:-[A-Za-z]*[uU]|-a|--user|--proxy-user|--auth)", ":"),
    (r"ab", r"-[AP]", ":"),
    (r"smb(?:client|get|map|cacls|tree)|rpcclient|net", r"(?:-U|--user)", "%"),
    (r"lftp", r"(?:-u|--user)", ","),
)
_NAMED = r"--(?:[a-z]+-)*(?:pass(?:word|wd|phrase|code)?|token|secret|api-?key|auth-?key|secret-?key)"
"""Long options that mean a secret, for whatever program; behind a blank only what is no plain word is one."""
_READS = (
    r"(?:sudo[ \t][^|;&\n]{0,60}?(?:-[A-Za-z]*S\b|--stdin\b)|su\b|passwd\b|chpasswd\b|cryptsetup\b|kinit\b|"
    r"gpg2?\b[^|;&\n]{0,80}?--passphrase-fd|[\w-]+[ \t][^|;&\n]{0,80}?--(?:password-stdin|with-token))"
)
"""Programs that read a password from what is piped into them."""
_HOW = r"(?:-[neE]+[ \t]+)?(?:[\"']%s(?:\\n)?[\"'][ \t]+)?"
"""How it is to be printed."""
_ANYWHERE = (
    # What must stand in the text for it to be worth looking, and where the password is.
    ("--", rf"(?<!\S){_NAMED}=(?:{_WORD})"),
    ("--", rf"(?<!\S){_NAMED}[ \t]+(?=\S{{0,100}}[^A-Za-z\s]){_WORD}"),
    ("://", r"\b[a-z][a-z0-9+.-]{0,30}://[^\s/:@\"']{0,100}:(?P<bare>[^\s/@\"']{1,200})@"),
    ("=", rf"\b(?:MYSQL_PWD|SSHPASS|REDISCLI_AUTH)={_WORD}"),
    ("/", r"\b(?:sqlplus|sqlldr|expdp|impdp)[ \t]+(?:-\w+[ \t]+)*[\w.$#]{1,60}/(?P<bare>[^\s@/\"']{1,200})"),
    ("/user:", rf"\bnet[ \t]+use[ \t][^|;&\n]{{0,100}}?/user:\S{{1,60}}[ \t]+{_WORD}"),
    ("/user:", rf"\bnet[ \t]+use(?:[ \t]+\w:)?[ \t]+\\\\\S{{1,100}}[ \t]+(?!/){_WORD}[ \t]+/user:"),
    ("net", rf"\bnet[ \t]+user[ \t]+\S{{1,60}}[ \t]+(?!/){_WORD}"),
    ("|", rf"\b(?:echo|printf|yes)[ \t]+{_HOW}(?P<bare>[^|;&\n]{{1,200}}?)[ \t]*\|[ \t]*{_READS}"),
    ("<<<", rf"(?<![\w-]){_READS}[^|;&\n]{{0,200}}?<<<[ \t]*{_WORD}"),
)
_REST = re.compile(rf"(?:\\\n|\"[^\"\n]{{0,300}}\"|'[^'\n]{{0,300}}'|[^|;&\n]){{0,{_REACH}}}")
"""The rest of a command: to a sign that ends it, which stands in no quotes; a line may be continued."""
_OPTION = re.compile(r"\s(?:-[A-Za-z-]|/p:)")
"""Without one, no option can give a password: of most texts that is all that is looked for."""
_STANDS_FOR = re.compile(r"\"?(?:\$[A-Za-z_{(]|%\w+%\"?$|[<{\[(*]|\.{3}|…|x{3,}\"?$|-|your[_-])", re.IGNORECASE)
_SPOKEN = frozenset(["is", "are", "means", "takes", "asks", "for", "to", "and", "or", "the", "a", "with", "sets"])
"""What stands behind an option where a sentence speaks of it."""


def passwords_in(text: str) -> Iterator[tuple[int, int]]:
    """Where passwords stand in a command, or in a text that tells one: where each begins and ends, in no order."""
    for program, option in _by_program() if _OPTION.search(text) else ():
        over = 0
        for called in program.finditer(text):
            if called.start() < over:
                continue  # a word of the command that was looked through: a text of many is else gone through as often
            rest = _REST.match(text, called.end())
            over = rest.end() if rest is not None else called.end()
            for found in option.finditer(text, called.end(), over):
                yield from _told(found)
    for sign, pattern in _anywhere():
        for found in pattern.finditer(text) if sign in text else ():
            yield from _told(found)


def without_passwords(text: str, mark: str) -> str:
    """The text with a mark in place of each password that a command in it carries."""
    pieces, over = list[str](), 0
    for start, end in sorted(passwords_in(text)):
        if start >= over:
            pieces += [text[over:start], mark]
        over = max(over, end)
    return "".join([*pieces, text[over:]])


def _told(found: re.Match[str]) -> Iterator[tuple[int, int]]:
    name, value = next((name, value) for name, value in found.groupdict().items() if value is not None)
    literal = name == "single" or _STANDS_FOR.match(value) is None
    if literal and value not in _SPOKEN:
        yield found.span(name)


@cache
def _by_program() -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    """What calls a program, and what gives it a password."""
    options = ((programs, rf"(?<=\s){option}{between}{_WORD}") for programs, option, between in _OPTIONS)
    pairs = ((programs, rf"(?<=\s){option}{_NEAR}{_pair(sign)}") for programs, option, sign in _PAIRS)
    return tuple(
        (re.compile(rf"(?<![\w.-])(?:{programs})(?:\.exe)?(?=[ \t])"), re.compile(given))
        for programs, given in (*options, *pairs)
    )


@cache
def _anywhere() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((sign, re.compile(pattern)) for sign, pattern in _ANYWHERE)


def _pair(sign: str) -> str:
    """A name and a password, alone or in quotes."""
    return (
        rf"(?:\"[^\"\n{sign}]{{0,100}}{sign}(?P<double>[^\"\n]{{1,200}})\"|'[^'\n{sign}]{{0,100}}{sign}(?P<single>[^'\n]{{1,200}})'|"
        rf"[^\s\"'{sign}]{{0,100}}{sign}(?P<bare>[^\s\"'|;&<>`]+))"
    )
