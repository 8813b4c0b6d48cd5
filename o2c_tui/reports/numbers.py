"""The proof of the number series: what each counts from, to, and how many; and the numbers that are void."""

from datetime import date

from sqlmodel import Session

from o2c_tui.models.words import ROW_WORDS
from o2c_tui.queries.documents import NUMBERED
from o2c_tui.queries.number_series import SERIES, Proof, proofs
from o2c_tui.reports.asking import facts_of, narrowed
from o2c_tui.reports.kinds import Asked
from o2c_tui.reports.table import Behind, Heading, Report, report_of
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

MOST_MISSING = 5  # named; there should be none
_KINDS = {
    table_of(model).name: kind for kind, model in NUMBERED.items()
}  # a table → its documents, as screens call them


def numbers(session: Session, asked: Asked, today: date) -> Report:
    """Every series by year with first and last number, how many are given, how many of them are void, and the gaps, of
    which there are none; or every void number with what made it so."""
    told = narrowed(session, asked)
    by = asked.by or "series"
    found = proofs(session, asked.as_of, asked.first)
    facts = facts_of(told, today, by=by, name="numbers", money=False)
    return _voids(found, facts, asked) if by == "void" else _series(found, facts, asked)


def _series(found: tuple[Proof, ...], facts: list[tuple[str, object]], asked: Asked) -> Report:
    rows = [
        (
            (
                ROW_WORDS.get(proof.kind, proof.kind),
                str(proof.year),
                proof.first,
                proof.last,
                len(proof.voids),
                proof.count,
                len(proof.missing),
                proof.first_on,
                proof.last_on,
            ),
            Behind("report", report="numbers", asked=Asked(by="void", as_of=asked.as_of, first=asked.first))
            if proof.voids
            else None,
        )
        for proof in found
    ]
    headings = (
        Heading(N_("Series"), "word"),
        Heading(N_("Year")),
        Heading(N_("First no.")),
        Heading(N_("Last no.")),
        Heading(N_("Void"), "count"),
        Heading(N_("Count"), "count"),
        Heading(N_("Gaps"), "count"),
        Heading(N_("From day"), "date", spare=2),
        Heading(N_("To day"), "date", spare=1),
    )
    notes: list[tuple[str, dict[str, object]]] = []
    for proof in found:
        if proof.missing:
            some = ", ".join(str(n) for n in proof.missing[:MOST_MISSING])
            words = N_("{last} {year}: no document bears {numbers}")
            notes.append((words, {"last": proof.last, "year": proof.year, "numbers": some}))
    if found and not notes:
        notes.append((N_("No number is missing: each series counts from 1 without a gap."), {}))
    return report_of("numbers", facts, headings, rows, add=(4, 5, 6), notes=notes, asked=asked)


def _voids(found: tuple[Proof, ...], facts: list[tuple[str, object]], asked: Asked) -> Report:
    rows = []
    for proof in found:
        for void in proof.voids:
            kind = _KINDS.get(table_of(SERIES[void.kind].model).name)
            behind = Behind(kind, void.document_id) if kind is not None else None
            word = ROW_WORDS.get(void.kind, void.kind)
            rows.append(((word, void.number, void.on, void.why, void.by, void.since), behind))
    headings = (
        Heading(N_("Series"), "word"),
        Heading(N_("Number")),
        Heading(N_("Date"), "date"),
        Heading(N_("Reason"), "word"),
        Heading(N_("Taken back by")),
        Heading(N_("Since"), "date", spare=1),
    )
    return report_of("numbers", facts, headings, rows, asked=asked)
