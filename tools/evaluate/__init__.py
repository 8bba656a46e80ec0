"""Evaluation of an adapter against its own base, on held-out rows, with a paired interval.

tool.py       what the crew calls                               (never imports torch)
worker.py     what the job runs: `python -m crewboard.tools.evaluate.worker PLAN.json`
plan.py       every setting, in one file
scoring.py    the loss of each row under base and adapter
interval.py   from rows to a difference with a confidence interval
"""
