"""Rows of the common shapes become chat rows, each with the file and line that it came from."""

from crewboard.tools.ingest.ingest import IngestArguments, ingest

__all__ = ["IngestArguments", "ingest"]
