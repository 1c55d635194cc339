"""The scripts that teach a shell to ask thinkact, and the files that they are put into.

What thinkact answers is never evaluated: it goes from the pipe into an array, and from there to the shell's own way of
putting in a completion.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

_BASH = r"""# thinkact: tab completion for bash 4.4 or newer
_thinkact_complete() {
    local -a answer=()
    COMPREPLY=()
    mapfile -t answer < <("$1" _complete bash "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null </dev/null)
    case ${answer[0]-} in
        files) compopt -o default ;;
        folders) compopt -o dirnames ;;
        values)
            compopt -o nospace -o nosort
            COMPREPLY=("${answer[@]:1}")
            ;;
    esac
}
if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)); then
    complete -F _thinkact_complete thinkact
fi
"""

_ZSH = r"""#compdef thinkact
# thinkact: tab completion for zsh
_thinkact() {
    local -a before answer whole open told
    local line value
    local -i wide=0
    before=("${(@Q)words[2,CURRENT-1]}")
    answer=("${(@f)$("${(Q)words[1]}" _complete zsh -- "${(@)before}" "${(Q)PREFIX}" 2>/dev/null </dev/null)}")
    [[ $PREFIX == --*=* ]] && compset -P 1 '*='
    case $answer[1] in
        files) _files ;;
        folders) _files -/ ;;
        values)
            shift answer
            for line in "${(@)answer}"; do
                value=${line%%$'\t'*}
                (( ${(m)#value} > wide )) && wide=${(m)#value}
            done
            for line in "${(@)answer}"; do
                value=${line%%$'\t'*}
                told=("$value")
                [[ $line == *$'\t'* ]] && told=("${(mr:wide:)value}  -- ${line#*$'\t'}")
                told=("${${(mr:COLUMNS-1:)told[1]}%%[[:space:]]#}")
                if [[ $value == */ || $value == *= ]]; then
                    compadd -V thinkact -l -S '' -d told -- "$value"
                else
                    compadd -V thinkact -l -d told -- "$value"
                fi
            done
            ;;
    esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _thinkact "$@"
else
    compdef _thinkact thinkact
fi
"""

_FISH = r"""# thinkact: tab completion for fish
function __thinkact_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l typed (string unescape -- $current 2>/dev/null; or string trim --left --chars '"\'' -- $current)
    set -l program $words[1]
    set -e words[1]
    set -l answer ($program _complete fish -- $words "$typed" 2>/dev/null </dev/null)
    switch "$answer[1]"
        case files
            __fish_complete_path $current
        case folders
            __fish_complete_directories $current
        case values
            set -e answer[1]
            string join -- \n $answer
    end
end
complete --command thinkact --no-files --keep-order --arguments '(__thinkact_complete)'
"""


class Way(NamedTuple):
    """How a shell learns it: the script, the file that it goes into, and the lines that another file needs."""

    script: str
    file: Path
    start: Path | None = None
    lines: tuple[str, ...] = ()


def _bash() -> Way:
    file = Path.home() / ".bash_completions" / "thinkact.sh"
    return Way(_BASH, file, Path.home() / ".bashrc", (f"source '{file}'",))


def _zsh() -> Way:
    file = Path.home() / ".zfunc" / "_thinkact"
    return Way(_ZSH, file, Path.home() / ".zshrc", ("fpath+=~/.zfunc; autoload -Uz compinit; compinit",))


def _fish() -> Way:
    import platformdirs

    config = Path.home() / ".config" if sys.platform == "darwin" else platformdirs.user_config_path()
    return Way(_FISH, config / "fish" / "completions" / "thinkact.fish")


_WAYS: dict[str, Callable[[], Way]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}


def script_of(shell: str) -> str | None:
    """The script for a shell; None for one that is not ours to teach."""
    return _WAYS[shell]().script if shell in _WAYS else None


def install(shell: str) -> Path:
    """Put the script where the shell finds it; the file. Of the user's own start file nothing is changed but that the
    line that is needed is added, where it is not there.

    Raises:
        OSError: it cannot be written.
    """
    way = _WAYS[shell]()
    way.file.parent.mkdir(parents=True, exist_ok=True)
    way.file.write_text(way.script, "utf-8", newline="\n")
    if way.start is not None:
        there = way.start.read_bytes() if way.start.exists() else b""
        missing = [line for line in way.lines if line.encode() not in there]
        if missing:
            with way.start.open("ab") as file:
                file.write(b"\n" * bool(there and not there.endswith(b"\n")))
                file.write("".join(f"{line}\n" for line in missing).encode())
    return way.file
