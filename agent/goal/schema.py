"""What may stand in a goal file, as one table: the reader reads with it, and editors get it as JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping

from agent.events import JSON
from agent.goal.inputs import inputs_shape
from agent.goal.sections import Field, Forms, MapOf, Section
from agent.goal.shapes import Anything, Choice, Later, Listing, Quantity, Shape, Text, TextOr
from agent.goal.texts import (
    beside,
    goal_namespace,
    host_pattern,
    inside,
    inside_pattern,
    regex,
    server_name,
    tool_pattern,
    variable,
)
from agent.quantities import (
    read_amount,
    read_duration,
    read_money,
    read_number,
    read_truth,
    read_whole,
    write_duration,
)

MONTH = 30 * 86_400
"""The longest duration that a goal file may state, in seconds."""


def goal_schema() -> dict[str, JSON]:
    """JSON Schema (2020-12) of a goal file, for editors; kept in step with the reader, which uses the same table."""
    head: dict[str, JSON] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "thinkact goal file",
        "description": "What is wanted, what is allowed, what it may cost, and how one can tell that it is reached.",
    }
    return head | goal_shape().schema()


def goal_shape() -> Section:
    """The whole goal file."""
    return Section(
        fields={
            "version": Field(shape=_whole(1, 1), about="The version of this format: 1."),
            "name": Field(
                shape=Text(one_line=True, spaces=True), about="A short name; the file's name where not stated."
            ),
            "goal": Field(
                shape=Listing(item=Text(spaces=True), least=1),
                about="What is wanted: a text, or a list of sub-goals.",
                required=True,
            ),
            "role": Field(shape=Text(spaces=True), about="Who the agent is, such as: careful researcher."),
            "instructions": Field(shape=Text(), about="How to go about it, in free words."),
            "constraints": Field(shape=Listing(item=Text()), about="What must be kept to."),
            "inputs": Field(shape=inputs_shape(), about="Values that --set fills in; {{ name }} puts one into a text."),
            "model": Field(shape=_model(), about="The model's name, or which one and how it is asked."),
            "mode": Field(
                shape=Later(shape=Choice(options=("auto", "loop", "plan")), asks=lambda mode: mode == "plan"),
                about="loop: step by step; plan: one plan first; auto: as fits.",
            ),
            "tools": Field(shape=_tools(), about="Which tools may run unasked, are asked for, may not run."),
            "workspace": Field(shape=_workspace(), about="The folder that the agent works in."),
            "network": Field(shape=_network(), about="Which hosts may be reached."),
            "memory": Field(shape=_memory(), about="What is recalled from earlier runs."),
            "budget": Field(shape=_budget(), about="Limits; each replaces the default one."),
            "parallel": Field(
                shape=_whole(1, 32), about="How many tools may run at once, and questions of one tool to the model."
            ),
            "checks": Field(
                shape=Listing(item=Forms(forms=_checks()), single=False),
                about="How one can tell that the goal is reached: every required one must pass.",
            ),
            "on_fail": Field(
                shape=Section(fields={"attempts": Field(shape=_whole(0, 100), about="How often it may try again.")}),
                about="What happens where checks fail.",
            ),
            "context": Field(
                shape=Listing(item=Text(check=beside)),
                about="Files to work from: names or patterns, relative to this file's folder.",
            ),
            "project_context": Field(
                shape=_truth(), about="true: the AGENTS.md files of the workspace are handed over, as untrusted text."
            ),
            "skills": Field(
                shape=_truth(), about="true: the skills in .agents/skills of the workspace are listed for the agent."
            ),
            "steps": Field(shape=Later(shape=Listing(item=_task(), single=False)), about="A fixed plan."),
            "mcp": Field(
                shape=MapOf(value=_server(), check=server_name),
                about="MCP servers, as the content of mcpServers; each starts only once it is trusted.",
            ),
        }
    )


def ai_settings_shape() -> Section:
    """AutoGPT's `ai_settings.yaml`, with the lists of its `prompt_settings.yaml`. Nothing is filled into its texts."""
    text = Text(style="none", empty=True)
    lines = Listing(item=TextOr(short=text, long=Anything()))  # `- Find: the best` is a mapping, and was read as text
    return Section(
        fields={
            "ai_name": Field(shape=text),
            "ai_role": Field(shape=text),
            "ai_goals": Field(shape=lines),
            "api_budget": Field(shape=_money()),
            "constraints": Field(shape=lines),
            "resources": Field(shape=lines),
            "best_practices": Field(shape=lines),
        }
    )


def _whole(low: int, high: int) -> Quantity:
    return Quantity(parse=read_whole, low=low, high=high, kind="integer", pattern=r"^\d[\d_]*$")


def _amount(low: int, high: int) -> Quantity:
    return Quantity(parse=read_amount, low=low, high=high, kind="integer", pattern=r"^\d[\d_]*(\.\d+)?\s*[kKmM]?$")


def _money() -> Quantity:
    return Quantity(parse=read_money, low=0, high=1_000_000, pattern=r"^\$?\d*\.?\d+$")


def _duration(low: float, high: float = MONTH) -> Quantity:
    pattern = r"^(\d+(\.\d+)?d)?(\d+(\.\d+)?h)?(\d+(\.\d+)?m)?(\d+(\.\d+)?s?)?$"
    return Quantity(parse=read_duration, low=low, high=high, pattern=pattern, show=write_duration)


def _truth() -> Quantity:
    return Quantity(parse=read_truth, low=0, high=1, kind="boolean", pattern="^([Tt]rue|[Ff]alse|yes|no|on|off)$")


def _model() -> TextOr:
    name = Text(one_line=True)
    long = Section(
        fields={
            "name": Field(shape=name, about="Its name at the endpoint, or local, or offline."),
            "fallback": Field(shape=Listing(item=name), about="What is used where it cannot be had, in order."),
            "temperature": Field(shape=Quantity(parse=read_number, low=0, high=2), about="0 to 2."),
            "window": Field(shape=_amount(256, 100_000_000), about="Its window in tokens; learned where not stated."),
            "reply": Field(shape=_amount(16, 1_000_000), about="The longest reply, in tokens."),
        }
    )
    return TextOr(short=name, long=long)


def _tools() -> Section:
    names = Listing(item=Text(check=tool_pattern))
    return Section(
        fields={
            "allow": Field(shape=names, about="Names or patterns that may run without asking."),
            "ask": Field(shape=names, about="Names or patterns that are always asked for."),
            "deny": Field(shape=names, about="Names or patterns that do not run."),
        }
    )


def _workspace() -> Section:
    return Section(
        fields={
            "dir": Field(shape=Text(one_line=True), about="A folder, relative to this file's folder, or absolute."),
            "write": Field(
                shape=Listing(item=Text(check=inside_pattern)),
                about="Patterns of what may be written in it; everything where none is stated.",
            ),
        }
    )


def _network() -> Section:
    hosts = Listing(item=Text(check=host_pattern))
    about = "The hosts that tools may reach: example.org, *.example.org for all below it; all where none is stated."
    return Section(fields={"hosts": Field(shape=hosts, about=about, required=True)})


def _memory() -> Section:
    return Section(
        fields={
            "namespace": Field(shape=Text(check=goal_namespace), about="Which notes are recalled and written."),
            "recall": Field(shape=_truth(), about="false: nothing is recalled or remembered."),
        }
    )


def _budget() -> Section:
    calls = MapOf(value=_whole(0, 100_000), check=tool_pattern)
    return Section(
        fields={
            "steps": Field(shape=_whole(1, 100_000), about="Steps of the loop."),
            "model_calls": Field(shape=_whole(1, 100_000), about="Calls of the model, of every kind."),
            "tokens": Field(shape=_amount(1, 10_000_000_000), about="Tokens, such as 200k."),
            "usd": Field(shape=_money(), about="US dollars, such as 0.50; 0 means no limit."),
            "time": Field(shape=_duration(1), about="Time, such as 15m."),
            "tool_calls": Field(shape=calls, about="Calls of single tools."),
        }
    )


def _checks() -> Mapping[str, Section]:
    path = Field(shape=Text(check=inside), required=True, about="A file of the workspace.")
    pattern = Field(shape=Text(check=inside_pattern), required=True, about="A pattern of files of the workspace.")
    env = MapOf(value=Text(secret=True, empty=True, raw=True), check=variable)

    def form(**fields: Field) -> Section:
        required = Field(shape=_truth(), about="false: it is told, and decides nothing.")
        return Section(fields={name.rstrip("_"): one for name, one in fields.items()} | {"required": required})

    def needed(shape: Shape, about: str) -> Field:
        return Field(shape=shape, required=True, about=about)

    return {
        "file": form(file=path, min_bytes=Field(shape=_amount(0, 10**12), about="The least size; 1 if not stated.")),
        "regex": form(
            regex=needed(Text(style="regex", check=regex, raw=True), "A regular expression."),
            in_=path,
            min_count=Field(shape=_whole(1, 1_000_000), about="How often it must be found; once if not stated."),
        ),
        "run": form(
            run=needed(Text(style="shell", one_line=True), "A program with its arguments; it must end with 0."),
            timeout=Field(shape=_duration(0.1, 86_400), about="How long it may take; 60s if not stated."),
            env=Field(shape=env, about="Variables of its environment; secrets may stand here."),
        ),
        "json_schema": form(
            json_schema=needed(Text(check=beside), "A JSON Schema file, relative to this file's folder."), in_=path
        ),
        "answer": form(answer=needed(Text(style="regex", check=regex, raw=True), "Found in the final answer.")),
        "absent": form(absent=pattern),
        "unchanged": form(unchanged=pattern),
        "citations": form(
            citations=path,
            min_count=Field(shape=_whole(1, 1_000), about="How many pages it cites; 1 if not stated."),
            min_quotes=Field(shape=_whole(0, 10_000), about="How many statements are the pages' own words."),
        ),
        "judge": form(judge=needed(Text(), "A question that the model must answer with yes.")),
    }


def _task() -> Section:
    text = Text(style="none")
    return Section(
        fields={
            "id": Field(shape=text, required=True),
            "tool": Field(shape=text, required=True),
            "arguments": Field(shape=MapOf(value=Anything())),
            "after": Field(shape=Listing(item=text)),
            "map": Field(shape=Anything()),
            "timeout": Field(shape=_duration(0.1, 86_400)),
            "retries": Field(shape=_whole(0, 10)),
        }
    )


def _server() -> Section:
    text = Text(style="none", one_line=True)
    secret = Text(secret=True, empty=True, raw=True)
    return Section(
        fields={
            "command": Field(shape=text, about="The program that is started."),
            "args": Field(shape=Listing(item=Text(style="none", empty=True), single=False), about="Its arguments."),
            "env": Field(shape=MapOf(value=secret, check=variable), about="Added to its environment."),
            "cwd": Field(shape=text, about="Where it is started; this file's folder where not stated."),
            "network": Field(shape=_truth(), about="true: it has the network."),
            "folders": Field(
                shape=Listing(item=Text(style="none"), single=False),
                about="What it may read and write; relative to cwd.",
            ),
            "confined": Field(shape=_truth(), about="false: it is not confined, and has all your rights."),
            "url": Field(shape=text, about="The address of one that is not started here (streamable HTTP)."),
            "headers": Field(shape=MapOf(value=secret), about="What is sent to that address with each request."),
            "timeout": Field(shape=_duration(1, 3_600), about="For a call; 60s if not stated."),
        },
        open=True,
    )
