"""Git history: tells what was changed in a repository of the workspace, when and by whom. It changes nothing.

A repository may have been written by a stranger. So nothing of its own is run: no hook, no pager, no external diff,
no text converter, no signature program, no watcher of files; nothing is fetched; neither the user's nor the system's
configuration counts. Only objects are read, never the files that are checked out. It starts the program `git` all the
same, so it declares EXECUTE: allow it with `--allow "git_*"`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from typing import Any

from plugins import Context, Effect, ToolError, WorkspacePath, tool

_HERE = WorkspacePath("")
_SECONDS = 30.0  # that git may take
_LONGEST_WORD = 4_000  # characters; a system takes no argument of any length
_MOST_BYTES = 2_000_000  # of what it says
_REVISION = re.compile(r"[\w@{}^~./\-]{1,200}")
_FIELDS = ("commit", "author", "time", "subject")
_SAFE = (
    *("core.fsmonitor=false", f"core.hooksPath={os.devnull}", f"core.attributesFile={os.devnull}", "core.pager=cat"),
    *("core.alternateRefsCommand=", "core.sshCommand=false", "core.askPass=", "credential.helper=", "diff.external="),
    *("log.showSignature=false", "gpg.program=false", "log.mailmap=false", "blame.ignoreRevsFile="),
    *("protocol.allow=never", "submodule.recurse=false", "core.quotePath=false", "i18n.logOutputEncoding=UTF-8"),
)


@tool(effect=Effect.EXECUTE, repeatable=True, aliases=["git log", "commits", "提交记录", "历史"], timeout=60)
def git_log(
    repository: WorkspacePath = _HERE,
    path: str = "",
    words: str = "",
    author: str = "",
    since: str = "",
    until: str = "",
    revision: str = "HEAD",
    count: int = 20,
    *,
    context: Context,
) -> dict[str, Any]:
    """Tell the commits of a Git repository, the newest first.

    Args:
        repository: The folder that holds .git; the workspace itself if left out.
        path: Only commits that changed this file or folder of the repository; a file also under its earlier names.
        words: Only commits whose message holds these words; the case of letters does not count.
        author: Only commits of an author whose name or address holds this.
        since: Only commits of this day or later, such as 2026-01-31.
        until: Only commits of this day or earlier.
        revision: Where to begin: a branch, a tag or a commit.
        count: How many commits at most, from 1 to 200.
    """
    if not 1 <= count <= 200:
        raise ToolError("count must be from 1 to 200", hint="narrow it by path, words, author or since")
    git = _Git(repository, context)
    start = git.commit(revision)
    filters = ["--fixed-strings", "--regexp-ignore-case"]
    filters += ["--follow"] if path else []  # also under the name that it had before
    filters += [f"--grep={words}"] if words else []
    filters += [f"--author={author}"] if author else []
    filters += [f"--since={_day(since)}T00:00:00"] if since else []
    filters += [f"--until={_day(until)}T23:59:59"] if until else []
    told = git.say("log", f"--max-count={count + 1}", _format(), *filters, start, "--", *([path] if path else []))
    commits = [_commit(one) for one in told.split("\0") if one.strip()]
    return {"commits": commits[:count], "more": len(commits) > count}


@tool(effect=Effect.EXECUTE, repeatable=True, aliases=["git show", "diff of a commit", "提交内容"], timeout=60)
def git_show(commit: str, repository: WorkspacePath = _HERE, path: str = "", *, context: Context) -> dict[str, Any]:
    """Tell one commit of a Git repository: its message, and what it changed as a diff.

    Args:
        commit: The commit: its hash or the beginning of it, a branch or a tag.
        repository: The folder that holds .git; the workspace itself if left out.
        path: Only the changes of this file or folder.
    """
    git = _Git(repository, context)
    found = git.commit(commit)
    head = _commit(git.say("log", "--max-count=1", _format(), found, "--"))
    message = git.say("log", "--max-count=1", "--format=%B", found, "--").strip()
    # First against its first parent: of a merge, what came in by it.
    diff = ("show", "--format=", "--first-parent", "--no-ext-diff", "--no-textconv", "--no-color", "--stat", "--patch")
    return {**head, "message": message, "diff": git.say(*diff, found, "--", *([path] if path else [])).strip()}


@tool(effect=Effect.EXECUTE, repeatable=True, aliases=["git blame", "who wrote", "谁写的"], timeout=60)
def git_blame(
    path: str,
    start_line: int = 1,
    lines: int = 50,
    revision: str = "HEAD",
    repository: WorkspacePath = _HERE,
    *,
    context: Context,
) -> list[str]:
    """Tell of each line of a file who wrote it last, when, and in which commit.

    Args:
        path: The file, from the repository's folder on.
        start_line: The first line.
        lines: How many lines, from 1 to 500.
        revision: The file as it was there: a branch, a tag or a commit.
        repository: The folder that holds .git; the workspace itself if left out.
    """
    if start_line < 1 or not 1 <= lines <= 500:
        raise ToolError("start_line must be 1 or more, and lines from 1 to 500", hint="call again for what follows")
    git = _Git(repository, context)
    start = git.commit(revision)
    try:
        count = git.say("show", "--no-textconv", f"{start}:{path}").count("\n") + 1
    except ToolError as error:
        if error.kind == "git":
            raise ToolError(f"there is no file {path} at {revision}", hint="name it from .git's folder on") from None
        raise
    if start_line > count:
        raise ToolError(f"{path} has {count} lines there", hint="begin earlier")
    span = f"-L{start_line},{min(start_line + lines - 1, count)}"
    told = git.say("blame", "--no-textconv", "--porcelain", span, start, "--", path)
    return list(_blamed(told))


class _Git:
    """The program, on one repository, with nothing of the repository's own or of the user's run beside it."""

    def __init__(self, repository: WorkspacePath, context: Context) -> None:
        self._context = context
        found = shutil.which("git")
        if found is None:
            raise ToolError("git is not installed here", hint="install it, or ask the user to")
        self._program = found
        inner = f"{repository}/.git" if repository else ".git"
        self._check(inner, repository)
        self._folder = context.workspace.root / inner

    def _check(self, inner: str, repository: WorkspacePath) -> None:
        """A repository that lies whole in the workspace: no link, no other repository's objects."""
        files = self._context.workspace
        if not files.exists(inner):
            raise ToolError(f"there is no repository in '{repository or '.'}'", hint="name the folder that holds .git")
        if not files.entry(inner).folder:
            hint = "name the main repository: this is a submodule or a second work tree"
            raise ToolError(f"{inner} leads to a repository elsewhere", hint=hint)
        for name in ("objects", "refs", "objects/info", "objects/pack"):
            part = f"{inner}/{name}"
            if files.exists(part) and not files.entry(part).folder:
                raise ToolError(f"{part} leads elsewhere", hint="only a whole repository in the workspace is read")
        for name in ("objects/info/alternates", "objects/info/http-alternates", "commondir"):
            if files.exists(f"{inner}/{name}"):
                raise ToolError(f"{inner}/{name} leads to another repository", hint="`git repack -a` makes it whole")

    def commit(self, revision: str) -> str:
        """The full hash of the commit that a name means."""
        if not _REVISION.fullmatch(revision) or revision.startswith("-"):
            raise ToolError(f"{revision[:60]!r} is no commit", hint="a hash, a branch or a tag, such as HEAD~2")
        try:
            return self.say("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").strip()
        except ToolError as error:
            if error.kind == "git":
                raise ToolError(f"there is no commit {revision}", hint="git_log tells those that there are") from None
            raise

    def say(self, *words: str) -> str:
        """What git says, at most some megabytes of it."""
        if any("\0" in word or len(word) > _LONGEST_WORD for word in words):
            raise ToolError("an argument holds a NUL, or is very long", hint="name a file, a day or a few words")
        settings = [word for one in _SAFE for word in ("-c", one)]
        place = [f"--git-dir={self._folder}", "--no-pager", "--literal-pathspecs", "--no-replace-objects"]
        with subprocess.Popen(
            [self._program, *place, *settings, *words],
            cwd=self._folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            said, complaint = self._waited(process)
        if process.returncode:
            last = complaint.decode("utf-8", "replace").strip().rpartition("\n")[2]
            raise ToolError(f"git says: {last.removeprefix('fatal: ')[:300] or process.returncode}", kind="git")
        text = said[:_MOST_BYTES].decode("utf-8", "replace")
        return text if len(said) <= _MOST_BYTES else f"{text}\n[cut: git says more]"

    def _waited(self, process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
        until = time.monotonic() + _SECONDS
        while True:
            try:
                return process.communicate(timeout=0.2)
            except subprocess.TimeoutExpired:
                if not self._context.cancelled and time.monotonic() < until:
                    continue
            process.kill()
            process.communicate()
            raise ToolError(f"git took more than {_SECONDS:g} s and was stopped", hint="narrow it by path or since")


def _environment() -> dict[str, str]:
    """What git needs to start, and nothing by which anybody could steer it."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP", "TMP") if name in os.environ}
    return kept | {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "",
        "HOME": os.devnull,
        "LC_ALL": "C.UTF-8",
    }


def _format() -> str:
    return "--format=%H%x1f%an <%ae>%x1f%aI%x1f%s%x00"


def _commit(told: str) -> dict[str, str]:
    return dict(zip(_FIELDS, told.strip("\0\n").split("\x1f"), strict=False))


def _day(text: str) -> str:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise ToolError(f"{text[:40]!r} is no day", hint="write it as 2026-01-31")
    return text


def _blamed(told: str) -> Any:
    """The lines of `blame --porcelain`: a header for each, its commit's facts where it comes first, then the line."""
    facts: dict[str, dict[str, str]] = {}
    commit, number = "", ""
    for line in told.split("\n"):
        header = re.match(r"([0-9a-f]{40,64}) \d+ (\d+)", line)
        if line.startswith("\t"):
            about = facts.get(commit, {})
            day = time.strftime("%Y-%m-%d", time.gmtime(int(about.get("author-time", "0"))))
            yield f"{number}: {line[1:]}  [{commit[:10]} {about.get('author', '?')} {day}]"
        elif header:
            commit, number = header[1], header[2]
            facts.setdefault(commit, {})
        elif commit:
            name, _, value = line.partition(" ")
            facts[commit][name] = value
