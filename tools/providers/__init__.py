"""Providers as every paid call meets them: where they are, what they ask for it, what a failure means.

Both the agents' thinking (`crewboard.agents.models`) and the tools that call a model read these tables,
so that one bill is reckoned and one signal is understood in one way.
"""
