"""What was done and what came of it, on one page whose every number names its artifact."""

from crewboard.tools.report.report import ReportArguments, report

__all__ = ["ReportArguments", "report"]
