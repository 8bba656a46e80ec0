"""Checks that tell a number from a row of digits."""

_LETTERS = {chr(ord("A") + i): str(10 + i) for i in range(26)}


def luhn_holds(digits: str) -> bool:
    """The check digit of payment cards (ISO/IEC 7812-1, annex B)."""
    plain = sum(int(digit) for digit in digits[-1::-2])
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (plain + doubled) % 10 == 0


def iban_holds(number: str) -> bool:
    """The check digits of an account number without spaces: modulo 97 is 1 (ISO 13616)."""
    turned = number[4:] + number[:4]
    return int("".join(_LETTERS.get(sign, sign) for sign in turned)) % 97 == 1
