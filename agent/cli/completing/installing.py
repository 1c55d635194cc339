"""`--install-completion` and `--show-completion`: for the shell in which thinkact is started."""

from __future__ import annotations

from agent.cli.completing.scripts import install, script_of
from agent.errors import UsageError

_TYPERS = ("powershell", "pwsh")
"""Shells that typer teaches by a script of its own."""


def install_here() -> str:
    """Teach this shell; what was done, in a line.

    Raises:
        UsageError: it is not known which shell this is, or how to teach it.
    """
    shell = _shell()
    if shell in _TYPERS:
        from typer._completion_shared import install as install_typers

        _, file = install_typers(shell=shell, prog_name="thinkact")
    else:
        file = install(shell)
    return f"tab completion for {shell} is in {file}; it works in every terminal that you open from now on"


def script_here() -> str:
    """The script for this shell. Raises what `install_here` raises."""
    shell = _shell()
    script = script_of(shell)
    if script is None:
        from typer._completion_shared import get_completion_script

        return get_completion_script(prog_name="thinkact", complete_var="_THINKACT_COMPLETE", shell=shell)
    return script.rstrip("\n")


def _shell() -> str:
    import shellingham  # type: ignore[import-untyped]  # typer's own way to tell

    try:
        shell: str = shellingham.detect_shell()[0]
    except shellingham.ShellDetectionFailure:
        shell = ""
    if script_of(shell) is None and shell not in _TYPERS:
        which = f"the shell {shell} is not known" if shell else "it cannot be told which shell this is"
        raise UsageError(which, hint="start thinkact in bash, zsh, fish or PowerShell")
    return shell
