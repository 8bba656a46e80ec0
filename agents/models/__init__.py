"""What agents ask: one Protocol, the providers behind it, and the wrappers that make asking safe.

`registry.open_model` opens a provider by name; `retry.Patient` and `breaker.Guarded` wrap what it
gave; `structured.ask_structured` turns answers into values. `scripted` and `replay` are the twins.
"""
