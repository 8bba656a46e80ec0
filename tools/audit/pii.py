"""The kinds of personal data under their older names; see `crewboard.tools.pii`."""

from crewboard.tools.pii import REAL, contacts_in
from crewboard.tools.pii import Kind as Contact

__all__ = ["REAL", "Contact", "contacts_in"]
