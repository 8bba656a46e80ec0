"""The doctor: it looks at a workspace, changes nothing, and says what is wrong and what helps."""

from crewboard.coordination.doctor.finding import Case, Finding, Level
from crewboard.coordination.doctor.rounds import doctor

__all__ = ["Case", "Finding", "Level", "doctor"]
