"""What is wrong with a dataset, counted and located in one pass, and never quoted."""

from crewboard.tools.audit.audit import AuditArguments, audit

__all__ = ["AuditArguments", "audit"]
