"""`thinkact run` and `thinkact resume`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.cli.completing import values
from agent.errors import UsageError

if TYPE_CHECKING:
    from agent.goal import Goal
    from agent.opening.flags import Flags


class Output(StrEnum):
    """What goes to stdout."""

    text = "text"
    json = "json"
    stream_json = "stream-json"


class Mode(StrEnum):
    """How a goal is worked on."""

    auto = "auto"
    loop = "loop"
    plan = "plan"


class Unsettled(StrEnum):
    """What to do with a call that may or may not have been made before an interruption."""

    again = "again"
    done = "done"


GoalArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="GOAL",
        help="A goal file, words, or - (words on stdin). Asked for where there is none.",
        autocompletion=values.goal_files,
    ),
]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", metavar="K=V", help="An input of the goal file; repeatable.")
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model", "-m", help="The model's name; `offline` is the rule-based one.", autocompletion=values.model_names
    ),
]
BaseOption = Annotated[str | None, typer.Option("--base-url", help="An OpenAI-compatible endpoint.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; programs and allowed tools may run.")]
StepsOption = Annotated[int, typer.Option("--steps", min=0, help="Run so many steps without asking, then ask.")]
WindowOption = Annotated[str | None, typer.Option("--window", help="The model's window in tokens, such as 16k.")]
MaxSteps = Annotated[int | None, typer.Option("--max-steps", min=1, help="The most steps.")]
MaxTokens = Annotated[str | None, typer.Option("--max-tokens", help="The most tokens, such as 200k.")]
MaxUsd = Annotated[float | None, typer.Option("--max-usd", min=0, help="The most US dollars; 0: no limit.")]
MaxTime = Annotated[str | None, typer.Option("--max-time", help="The most time, such as 15m.")]
MaxCalls = Annotated[int | None, typer.Option("--max-model-calls", min=1, help="The most calls of the model.")]
MaxToolCalls = Annotated[
    list[str] | None,
    typer.Option(
        "--max-tool-calls",
        metavar="NAME=N",
        help="The most calls of a tool; repeatable.",
        autocompletion=values.limits_of_tools,
    ),
]
WorkspaceOption = Annotated[
    Path | None,
    typer.Option("--workspace", metavar="DIR", help="The folder to work in.", autocompletion=values.folders),
]
AllowOption = Annotated[
    list[str] | None,
    typer.Option("--allow", metavar="PATTERN", help="Tools that run unasked.", autocompletion=values.tool_names),
]
DenyOption = Annotated[
    list[str] | None,
    typer.Option("--deny", metavar="PATTERN", help="Tools that must not run.", autocompletion=values.tool_names),
]
NamespaceOption = Annotated[
    str | None,
    typer.Option("--namespace", help="Where notes are kept and looked for.", autocompletion=values.namespaces),
]
NoMemory = Annotated[bool, typer.Option("--no-memory", help="Recall and remember nothing.")]
ReloadOption = Annotated[
    bool, typer.Option("--reload", help="Load plugins anew whose files change meanwhile: for their authors.")
]
ProjectOption = Annotated[
    bool, typer.Option("--project-context", help="Hand over the workspace's AGENTS.md files, as untrusted text.")
]
SkillsOption = Annotated[
    bool, typer.Option("--skills", help="List the skills in the workspace's .agents/skills for the agent.")
]
OutputOption = Annotated[Output, typer.Option("--output", help="What goes to stdout.")]
FileOption = Annotated[
    Path | None,
    typer.Option("-o", metavar="FILE", help="Write stdout's part to a file instead.", autocompletion=values.files),
]
DryOption = Annotated[bool, typer.Option("--dry-run", help="Show prompt, tools and price; call and write nothing.")]
PlanOption = Annotated[bool, typer.Option("--plan-only", help="Print the plan (not yet in this version).")]
ModeOption = Annotated[Mode | None, typer.Option("--mode", help="How to work on the goal.")]


def _flags(given: Mapping[str, Any]) -> Flags:
    """The flags among the parameters of a command, by their names; what it does not take is as if not given."""
    from agent.goal import Budget
    from agent.opening.flags import Flags, amount, duration, read_tool_limit, window

    mode: Mode | None = given.get("mode")
    return Flags(
        model=given["model"],
        base_url=given["base_url"],
        mode=mode.value if mode else None,
        yes=given["yes"],
        steps=given["steps"],
        window=window(given["window"]),
        limits=Budget(
            steps=given["max_steps"],
            model_calls=given["max_model_calls"],
            tokens=amount("--max-tokens", given["max_tokens"]),
            usd=given["max_usd"],
            time=duration("--max-time", given["max_time"]),
            tool_calls=dict(map(read_tool_limit, given["max_tool_calls"] or ())),
        ),
        workspace=given.get("workspace"),
        allow=tuple(given["allow"] or ()),
        deny=tuple(given["deny"] or ()),
        namespace=given.get("namespace"),
        memory=not given["no_memory"],
        reload=given["reload"],
        project_context=given.get("project_context", False),
        skills=given.get("skills", False),
        output=given["output"].value,
        file=given["file"],
    )


def run(
    goal: GoalArgument = None,
    inputs: SetOption = None,
    model: ModelOption = None,
    base_url: BaseOption = None,
    mode: ModeOption = None,
    yes: YesOption = False,
    steps: StepsOption = 0,
    window: WindowOption = None,
    max_steps: MaxSteps = None,
    max_model_calls: MaxCalls = None,
    max_tokens: MaxTokens = None,
    max_usd: MaxUsd = None,
    max_time: MaxTime = None,
    max_tool_calls: MaxToolCalls = None,
    workspace: WorkspaceOption = None,
    allow: AllowOption = None,
    deny: DenyOption = None,
    namespace: NamespaceOption = None,
    no_memory: NoMemory = False,
    reload: ReloadOption = False,
    project_context: ProjectOption = False,
    skills: SkillsOption = False,
    output: OutputOption = Output.text,
    file: FileOption = None,
    dry_run: DryOption = False,
    plan_only: PlanOption = False,
) -> None:
    """Work on a goal until its checks pass. Exit codes: 0 reached, 1 not reached, 2 wrong usage, 3 limit, 4 loop,
    5 blocked, 6 model, 130 interrupted."""
    flags = _flags(locals())
    given = tuple(inputs or ())
    if plan_only:
        raise UsageError("--plan-only is not yet in this version", hint="--dry-run shows what a run would begin with")
    meant: str | Goal | None = goal
    if meant is None:
        from agent.cli.new_goal import ask_goal

        meant = ask_goal(given, flags)
    if dry_run:
        from agent.cli.dry import run_dry

        sys.exit(run_dry(meant, given, flags))
    from agent.cli.session import start_run

    sys.exit(start_run(meant, given, flags))


def resume(
    wanted: Annotated[
        str,
        typer.Argument(
            metavar="[RUN|last]", help="A run's id, its beginning, or last.", autocompletion=values.runs_to_resume
        ),
    ] = "last",
    inputs: Annotated[
        list[str] | None, typer.Option("--set", metavar="K=V", help="A secret input, which is not kept; repeatable.")
    ] = None,
    feedback: Annotated[str | None, typer.Option("--feedback", help="Words to the agent before it goes on.")] = None,
    goal: Annotated[
        str | None, typer.Option("--goal", metavar="GOAL", help="Words or a goal file that take the place of its goal.")
    ] = None,
    branch: Annotated[
        bool, typer.Option("--fork", help="Branch off: a new run goes on, and this one stays as it is.")
    ] = False,
    from_step: Annotated[
        int | None, typer.Option("--from-step", metavar="K", help="With --fork: think from step K on anew.")
    ] = None,
    settle: Annotated[
        Unsettled | None,
        typer.Option("--settle", help="What to do with calls of which nobody knows if they were made."),
    ] = None,
    model: ModelOption = None,
    base_url: BaseOption = None,
    yes: YesOption = False,
    steps: StepsOption = 0,
    window: WindowOption = None,
    max_steps: MaxSteps = None,
    max_model_calls: MaxCalls = None,
    max_tokens: MaxTokens = None,
    max_usd: MaxUsd = None,
    max_time: MaxTime = None,
    max_tool_calls: MaxToolCalls = None,
    allow: AllowOption = None,
    deny: DenyOption = None,
    no_memory: NoMemory = False,
    reload: ReloadOption = False,
    output: OutputOption = Output.text,
    file: FileOption = None,
) -> None:
    """Go on with a run after a crash, a kill, a limit or Ctrl-C. The limits given here replace those of the run."""
    flags = _flags(locals())
    from agent.cli.session import Again, resume_run

    again = Again(
        inputs=tuple(inputs or ()),
        feedback=feedback,
        settled=settle.value if settle else None,
        goal=goal,
        fork=branch,
        from_step=from_step,
    )
    sys.exit(resume_run(wanted, again, flags))
