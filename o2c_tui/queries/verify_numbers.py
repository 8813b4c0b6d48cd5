"""What verify proves of numbers: each series counts without gap, and its dates do not fall.

Rule: docs/rules/verify.md.
"""

from collections.abc import Sequence

from sqlmodel import Session, select

from o2c_tui.models.company import DATED, NumberSeries
from o2c_tui.models.words import ROW_WORDS
from o2c_tui.queries.checking import Found, breach
from o2c_tui.queries.number_series import SERIES, numbered, taken
from o2c_tui.texts import N_


def _some(numbers: Sequence[int]) -> str:
    """The first of some numbers; a dash for none."""
    return ", ".join(str(n) for n in numbers[:5]) or "–"


def numbers_gapless(session: Session) -> Found:
    """Each series counts 1 to n without gap or double, and where it must, its dates never fall; no number is of none."""
    told_of = dict.fromkeys(SERIES, 0)
    for series in session.exec(select(NumberSeries)):
        numbers = {n: row.on for n, row in taken(session, series)}
        told_of[series.kind] += len(numbers)
        told = {"series_word": ROW_WORDS.get(series.kind, series.kind), "year": str(series.year)}
        missing = [n for n in range(1, series.next) if n not in numbers]
        beyond = [n for n in numbers if n >= series.next]
        if missing or beyond:
            yield breach(
                N_("{series_word} {year}: next is {next}, missing {missing}, beyond {beyond}"),
                **told,
                next=str(series.next),
                missing=_some(missing),
                beyond=_some(beyond),
            )
        latest = max(numbers.values()).isoformat() if numbers else ""
        if latest != series.last_on:
            yield breach(
                N_("{series_word} {year}: last dated {day}, its documents tell {told}"),
                **told,
                day=series.last_on or "–",
                told=latest or "–",
            )
        if series.dates_may_fall != (series.kind not in DATED):
            yield breach(N_("{series_word} {year}: whether its dates may fall was changed, which no verb does"), **told)
        if not series.dates_may_fall:
            days = [numbers[n] for n in sorted(numbers)]
            falls = [n for n, (a, b) in enumerate(zip(days, days[1:], strict=False), 2) if b < a]
            if falls:
                yield breach(N_("{series_word} {year}: dates fall at number {numbers}"), **told, numbers=_some(falls))
    for kind, count in told_of.items():
        strays = numbered(session, kind) - count
        if strays:
            yield breach(
                N_("{series_word}: {n} numbers belong to no series of their year"),
                series_word=ROW_WORDS[kind],
                n=strays,
            )
