"""Everything at once, or only what a screen suspects."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from crewboard.tools.pii.api_keys import api_keys_in
from crewboard.tools.pii.contacts import emails_in, phones_in
from crewboard.tools.pii.kinds import Found, Kind
from crewboard.tools.pii.numbers import addresses_in, cards_in, ibans_in, ssns_in

RECOGNISERS: Mapping[str, Callable[[str], Iterator[Found]]] = {
    "email": emails_in,
    "phone": phones_in,
    "ssn": ssns_in,
    "card": cards_in,
    "iban": ibans_in,
    "ip": addresses_in,
    "api-key": api_keys_in,
}


def pii_in(text: str, only: Iterable[str] = tuple(RECOGNISERS)) -> Iterator[Found]:
    """Each hit with its place, recogniser by recogniser. Digits within an account number are no card."""
    wanted = [name for name in RECOGNISERS if name in set(only)]
    accounts = list(ibans_in(text)) if "iban" in wanted and "card" in wanted else []
    for name in wanted:
        for found in RECOGNISERS[name](text):
            if name != "card" or not any(a.start <= found.start < a.end for a in accounts):
                yield found


def contacts_in(text: str) -> Iterator[Kind]:
    """The kind of each hit; neither what it is nor where it stands is told."""
    return (found.kind for found in pii_in(text))
