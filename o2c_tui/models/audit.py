"""The audit chain: who did what and when, each entry holding the hash of the one before."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from o2c_tui.models.base import Guard, Role, Stored, guarded, moment_column


class AuditEntry(Stored, table=True):
    """One verb: what it decided (old and new), which rows it made facts of, and the hash over all of it."""

    __tablename__ = "audit_entry"
    __table_args__ = guarded(
        Guard.APPEND,
        sa.Index("ix_audit_entry_document", "kind", "document_id"),
    )

    id: int = Field(default=None, primary_key=True)  # 1, 2, 3 … without a gap
    at: datetime = moment_column(..., role=Role.FACT)
    by: str = Field(sa_type=sa.Text)
    verb: str = Field(sa_type=sa.Text)
    kind: str = Field(sa_type=sa.Text)  # the table of the document or record acted on
    document_id: int
    changes: str = Field(default="", sa_type=sa.Text)  # JSON: decided values, old and new
    facts: str = Field(default="", sa_type=sa.Text)  # JSON: table → ids that became facts
    digest: bytes = Field(default=b"", sa_type=sa.LargeBinary)  # SHA-256 over every fact column of those rows
    result: str | None = Field(default=None, sa_type=sa.Text)  # JSON, beside its key
    key: str | None = Field(default=None, sa_type=sa.Text, unique=True)  # said twice, done once
    hash: bytes = Field(sa_type=sa.LargeBinary)


class AuditHead(Stored, table=True):
    """The newest link of the chain: one row, locked last by every transaction that writes."""

    __tablename__ = "audit_head"

    id: int = Field(default=1, primary_key=True)
    seq: int = Field(default=0)
    hash: bytes = Field(default=b"", sa_type=sa.LargeBinary)
