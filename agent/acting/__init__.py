"""Acting: approve the calls of a thought, announce them, run them, and tell what came back."""

from agent.acting.calls import act
from agent.acting.nested import call_nested
from agent.acting.programs import run_programs

__all__ = ["act", "call_nested", "run_programs"]
