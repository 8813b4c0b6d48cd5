"""The code by which an invoice in euro is paid: the text of EPC069-12, version 2 (European Payments Council).

Rule: docs/rules/bank.md, "Paying by code".
"""

from decimal import Decimal

MOST = Decimal("999999999.99")


def pay_text(holder: str, iban: str, amount: Decimal, reference: str, bic: str = "") -> str:
    """What the code says: who is paid, into which account, how much, and the reference as free text.

    Empty where it cannot be said: no name, no account, or an amount that is none or larger than the form takes.
    """
    name, text = " ".join(holder.split())[:70], " ".join(reference.split())[:140]
    if not (name and iban) or not Decimal("0.01") <= amount <= MOST:
        return ""
    cents = f"{amount:.2f}".rstrip("0").rstrip(".")
    return "\n".join(("BCD", "002", "1", "SCT", bic, name, iban, f"EUR{cents}", "", "", text))


def grouped(iban: str) -> str:
    """An IBAN as people read it: in fours."""
    return " ".join(iban[n : n + 4] for n in range(0, len(iban), 4))
