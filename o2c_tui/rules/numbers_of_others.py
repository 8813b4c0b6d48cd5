"""Numbers that others gave out, by their check digits: VAT numbers of the European Union, IBANs.

A library of such numbers does the sums (python-stdnum), loaded when the first one is checked.
"""

import re

_VAT_COUNTRIES = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "EL",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
        "XI",
    ]
)


def plain(number: str) -> str:
    """A number without the blanks, dots and dashes that people write in it, in capitals."""
    return re.sub(r"[\s.\-/]+", "", number).upper()


def looks_like_vat(number: str) -> bool:
    """Whether it is written as a VAT number of the European Union: a country, then at least seven signs with digits."""
    clean = plain(number)
    return clean[:2] in _VAT_COUNTRIES and bool(re.fullmatch(r"(?=(.*\d){5})[A-Z0-9+*]{7,13}", clean[2:]))


def is_vat_number(number: str) -> bool:
    """Whether its form and check digits are those of a VAT number of the European Union (or Northern Ireland)."""
    clean = plain(number)
    if clean.startswith("XI"):
        from stdnum.gb import vat as british

        return bool(british.is_valid(clean[2:]))
    from stdnum.eu import vat

    return bool(vat.is_valid(clean))


def is_iban(number: str) -> bool:
    """Whether an account number is an IBAN whose check digits agree."""
    from stdnum import iban

    return bool(iban.is_valid(plain(number)))


def written_iban(number: str) -> str:
    """An IBAN as people read it, in groups of four."""
    clean = plain(number)
    return " ".join(clean[at : at + 4] for at in range(0, len(clean), 4))
