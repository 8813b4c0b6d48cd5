"""What may stand in a mail, and how long to wait before it is tried again.

An address or a header line never holds a control sign: a line break there would let a name or a subject write headers
of its own. Rule: docs/rules/mail.md.
"""

import re
from datetime import timedelta

from o2c_tui.errors import BadValueError, MissingValueError
from o2c_tui.texts import N_

# After the first try, the second, …: eight tries within about two days.
PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=20),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
    timedelta(days=1),
)
IN_HAND = timedelta(minutes=15)  # longer than any sender waits for a server: past it, the sender is gone

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_BODY_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[^\s@,;:<>()\[\]\"\\]{1,190}")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
MOST_ADDRESSES = 20
MOST_SUBJECT = 250


def pause_after(tries: int) -> timedelta | None:
    """How long to wait after so many tries that failed for now; None: give up."""
    return PAUSES[tries - 1] if 0 < tries <= len(PAUSES) else None


def header_text(text: str, field: str) -> str:
    """A text as it may stand in a header, on one line.

    Raises:
        BadValueError: it holds a control sign, or one that turns the direction of writing.
    """
    clean = text.strip()
    wrong = _CONTROL.search(clean)
    if wrong is not None:
        raise BadValueError(
            N_("Sign {n} of the text (U+{code}) cannot stand in a mail's header."),
            field=field,
            n=wrong.start() + 1,
            code=f"{ord(wrong.group()):04X}",
        )
    return clean


def subject_text(text: str) -> str:
    """A subject as it may stand in a mail.

    Raises:
        MissingValueError: there is none. BadValueError: too long, or see `header_text`.
    """
    clean = header_text(text, "subject")
    if not clean:
        raise MissingValueError(N_("Give a subject."), field="subject")
    if len(clean) > MOST_SUBJECT:
        raise BadValueError(N_("The subject is longer than {most} signs."), field="subject", most=MOST_SUBJECT)
    return clean


def body_text(text: str) -> str:
    """The text of a mail: any signs and line breaks, no other control signs.

    Raises:
        MissingValueError: there is none. BadValueError: it holds a control sign.
    """
    clean = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    if not clean.strip():
        raise MissingValueError(N_("Give the text of the mail."), field="body")
    wrong = _BODY_CONTROL.search(clean)
    if wrong is not None:
        raise BadValueError(
            N_("Sign {n} of the text (U+{code}) cannot stand in a mail."),
            field="body",
            n=wrong.start() + 1,
            code=f"{ord(wrong.group()):04X}",
        )
    return clean


def address_list(text: str, field: str) -> list[str]:
    """The addresses of a list parted by commas or semicolons, each once, in their order; an empty text has none.

    Raises:
        BadValueError: one is none, or there are more than 20.
    """
    found: list[str] = []
    for part in re.split(r"[,;，；]", header_text(text, field)):
        address = part.strip()
        if address and address not in found:
            found.append(_checked(address, field))
    if len(found) > MOST_ADDRESSES:
        raise BadValueError(N_("At most {most} addresses go on one mail."), field=field, most=MOST_ADDRESSES)
    return found


def domain_of(address: str) -> str:
    """The domain of an address as mail servers write it: in ASCII letters."""
    return address.rpartition("@")[2].encode("idna").decode("ascii").lower()


def on_the_wire(address: str) -> str:
    """An address as mail servers write it."""
    return f"{address.rpartition('@')[0]}@{domain_of(address)}"


def _checked(address: str, field: str) -> str:
    local = address.rpartition("@")[0]
    good = _ADDRESS.fullmatch(address) is not None and ".." not in local and not local.startswith(".")
    if good and not local.endswith("."):
        try:
            labels = domain_of(address).split(".")
        except UnicodeError:
            labels = [""]
        if all(_LABEL.fullmatch(label) for label in labels):
            return address
    raise BadValueError(N_("'{text}' is no e-mail address."), field=field, text=address)
