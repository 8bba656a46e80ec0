import pytest

from crewboard.tools.pii import contacts_in

CASES = [
    ("write to ann.lee+x@quay-post.net now", ["email"]),
    ("<ann@quay-post.net>,<bob@quay-post.co.uk>", ["email", "email"]),
    ("ann@example.com", ["email-placeholder"]),
    ("ann@mail.example.org.", ["email-placeholder"]),
    ("ann@host.test and ann@yourdomain.com", ["email-placeholder"] * 2),
    ("git clone git@github.com:a/b", []),
    ("meet @noon", []),
    ("@decorator", []),
    ("a@b", []),
    ("call 212-736-5000", ["phone"]),
    ("call (212) 736-5000 or 212.736.5001", ["phone", "phone"]),
    ("call +1 212-736-5000", ["phone"]),
    ("call 212-555-0123", ["phone-placeholder"]),
    ("call (212) 555 0199", ["phone-placeholder"]),
    ("call +44 20 7946 0958", ["phone"]),
    ("call +4915112345678", ["phone"]),
    ("ISBN 978-0-306-40615-7", []),
    ("the numbers 100 200 3000 add up", []),  # no area code begins with 1
    ("123-456-7890", []),
    ("12/60 = <<12/60=0.2>>0.2 and 48+24 = 72", []),
    ("order 5212-736-50001", []),
    ("at 192.168.10.2500", []),
    ("7 + 1234567890", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "kinds"), CASES)
def test_contacts_are_found_and_placeholders_classed_apart(text: str, kinds: list[str]) -> None:
    """F20."""
    assert sorted(contacts_in(text)) == sorted(kinds)
