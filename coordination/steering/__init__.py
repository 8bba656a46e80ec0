"""What people do on the board, obeyed: their edits become events, and events move the work.

The board's journal of versions is an inbox. Each version that a human made is read once, in the same
transaction that notes its number, so neither a crash nor a second process loses or repeats a change.
"""

from crewboard.coordination.steering.intake import BUILT_IN, CREW, Rules, Saves, take_in

__all__ = ["BUILT_IN", "CREW", "Rules", "Saves", "take_in"]
