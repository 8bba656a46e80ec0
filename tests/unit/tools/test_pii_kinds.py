"""Numbers are told by their check digits and ranges; placeholders stand apart."""

import pytest

from crewboard.tools.pii import Kind, contacts_in, pii_in
from crewboard.tools.pii.checksums import iban_holds, luhn_holds

CASES = [
    ("ssn 219-45-6789", ["ssn"]),
    ("ssn 123-45-6789", ["ssn-placeholder"]),
    ("078-05-1120 of the wallet", ["ssn-placeholder"]),
    ("000-12-3456 666-12-3456 912-12-3456 219-00-6789 219-45-0000", []),  # never given out
    ("part 1219-45-6789 and 219-45-67890 and 219-45-6789.5", []),
    ("card 4539 1488 0343 6467.", ["card"]),
    ("card 4539-1488-0343-6467", ["card"]),
    ("card 4539148803436467", ["card"]),
    ("amex 3714 496353 98431", ["card-placeholder"]),
    ("test 4242 4242 4242 4242", ["card-placeholder"]),
    ("no card 4539 1488 0343 6468", []),  # its check digit is wrong
    ("no card 9539 1488 0343 6467", []),
    ("digits 12345678901234567890", []),
    ("DE44 5001 0517 5407 3249 31", ["iban"]),
    ("DE44500105175407324931", ["iban"]),
    ("pay to DE44 5001 0517 5407 3249 31 NOW", ["iban"]),
    ("DE89 3704 0044 0532 0130 00", ["iban-placeholder"]),
    ("GB82 WEST 1234 5698 7654 32", ["iban-placeholder"]),
    ("DE45 3704 0044 0532 0130 01", []),
    ("DE44 5001 0517 5407 3249", []),  # too short for Germany
    ("ask 8.8.8.8 first", ["ip"]),
    ("ask 192.168.1.7, 127.0.0.1 or 203.0.113.9", ["ip-reserved"] * 3),
    ("at 2606:4700:4700:0:0:0:0:1111 now", ["ip"]),
    ("at 2001:db8:0:0:0:0:0:1", ["ip-reserved"]),
    ("version 1.2.3.4.5, v1.2.3.4, 300.1.1.1 and 12:30:45:10", []),
    ("key sk-proj-aB3dE5gH7jK9mN1pQ3rS5tU7", ["api-key"]),
    ("key ghp_aB3dE5gH7jK9mN1pQ3rS5tU7vW9xY1zA3bC5", ["api-key"]),
    ("key AKIAQ3EGRTYHJUIKLOP7", ["api-key"]),
    ("key AKIAIOSFODNN7EXAMPLE", ["api-key-placeholder"]),
    ("key sk-xxxxxxxxxxxxxxxxxxxxxxxx", ["api-key-placeholder"]),
    ("-----BEGIN RSA PRIVATE KEY-----", ["api-key"]),
    ("task-management-of-a-very-long-name", []),
    ("call 212\u2013736\u20135000", ["phone"]),
]


@pytest.mark.parametrize(("text", "kinds"), CASES)
def test_each_number_has_its_kind(text: str, kinds: list[str]) -> None:
    """F20."""
    assert sorted(contacts_in(text)) == sorted(kinds)


def test_a_hit_is_told_with_its_place() -> None:
    text = "Mail ann@quay-post.net or call (212) 736-5000, pay DE44 5001 0517 5407 3249 31."
    found = {hit.kind: text[hit.start : hit.end] for hit in pii_in(text)}
    assert found == {
        Kind.EMAIL: "ann@quay-post.net",
        Kind.PHONE: "(212) 736-5000",
        Kind.IBAN: "DE44 5001 0517 5407 3249 31",
    }


def test_digits_of_an_account_are_no_card() -> None:
    text = "GB94 BARC 1020 1530 0934 59, or DE24 4539 1488 0343 6467 00"
    assert Kind.CARD not in set(contacts_in(text))


@pytest.mark.parametrize("digits", ["4539148803436467", "79927398713"])
def test_a_changed_or_swapped_digit_breaks_the_check(digits: str) -> None:
    assert luhn_holds(digits)
    for n, digit in enumerate(digits):
        assert not luhn_holds(f"{digits[:n]}{(int(digit) + 1) % 10}{digits[n + 1 :]}")
    assert iban_holds("DE44500105175407324931")
    assert not iban_holds("DE44500105175407324913")
