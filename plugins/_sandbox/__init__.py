"""Confined processes: what a tool's program may see, do and take, whatever it is."""

from plugins._sandbox._level import Level, NoConfinement
from plugins._sandbox._levels import Choice, Levels
from plugins._sandbox._limits import Limits
from plugins._sandbox._proof import Escape, prove
from plugins._sandbox._sandbox import ConfinedProcesses
from plugins._sandbox._served import Served

__all__ = ["Choice", "ConfinedProcesses", "Escape", "Level", "Levels", "Limits", "NoConfinement", "Served", "prove"]
