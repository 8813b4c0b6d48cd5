"""The languages a user reads: gettext catalogues of English and Simplified Chinese.

Rules, models and verbs know no language: they carry marked templates (`N_`) with their values. The face that shows
a text translates it: the screen and the command line by `_` (one process serves one person, so its language is the
process's), a document by the catalogue of the customer's language.
"""

import gettext
import locale
import os
from datetime import date
from functools import cache
from pathlib import Path

LANGUAGES = {"en": "English", "zh_CN": "中文"}  # code → the language's own name
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CATALOGUES = Path(__file__).parent / "locale"
_current: gettext.NullTranslations = gettext.NullTranslations()
_language = "en"


def N_(text: str) -> str:
    """Mark a template for the catalogues; whoever shows it translates it."""
    return text


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The catalogue of one language; English is the source, so it needs none."""
    return gettext.translation("o2c", _CATALOGUES, languages=[language], fallback=True)


def use(language: str) -> None:
    """Speak `language` (a key of LANGUAGES) from now on in this process."""
    global _current, _language
    _language = language if language in LANGUAGES else "en"
    _current = catalogue(_language)


def current() -> str:
    """The language this process speaks, a key of LANGUAGES."""
    return _language


def _(text: str) -> str:
    """`text` in the language this process speaks."""
    return _current.gettext(text) if text else text


def day_in_words(on: date, language: str) -> str:
    """A date on paper and in letters, that no reader takes for another: 5 Mar 2025, or 2025年3月5日."""
    if language.startswith("zh"):
        return f"{on.year}年{on.month}月{on.day}日"
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def of_environment() -> str:
    """The language the login asks for (LC_ALL, LC_MESSAGES, LANG), a key of LANGUAGES."""
    named = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    normal = locale.normalize(named)
    return "zh_CN" if normal.startswith("zh") else "en"
