"""New books are made, older ones backed up and migrated, newer ones refused.

The stored revision is read by the bare driver; Alembic is loaded only where it differs from this program's.
Rule: docs/rules/storage.md, "Migrations".
"""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from o2c_tui.errors import TroubleError
from o2c_tui.models.base import word_for_postgres
from o2c_tui.storage.engines import trouble_of
from o2c_tui.storage.places import (
    HEAD,
    is_postgres,
    refuse_network_disk,
    refuse_read_only,
    shown_place,
    sqlite_path,
    stored_revision,
)
from o2c_tui.texts import N_

MIGRATIONS = Path(__file__).parent / "migrations"


def prepare(engine: Engine, url: str, *, create: bool = True, to_look: bool = False) -> bool:
    """Bring the books behind `url` to this program's schema; tells whether they were made now.

    Raises:
        TroubleError: they cannot be opened or written, are missing and not to be made, or are newer than the program.
    """
    try:
        if is_postgres(url):
            return _prepare_postgres(engine, url, create=create)
        return _prepare_sqlite(engine, url, create=create, to_look=to_look)
    except DBAPIError as error:
        trouble = trouble_of(error, url)
        raise trouble or error from error


def _prepare_sqlite(engine: Engine, url: str, *, create: bool, to_look: bool) -> bool:
    path = sqlite_path(url)
    revision = stored_revision(url)
    if revision is not None:
        refuse_network_disk(path)
        if not to_look or revision != HEAD:
            refuse_read_only(path)
    if revision == HEAD:
        return False
    if revision is None:
        if not create:
            raise TroubleError(N_("There are no books at {place}. Run 'o2c init' or 'o2c demo' first."), place=path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o770)
        except OSError as error:
            raise TroubleError(N_("{place} cannot be made: {why}."), place=path.parent, why=error.strerror) from error
        refuse_network_disk(path)
        with engine.begin() as connection:
            if not sa.inspect(connection).has_table("alembic_version"):
                make_tables(connection)
        path.chmod(0o660)
        return True
    upgrade(engine, url, revision)
    return False


def _prepare_postgres(engine: Engine, url: str, *, create: bool) -> bool:
    with engine.begin() as connection:
        there = sa.inspect(connection).has_table("alembic_version")
        if there:
            revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
            if revision == HEAD:
                return False
        else:
            if not create:
                raise TroubleError(
                    N_("There are no books at {place}. Run 'o2c init' or 'o2c demo' first."), place=shown_place(url)
                )
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(623001)")
            if not sa.inspect(connection).has_table("alembic_version"):
                make_tables(connection)
            return True
    upgrade(engine, url, revision)
    return False


def _every_table() -> sa.MetaData:
    # loaded only here: books that are at this revision are opened without most tables
    from o2c_tui.models import tables

    assert tables
    return SQLModel.metadata


def make_tables(connection: Connection) -> None:
    """All tables, indexes and triggers of the present schema, stamped with its revision."""
    from o2c_tui.storage import triggers

    tables = _every_table()
    if connection.dialect.name == "postgresql":
        word_for_postgres(tables)
    tables.create_all(connection)
    triggers.install(connection)
    connection.exec_driver_sql(
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
    )
    connection.exec_driver_sql(f"INSERT INTO alembic_version (version_num) VALUES ('{HEAD}')")
    connection.exec_driver_sql(
        "INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, "
        + ("x''" if connection.dialect.name == "sqlite" else "''")
        + ")"
    )


def _backup_place(books: Path, head: str) -> Path:
    """Where books are kept as they were before a schema; an older copy put back later has a place of its own."""
    place, n = books.with_name(f"{books.stem}-before-{head}{books.suffix}"), 2
    while place.exists():
        place, n = books.with_name(f"{books.stem}-before-{head}-{n}{books.suffix}"), n + 1
    return place


def upgrade(engine: Engine, url: str, revision: str, *, migrations: Path = MIGRATIONS, head: str = HEAD) -> None:
    """Migrate older books: a backup first (SQLite), then every step in one transaction; one process does it.

    Raises:
        TroubleError: the books are newer than this program; the file is not touched.
    """
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    from o2c_tui.storage import triggers

    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)
    known = {step.revision for step in script.walk_revisions()}
    if revision not in known:
        raise TroubleError(
            N_(
                "These books were last used by a newer o2c (schema {theirs}, this program knows {ours}). Install that version."
            ),
            theirs=revision,
            ours=head,
        )
    if not is_postgres(url):
        from o2c_tui.storage.backup import back_up

        back_up(url, _backup_place(sqlite_path(url), head))

    def steps(current: Any, context: Any) -> Any:
        return script._upgrade_revs(head, current)

    with (
        EnvironmentContext(config, script, fn=steps, destination_rev=head) as environment,
        engine.begin() as connection,
    ):
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(623001)")
        if connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one() == head:
            return  # another process was first
        environment.configure(
            connection=connection,
            target_metadata=_every_table(),
            render_as_batch=True,
            transaction_per_migration=False,
        )
        if connection.dialect.name == "sqlite":  # a rebuilt table would trip over its own guards
            for name in (
                connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
            ):
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        environment.run_migrations()
        triggers.install(connection)
