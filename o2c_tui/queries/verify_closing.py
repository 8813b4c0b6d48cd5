"""What verify proves of closings: their totals are still what the journal comes to, their place in the chain stands.

Rule: docs/rules/closing.md.
"""

import sqlalchemy as sa
from sqlmodel import Session

from o2c_tui.models.audit import AuditEntry
from o2c_tui.queries.checking import Found, Row, breach
from o2c_tui.queries.closing import closings, day_book, figures
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_


def closings_hold(session: Session) -> Found:
    """Every closing whose lock was not lifted since says what the journal of its days comes to now."""
    drawn = closings(session)
    if not drawn:
        return
    book = day_book(session, max(closing.to_on for closing in drawn))
    entries = table_of(AuditEntry)
    wanted = sorted({closing.chain_seq for closing in drawn})
    hashes: dict[int, str] = {}
    for start in range(0, len(wanted), 800):
        query = sa.select(entries.c.id, entries.c.hash).where(entries.c.id.in_(wanted[start : start + 800]))
        hashes |= {row.id: bytes(row.hash).hex() for row in session.execute(query)}
    for closing in drawn:
        if hashes.get(closing.chain_seq, "") != closing.chain_hash:
            yield breach(
                N_("{row}: it was drawn up after {entry}, whose hash is another now"),
                row=Row("closing", closing.id, closing.name),
                entry=Row("audit_entry", closing.chain_seq),
            )
        if closing.holds and figures(closing.totals) != figures(book.totals(closing.from_on, closing.to_on)):
            yield breach(
                N_("{row}: its totals are not what the journal of {first} to {last} comes to"),
                row=Row("closing", closing.id, closing.name),
                first=closing.from_on.isoformat(),
                last=closing.to_on.isoformat(),
            )
