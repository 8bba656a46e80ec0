"""What in a text belongs to somebody: contacts, numbers and keys.
What looks real is told apart from placeholders."""

from crewboard.tools.pii.find import contacts_in, pii_in
from crewboard.tools.pii.kinds import REAL, Found, Kind
from crewboard.tools.pii.screen import Screen

__all__ = ["REAL", "Found", "Kind", "Screen", "contacts_in", "pii_in"]
