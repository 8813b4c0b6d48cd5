"""What the verbs of people and things share: a record made or changed, its code and name as they may be, words to find it by.

Rule: docs/rules/masters.md.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from o2c_tui.errors import BadValueError, MissingValueError
from o2c_tui.rules.initials import initials
from o2c_tui.texts import N_


@dataclass(frozen=True)
class Record:
    """A record that was saved; `is_new` tells whether it was made."""

    id: int
    code: str
    is_new: bool


def search_text(code: str, name: str) -> str:
    """What look-ups find a record by: code, name and initials, folded."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return f"{code.casefold()} {folded} {initials(name)}".strip()


def clean_code(code: str, *, field: str = "code") -> str:
    """A code as it is stored: capitals, no blanks inside, at most 24 signs.

    Raises:
        BadValueError: it is empty, too long, or holds blanks or signs that entry needs (* @ # , ;).
    """
    clean = unicodedata.normalize("NFKC", code).strip().upper()
    if not clean or len(clean) > 24 or any(c.isspace() or c in "*@#,;=" or not c.isprintable() for c in clean):
        raise BadValueError(
            N_("'{code}' cannot be a code: use 1 to 24 signs, no blanks and none of * @ # , ; ="),
            field=field,
            code=code,
        )
    return clean


def clean_name(name: str, *, field: str = "name") -> str:
    """A name as it is stored.

    Raises:
        MissingValueError: there is none. BadValueError: it is longer than 200 signs.
    """
    clean = re.sub(r"[ \t\r\n\u00a0\u3000]+", " ", name).strip(" ")
    if not clean:
        raise MissingValueError(N_("Give a name."), field=field)
    if len(clean) > 200:
        raise BadValueError(N_("The name is longer than 200 signs."), field=field)
    return clean


def given(setup: Any, *without: str) -> dict[str, Any]:
    return {
        name: value.strip() if type(value) is str else value  # a choice stays what it is
        for name, value in vars(setup).items()
        if value is not None and name not in without
    }
