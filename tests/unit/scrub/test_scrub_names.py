"""Names that can be told without a model, and those that cannot."""

import pytest

from crewboard.tools.scrub.names import Finder, names_by

CASES = [
    ("I am Ann Lee, ann.lee@quay-post.net", ["Ann Lee"]),
    ("Ann Lee (alee@quay-post.net)", ["Ann Lee"]),
    ("Ann Lee <ann@quay-post.net>", ["Ann Lee"]),
    ('"Ann Lee" <lee77@quay-post.net>', ["Ann Lee"]),
    ("Please Contact Ann Lee at annlee@quay-post.net", ["Ann Lee"]),
    ("write to jose.garcia@quay-post.net, José García", ["José García"]),
    ("Ann Maria Lee <ann.lee@quay-post.net>", ["Ann Maria Lee"]),
    ("Customer Support <support@quay-post.net>", ["Customer Support"]),  # not told from a person
    ("Ann Lee wrote to bob@quay-post.net", []),
    ("Ann Lee <x@quay-post.net>", []),
    ("ann lee, ann.lee@quay-post.net", []),
    ("Ann, ann@quay-post.net", []),  # one word is no name
    ("See The Example, info@quay-post.net", []),
]


@pytest.mark.parametrize(("text", "names"), CASES)
def test_the_owner_of_an_address_is_named_near_it(text: str, names: list[str]) -> None:
    at, end = text.index("@"), text.index(".net") + 4
    start = max(text.rfind(sign, 0, at) for sign in " <(") + 1
    assert names_by(text, start, end) == names


MENTIONS = [
    ("Ann Lee and ANN LEE", ["Ann Lee", "ANN LEE"]),
    ("Lee, Ann", ["Lee, Ann"]),
    ("Ann\nLee's", ["Ann\nLee"]),
    ("Joann Lee; Ann Leeds, ann lee, Ann or Lee", []),
    ("Annie", ["Annie"]),
    ("Müller müller", ["Müller"]),
]


@pytest.mark.parametrize(("text", "found"), MENTIONS)
def test_a_listed_name_is_found_as_a_whole_and_with_its_capital(
    text: str, found: list[str]
) -> None:
    finder = Finder({"Ann Lee": 1, "Lee, Ann": 1, "Annie": 1, "Müller": 2})
    assert [text[each.start : each.end] for each in finder.mentions(text)] == found
