"""Tokenizers: trained, measured on text, guarded against a baseline. Pinned by their bytes."""

from crewboard.tools.tokenizer.guard import GuardArguments, guard
from crewboard.tools.tokenizer.load import load_tokenizer
from crewboard.tools.tokenizer.report import ReportArguments, report
from crewboard.tools.tokenizer.train import TrainArguments, train

__all__ = [
    "GuardArguments",
    "ReportArguments",
    "TrainArguments",
    "guard",
    "load_tokenizer",
    "report",
    "train",
]
