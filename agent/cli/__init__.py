"""The command line: one file per command group, each command importing what it needs when it is called."""

from agent.cli.application import start

__all__ = ["start"]
