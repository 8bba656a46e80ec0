"""The faults that `corpus.py` plants: each a function from a sound row to the bytes of a faulty line.

A faulty row carries one fault only, so that what an audit finds can be counted exactly. `rows` says
how many there are in 450 MB. Classes whose name begins with `decoy` look like a fault and are none.
"""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from corpus import Words

Row = dict[str, Any]
GRAM = 5
FOREIGN = {
    "de": "Der Hund lief schnell durch den Wald und suchte nach seinem Besitzer, der sich verlaufen hatte. ",
    "fr": "Le chien courait rapidement dans la forêt et cherchait son maître qui s'était perdu hier soir. ",
    "es": "El perro corría rápidamente por el bosque y buscaba a su dueño, que se había perdido ayer. ",
    "it": "Il cane correva veloce nel bosco e cercava il suo padrone, che si era perso ieri sera tardi. ",
    "pt": "O cachorro corria rapidamente pela floresta e procurava o seu dono, que não voltou ontem. ",
    "ru": "Собака быстро бежала по лесу и искала своего хозяина, который вчера вечером заблудился. ",
    "zh": "那只狗在森林里快速奔跑,寻找昨天晚上迷路的主人,直到天亮才找到他。",
    "ja": "犬は森の中を速く走り、昨夜道に迷った飼い主を朝まで探し続けました。",
}


@dataclass(frozen=True)
class Faulty:
    """What a fault is made of."""

    rng: random.Random
    row: Row
    words: "Words"

    def answer(self, change: Callable[[str], Any]) -> bytes:
        """The row with its last answer changed."""
        messages = [*self.row["messages"]]
        messages[-1] = messages[-1] | {"content": change(messages[-1]["content"])}
        return orjson.dumps({**self.row, "messages": messages})

    def insert(self, text: str) -> bytes:
        """The row with `text` as a sentence somewhere in its last answer."""

        def change(answer: str) -> str:
            lines = answer.split("\n")
            lines.insert(self.rng.randrange(len(lines)), text)
            return "\n".join(lines)

        return self.answer(change)

    def turns(self, *roles: str) -> bytes:
        messages = [{"role": role, "content": self.words.passage(900)} for role in roles]
        return orjson.dumps({**self.row, "messages": messages})

    def digits(self, count: int) -> str:
        return "".join(self.rng.choices("0123456789", k=count))

    def name(self) -> str:
        return "".join(self.rng.choices("abcdefghijklmnopqrstuvwxyz", k=7))


@dataclass(frozen=True)
class Fault:
    rows: int
    make: Callable[[Faulty], bytes]


def _empty(it: Faulty) -> bytes:
    value = it.rng.choice(["", " \n", None, ...])
    if value is not ...:
        return it.answer(lambda _: value)
    messages = [*it.row["messages"][:-1], {"role": "assistant"}]
    return orjson.dumps({**it.row, "messages": messages})


def _phone(it: Faulty) -> str:
    area, exchange = it.rng.randint(201, 989), it.rng.randint(200, 554)
    number = f"{it.digits(4)}"
    form = it.rng.choice(["{}-{}-{}", "({}) {}-{}", "+1 {} {} {}", "{}.{}.{}"])
    return form.format(area, exchange, number)


def luhn(digits: str) -> str:
    """The check digit that makes `digits` a card number (ISO/IEC 7812)."""
    odd = sum(int(d) for d in digits[-2::-2])
    even = sum(sum(divmod(2 * int(d), 10)) for d in digits[::-2])
    return str(-(odd + even) % 10)


def iban(country: str, account: str) -> str:
    """An account with its check digits (ISO 13616)."""
    turned = account + country + "00"
    number = int("".join(str(int(c, 36)) for c in turned))
    return f"{country}{98 - number % 97:02d}{account}"


def _card(it: Faulty) -> str:
    head = "4" + it.digits(14)
    number = head + luhn(head)
    gap = it.rng.choice([" ", "-", ""])
    return gap.join(number[i : i + 4] for i in range(0, 16, 4))


def _no_card(it: Faulty) -> str:
    head = "4" + it.digits(14)
    number = head + str((int(luhn(head)) + 1) % 10)
    return " ".join(number[i : i + 4] for i in range(0, 16, 4))


def _iban(it: Faulty) -> str:
    number = iban("DE", it.digits(18))
    spaced = " ".join(number[i : i + 4] for i in range(0, len(number), 4))
    return it.rng.choice([number, spaced])


def _ssn(it: Faulty) -> str:
    return (
        f"{it.rng.randint(101, 665):03d}-{it.rng.randint(1, 99):02d}-{it.rng.randint(1, 9999):04d}"
    )


def _ip(it: Faulty) -> str:
    head = it.rng.choice([8, 23, 52, 81, 93])
    return ".".join(map(str, [head, *(it.rng.randint(1, 250) for _ in range(3))]))


def _api_key(it: Faulty) -> str:
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    tail = "".join(it.rng.choices(letters, k=36))
    return it.rng.choice(
        [
            f"sk-proj-{tail}",
            f"ghp_{tail}",
            f"AKIA{it.digits(4)}{'ABCDEFGHIJKL'}",
            f"xoxb-{it.digits(11)}-{tail[:24]}",
        ]
    )


def _tools(it: Faulty, fault: str) -> bytes:
    spec = {
        "type": "function",
        "function": {
            "name": "lookup",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
                "required": ["city"],
            },
        },
    }
    arguments: Any = {"city": it.name(), "days": 3}
    if fault == "schema":
        arguments = it.rng.choice([{"days": 3}, {"city": 5}, {"city": "x", "days": "three"}])
    text = "{'city': 1}" if fault == "json" else json.dumps(arguments)
    call = {"id": "c1", "type": "function", "function": {"name": "lookup", "arguments": text}}
    said = it.words.passage(300)
    messages: list[Row] = [
        {"role": "user", "content": said},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {
            "role": "tool",
            "tool_call_id": "c9" if fault == "stray" else "c1",
            "content": it.words.sentence(),
        },
        {"role": "assistant", "content": it.words.passage(600)},
    ]
    if fault == "unanswered":
        del messages[2]
        messages[1]["content"], messages[2:2] = (
            "Let me see.",
            [{"role": "user", "content": it.words.sentence()}],
        )
    return orjson.dumps({**it.row, "messages": messages, "tools": [spec]})


def _doubled_key(it: Faulty) -> bytes:
    data = orjson.dumps(it.row)
    place = it.rng.choice([b'{"role":', b'"agent":'])
    again = b'{"role":"user","role":' if place == b'{"role":' else b'"agent":"x","agent":'
    return data.replace(place, again, 1)


def _foreign(it: Faulty) -> bytes:
    language = it.rng.choice(list(FOREIGN))
    return it.answer(lambda _: FOREIGN[language] * it.rng.randint(4, 30) + it.name() + ".")


def _cut(it: Faulty) -> bytes:
    data = orjson.dumps(it.row)
    return data[: it.rng.randrange(2, len(data) - 1)]


def _weight(it: Faulty) -> bytes:
    return orjson.dumps({**it.row, "weight": it.rng.choice([-0.1, 1.5, "high", None, 40])})


REFUSALS = (
    "As an AI language model, I cannot say that.",
    "I\u2019m sorry, but I can\u2019t help with that.",
    "I'm just an AI and have no opinion.",
)
PLACEHOLDERS = ("Dear {{NAME}},", "TODO: finish this part.", "[INST] Go on. [/INST]", "<|im_end|>")

FAULTS: dict[str, Fault] = {
    "empty-content": Fault(312, _empty),
    "role-alternation": Fault(214, lambda it: it.turns("user", "user", "assistant")),
    "missing-assistant": Fault(100, lambda it: it.turns("user")),
    "ends-without-assistant": Fault(100, lambda it: it.turns("user", "assistant", "user")),
    "system-placement": Fault(100, lambda it: it.turns("user", "system", "assistant")),
    "unknown-role": Fault(60, lambda it: it.turns("user", "narrator")),
    "no-messages": Fault(40, lambda it: orjson.dumps({**it.row, "messages": []})),
    "email": Fault(2710, lambda it: it.insert(f"Write to {it.name()}@{it.name()}.net today.")),
    "email-placeholder": Fault(
        500, lambda it: it.insert(f"Write to {it.name()}@example.com today.")
    ),
    "phone": Fault(1479, lambda it: it.insert(f"Call {_phone(it)} now.")),
    "phone-placeholder": Fault(200, lambda it: it.insert(f"Call 212-555-01{it.digits(2)} now.")),
    "ssn": Fault(200, lambda it: it.insert(f"The number is {_ssn(it)} there.")),
    "iban": Fault(200, lambda it: it.insert(f"Pay to {_iban(it)} soon.")),
    "card": Fault(200, lambda it: it.insert(f"Charge {_card(it)} again.")),
    "ip": Fault(200, lambda it: it.insert(f"Ask {_ip(it)} first.")),
    "ip-reserved": Fault(200, lambda it: it.insert(f"Ask 192.168.{it.rng.randint(0, 9)}.7 first.")),
    "api-key": Fault(200, lambda it: it.insert(f"Use {_api_key(it)} for it.")),
    "boilerplate": Fault(300, lambda it: it.insert(it.rng.choice(REFUSALS))),
    "placeholder-text": Fault(300, lambda it: it.insert(it.rng.choice(PLACEHOLDERS))),
    "language": Fault(3032, _foreign),
    "end-punctuation": Fault(
        400, lambda it: it.answer(lambda text: text.rstrip(".") + " and then")
    ),
    "weight-range": Fault(150, _weight),
    "tool-unanswered": Fault(50, lambda it: _tools(it, "unanswered")),
    "tool-stray-answer": Fault(50, lambda it: _tools(it, "stray")),
    "tool-arguments": Fault(100, lambda it: _tools(it, it.rng.choice(["schema", "json"]))),
    "malformed-json": Fault(40, _cut),
    "bad-utf8": Fault(30, lambda it: orjson.dumps(it.row).replace(b" ", b"\xff", 1)),
    "lone-surrogate": Fault(30, lambda it: orjson.dumps(it.row).replace(b" ", b"\\ud83d ", 1)),
    "not-a-number": Fault(
        30, lambda it: orjson.dumps(it.row).replace(b'"id":', b'"x":NaN,"id":', 1)
    ),
    "duplicate-key": Fault(60, _doubled_key),
    "not-an-object": Fault(20, lambda it: orjson.dumps([it.row])),
    "blank": Fault(20, lambda _: b""),
    "decoy-git": Fault(1266, lambda it: it.insert(f"git clone git@github.com:{it.name()}/x.git")),
    "decoy-isbn": Fault(300, lambda it: it.insert("See ISBN 978-0-306-40615-7 there.")),
    "decoy-card": Fault(
        100, lambda it: it.insert(f"Order 4000 1234 5678 901{it.digits(1)}1 came.")
    ),
    "decoy-tools": Fault(500, lambda it: _tools(it, "")),
    "decoy-json": Fault(300, lambda it: it.insert('The reply was {"status": "ok", "n": 1} again.')),
}


def edited(rng: random.Random, messages: Sequence[Row], tokens: Sequence[str]) -> list[Row]:
    """A near copy: words replaced in a share of 1 to 4 %, a sentence cut, added, or moved, or
    another case and spacing."""
    kind = rng.choice(["1", "2", "3", "4", "cut", "add", "case"])
    copy = [dict(message) for message in messages]
    last = copy[-1]
    words = last["content"].split(" ")
    if kind.isdigit():
        for _ in range(max(1, len(words) * int(kind) // 100)):
            words[rng.randrange(len(words))] = rng.choice(tokens)
        last["content"] = " ".join(words).rstrip(" .") + "."
    elif kind == "cut":
        at = rng.randrange(len(words))
        last["content"] = " ".join(words[:at] + words[at + 12 :]).rstrip(" .") + "."
    elif kind == "add":
        at = rng.randrange(len(words))
        last["content"] = (
            " ".join(words[:at] + rng.choices(tokens, k=12) + words[at:]).rstrip(" .") + "."
        )
    else:
        last["content"] = last["content"].replace("  ", " ").upper().replace(" ", "  ", 9)
    return copy


def jaccard(one: Sequence[Row], two: Sequence[Row]) -> float:
    """Of the sets of lower-case word 5-grams of everything that is not a system turn."""
    a, b = grams(one), grams(two)
    return len(a & b) / len(a | b)


def grams(messages: Sequence[Row]) -> set[tuple[str, ...]]:
    said = (m["content"] for m in messages if m["role"] != "system")
    words = " ".join(said).lower().split()
    return {tuple(words[i : i + GRAM]) for i in range(max(1, len(words) - GRAM + 1))}
