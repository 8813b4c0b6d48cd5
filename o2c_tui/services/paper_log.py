"""The log of papers: each PDF that was saved, printed or mailed, with the hash of its very bytes.

Rule: docs/rules/mail.md, "Papers".
"""

from datetime import datetime

from sqlmodel import Session

from o2c_tui.models.mail import PaperLog, PaperWay
from o2c_tui.storage.chain import record
from o2c_tui.storage.rows import insert_rows


def log_paper(
    session: Session,
    kind: str,
    document_id: int,
    way: PaperWay,
    *,
    number: str = "",
    to: str = "",
    language: str = "",
    file_name: str = "",
    sha256: str,
    mail_id: int | None = None,
    by: str,
    now: datetime,
) -> int:
    """Note that a paper left the house: of which document, how, to whom, in which language, and which bytes."""
    (row,) = insert_rows(
        session,
        PaperLog,
        [
            {
                "kind": kind,
                "document_id": document_id,
                "number": number,
                "way": way,
                "left_at": now,
                "by": by,
                "to": to,
                "language": language,
                "file_name": file_name,
                "sha256": sha256,
                "mail_id": mail_id,
            }
        ],
    )
    paper = PaperLog(**row)
    record(session, "log_paper", paper, by=by, facts=[(PaperLog, [row])])
    key: int = row["id"]
    return key
