"""The letters there are: those that come with the program, those the company wrote in their place, and how one is filled.

Rule: docs/rules/mail.md, "Letters".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session, select

from o2c_tui.models.party import Party
from o2c_tui.models.reminder import Letter
from o2c_tui.models.words import DOCUMENT_WORDS
from o2c_tui.money import show_money
from o2c_tui.queries.documents import NUMBERED, Document
from o2c_tui.queries.lookups import the_company
from o2c_tui.rules.letters import fill
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_, catalogue, day_in_words

_PLAIN = N_("Dear {contact},\n\nplease find attached our {document} {number} of {date}.\n\nKind regards\n{company}")
_DUE = N_(
    "Dear {contact},\n\nplease find attached our {document} {number} of {date} over {total}.\nYour reference: {reference}\nIt is due on {due}.\n\n{bank}\n\nKind regards\n{company}"
)
_SUBJECT = N_("{document} {number} of {company}")
DEFAULTS: dict[str, tuple[str, str]] = {  # code → subject and text, marked
    "quotation": (
        N_("Quotation {number} of {company}"),
        N_(
            "Dear {contact},\n\nplease find attached our quotation {number} of {date} over {total}. It holds until {due}.\n\nKind regards\n{company}"
        ),
    ),
    "order": (
        _SUBJECT,
        N_(
            "Dear {contact},\n\nthank you for your order. Please find attached our confirmation {number} of {date} over {total}.\nYour reference: {reference}\n\nKind regards\n{company}"
        ),
    ),
    "delivery": (_SUBJECT, _PLAIN),
    "return": (_SUBJECT, _PLAIN),
    "invoice": (_SUBJECT, _DUE),
    "credit_note": (
        _SUBJECT,
        N_(
            "Dear {contact},\n\nplease find attached our credit note {number} of {date} over {total}.\n\nKind regards\n{company}"
        ),
    ),
    "payment": (
        N_("Receipt {number} of {company}"),
        N_(
            "Dear {contact},\n\nwe have received your payment of {total} on {date}; thank you. Please find attached how it was set against our invoices.\n\nKind regards\n{company}"
        ),
    ),
    "purchase": (
        _SUBJECT,
        N_(
            "Dear {contact},\n\nplease find attached our purchase order {number} of {date}. Kindly confirm it.\n\nKind regards\n{company}"
        ),
    ),
    "supplier_return": (_SUBJECT, _PLAIN),
    "statement": (
        N_("Statement of account {date} of {company}: {open} open"),
        N_(
            "Dear {contact},\n\nplease find attached the statement of your account with us as of {date}.\nBalance: {total}\nOverdue: {overdue}\n\nPlease tell us if it does not agree with your books.\n\n{bank}\n\nKind regards\n{company}"
        ),
    ),
    "reminder_1": (
        N_("Reminder {number} of {company}: {overdue} overdue"),
        N_(
            "Dear {contact},\n\nperhaps it has escaped your attention that the following is overdue. Please pay {overdue} by {pay_by}. If you have paid meanwhile, please take no notice of this letter.\n\n{items}\nFee: {fee}\n\n{bank}\n\nKind regards\n{company}"
        ),
    ),
    "reminder_2": (
        N_("Second reminder {number} of {company}: {overdue} overdue"),
        N_(
            "Dear {contact},\n\nin spite of our reminder the following is still open, the oldest item for {days} days. Please pay {overdue} by {pay_by}.\n\n{items}\nFee: {fee}\n\n{bank}\n\nKind regards\n{company}"
        ),
    ),
    "reminder_3": (
        N_("Last reminder {number} of {company}: {overdue} overdue"),
        N_(
            "Dear {contact},\n\nour reminders had no answer. We ask you for the last time to pay {overdue} by {pay_by}; after that day we shall have to take further steps.\n\n{items}\nFee: {fee}\n\n{bank}\n\nKind regards\n{company}"
        ),
    ),
    "other": (_SUBJECT, _PLAIN),
}


@dataclass(frozen=True)
class Words:
    """A letter in one language: its template, whether it is the company's own, and its version."""

    code: str
    language: str
    subject: str
    body: str
    own: bool
    version: int | None = None


def letter(session: Session, code: str, language: str) -> Words:
    """The letter with this code in a language; where nobody wrote it so, in the company's, then in English.

    What the company wrote goes before what comes with the program.
    """
    for spoken in dict.fromkeys((language, the_company(session).language, "en")):
        found = session.exec(select(Letter).where(Letter.code == code, Letter.language == spoken)).one_or_none()
        if found is not None:
            return Words(code, spoken, found.subject, found.body, own=True, version=found.version)
        if spoken in ("en", "zh_CN"):
            subject, body = DEFAULTS.get(code, DEFAULTS["other"])
            say = catalogue(spoken).gettext
            return Words(code, spoken, say(subject), say(body), own=False)
    raise AssertionError("English comes with the program")


def letters(session: Session) -> list[Words]:
    """Every letter in each language it is known in, by code."""
    own = session.exec(select(Letter)).all()
    known = {(code, language) for code in DEFAULTS for language in ("en", "zh_CN")}
    known |= {(found.code, found.language) for found in own}
    return [letter(session, code, language) for code, language in sorted(known)]


def sum_of(value: Decimal, currency: str, digits: int) -> str:
    """An amount as letters say it: with its currency's code."""
    return f"{currency} {show_money(value, digits)}"


def of_company(session: Session) -> dict[str, str]:
    """What every letter can say of us."""
    company = the_company(session)
    return {"company": company.name, "bank": company.bank}


def of_document(session: Session, found: Document, party: Party | None, language: str) -> Mapping[str, str]:
    """What a letter that goes with a document can say."""
    company = the_company(session)
    head = found.head
    say = catalogue(language).gettext
    kind = "credit_note" if head.get("kind") == "credit_note" else table_of(NUMBERED[found.kind]).name
    currency, digits = head.get("currency") or company.currency, head.get("digits", company.digits)
    values = {
        **of_company(session),
        "document": say(DOCUMENT_WORDS[kind]),
        "number": found.label,
        "reference": head.get("customer_reference") or head.get("reference") or head.get("supplier_reference") or "",
        "date": _day(_dated(head), language),
        "due": _day(head.get("valid_until") if found.kind == "quotation" else head.get("due_on"), language),
        "total": sum_of(abs(_total(head)), currency, digits),
        "open": sum_of(head.get("open") or Decimal(0), currency, digits),
    }
    if kind == "credit_note":
        values["due"] = ""
    if party is not None:
        values |= {"customer": party.name, "contact": party.contact or party.name}
    return values


def filled(words: Words, values: Mapping[str, str]) -> tuple[str, str]:
    """Subject and text of a letter with its places filled."""
    subject = " ".join(fill(words.subject, values).split())
    return subject[:1].upper() + subject[1:], fill(words.body, values)


def _dated(head: Mapping[str, Any]) -> date | None:
    names = ("quoted_on", "ordered_on", "shipped_on", "invoiced_on", "received_on", "returned_on")
    return next((head[name] for name in names if head.get(name)), None)


def _total(head: Mapping[str, Any]) -> Decimal:
    return next((head[name] for name in ("gross", "amount", "net", "value") if head.get(name)), Decimal(0))


def _day(day: date | None, language: str) -> str:
    return day_in_words(day, language) if day else ""
