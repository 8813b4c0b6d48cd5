"""A new schema revision from what the models say now against the newest revision: `python tools/new_revision.py 0002 "what changes"`.

Review what it writes: it sees tables, columns, indexes and constraints, not what the data need.
"""

import re
import sys
import tempfile
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlmodel import SQLModel

from o2c_tui.models.base import FixedPoint, Moment, word_for_postgres
from o2c_tui.models.tables import MODULES
from o2c_tui.storage.migrate import MIGRATIONS

assert MODULES


def plain_type(kind: str, thing: object, context: object) -> object:
    """Our own column types as what they store."""
    if kind == "type" and isinstance(thing, (FixedPoint, Moment)):
        return "sa.BigInteger()"
    return False


def main(revision: str, words: str) -> None:
    found = sorted((MIGRATIONS / "versions").glob("[0-9]*.py"))
    before = found[-1].stem.split("_")[0] if found else None
    with tempfile.TemporaryDirectory() as folder:
        engine = sa.create_engine(f"sqlite:///{folder}/books.sqlite")
        with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
            for step in found:
                space: dict[str, Any] = {}
                exec(compile(step.read_text(encoding="utf-8"), str(step), "exec"), space)
                space["upgrade"]()
        with engine.connect() as connection:
            context = MigrationContext.configure(
                connection,
                opts={
                    "render_item": plain_type,
                    "render_as_batch": before is not None,
                    "target_metadata": SQLModel.metadata,
                },
            )
            word_for_postgres(SQLModel.metadata)
            script = produce_migrations(context, SQLModel.metadata)
            body = render_python_code(script.upgrade_ops, render_item=plain_type, render_as_batch=before is not None)
    body = re.sub(r",\n\s*info=\{[^\n]*\}", "", body)  # what our guards declare is no part of the schema
    path = MIGRATIONS / "versions" / f"{revision}_{'_'.join(words.lower().split())}.py"
    path.write_text(
        f'"""{words.capitalize()}."""\n\nimport sqlalchemy as sa\nfrom alembic import op\n\n'
        f'revision = "{revision}"\ndown_revision = {before!r}\nbranch_labels = None\ndepends_on = None\n\n\n'
        f'def upgrade() -> None:\n    """{words.capitalize()}."""\n    {body}\n',
        encoding="utf-8",
    )
    print(path)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
