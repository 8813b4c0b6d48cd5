"""Letters with places to be filled: names in braces out of a closed list, filled as data.

What is filled in is never read again: braces in a customer's name stay braces, and nothing in a template can reach
beyond its list of names. Rule: docs/rules/mail.md, "Letters".
"""

import difflib
import re
from collections.abc import Mapping

from o2c_tui.errors import BadValueError
from o2c_tui.texts import N_

PLACES = (
    "company",
    "bank",
    "customer",
    "contact",  # whom to address; the customer where nobody is named
    "document",  # its kind, in words
    "number",
    "reference",  # the customer's own number
    "date",
    "due",
    "total",  # as all amounts: with the currency's code
    "open",
    "overdue",  # what of it is
    "days",  # overdue, of the oldest
    "items",  # the open ones, a line each
    "fee",
    "pay_by",
)
_PLACE = re.compile(r"\{([^{}\n]*)\}")


def check_places(template: str, field: str) -> str:
    """A template whose places all have a name of the list.

    Raises:
        BadValueError: one has not; near names are said.
    """
    for name in _PLACE.findall(template):
        if name not in PLACES:
            near = difflib.get_close_matches(name, PLACES, 3, 0.5) or list(PLACES)
            raise BadValueError(
                N_("A letter has no place {name}. There are: {names}."),
                field=field,
                name="{" + name + "}",
                names=", ".join("{" + known + "}" for known in near),
            )
    return template


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with its places filled; a line goes whose places all have nothing to say."""
    lines = []
    for line in template.split("\n"):
        named = _PLACE.findall(line)
        if not named or any(values.get(name) for name in named):
            lines.append(_PLACE.sub(lambda place: values.get(place[1], ""), line).rstrip())
        elif lines and not lines[-1]:
            lines.pop()  # of the blank lines around it one stays
    return "\n".join(lines)
