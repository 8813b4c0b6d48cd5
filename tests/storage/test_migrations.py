"""Schema changes: the revisions make what the models say, older books are backed up and migrated whole or not at all."""

import gzip
import shutil
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlmodel import SQLModel

from o2c_tui.errors import TroubleError
from o2c_tui.queries.verify import verify
from o2c_tui.services.shipping import ship_order
from o2c_tui.storage import migrate
from o2c_tui.storage.engines import open_engine
from o2c_tui.storage.places import HEAD
from o2c_tui.storage.store import Store
from tests.makers import Desk, make_books, ordered, receive

NEXT = '''"""A column more."""
import sqlalchemy as sa
from alembic import op

revision = "9001"
down_revision = "0007"


def upgrade() -> None:
    with op.batch_alter_table("party") as table:
        table.add_column(sa.Column("web", sa.Text(), nullable=False, server_default=""))
    op.execute("UPDATE party SET web = code")
'''


def next_revision(folder: Path, text: str = NEXT) -> Path:
    """The revisions of today and one more."""
    migrations = folder / "migrations"
    shutil.copytree(migrate.MIGRATIONS, migrations)
    (migrations / "versions" / "9001_more.py").write_text(text)
    return migrations


def test_the_revisions_make_what_the_models_say(database_url):
    engine = open_engine(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('0000')")
    script = migrate.MIGRATIONS / "versions"
    assert [path.stem.split("_")[0] for path in sorted(script.glob("[0-9]*.py"))][-1] == HEAD
    from alembic.operations import Operations

    with engine.begin() as connection:
        context = MigrationContext.configure(connection)
        with Operations.context(context):
            for path in sorted(script.glob("[0-9]*.py")):
                space: dict[str, object] = {}
                exec(compile(path.read_text(), str(path), "exec"), space)
                space["upgrade"]()  # type: ignore[operator]
        differences = [d for d in compare_metadata(context, SQLModel.metadata) if "alembic_version" not in str(d)]
    engine.dispose()
    assert differences == []


def test_a_partial_index_has_its_condition_in_new_books_on_either_database(store):
    wanted = {i.name for table in SQLModel.metadata.tables.values() for i in table.indexes if "where" in i.info}
    told = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '%WHERE%'",
        "postgresql": "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema() AND indexdef LIKE '%WHERE%'",
    }
    with store.engine.connect() as connection:
        found = set(connection.execute(sa.text(told[connection.dialect.name])).scalars())
    assert len(wanted) > 15
    assert found == wanted


def test_older_books_are_backed_up_and_migrated_with_their_data(tmp_path):
    path = tmp_path / "books.sqlite"
    store = Store.open(str(path))
    desk = make_books(store)
    receive(desk)
    ordered(desk, ("BOLT", 3))
    store.close()

    engine = open_engine(f"sqlite:///{path}")
    migrate.upgrade(engine, f"sqlite:///{path}", HEAD, migrations=next_revision(tmp_path), head="9001")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT web FROM party WHERE code = 'ACME'").scalar_one() == "ACME"
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one() == "9001"
    engine.dispose()
    backup = tmp_path / "books-before-9001.sqlite"
    assert sqlite3.connect(backup).execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,)
    with sqlite3.connect(path) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute("DELETE FROM audit_entry")  # the guards are there again
    again = Store(f"sqlite:///{path}", clock=store.clock)
    assert again.read_now(verify).holds
    again.close()


def test_a_migration_that_fails_half_way_leaves_the_books_as_they_were(tmp_path):
    path = tmp_path / "books.sqlite"
    store = Store.open(str(path))
    make_books(store)
    store.close()
    broken = next_revision(tmp_path, NEXT + '    op.execute("INSERT INTO nowhere VALUES (1)")\n')
    engine = open_engine(f"sqlite:///{path}")

    with pytest.raises(sa.exc.OperationalError):
        migrate.upgrade(engine, f"sqlite:///{path}", HEAD, migrations=broken, head="9001")

    engine.dispose()
    again = Store.open(str(path))
    assert again.read_now(verify).holds
    again.close()


def test_an_older_copy_put_back_is_migrated_again_and_backed_up_beside_the_first(tmp_path):
    path = tmp_path / "books.sqlite"
    store = Store.open(str(path))
    make_books(store)
    store.close()
    shutil.copy(path, tmp_path / "older.sqlite")
    steps = next_revision(tmp_path)

    for _again in range(2):
        shutil.copy(tmp_path / "older.sqlite", path)
        engine = open_engine(f"sqlite:///{path}")
        migrate.upgrade(engine, f"sqlite:///{path}", HEAD, migrations=steps, head="9001")
        engine.dispose()

    assert sorted(p.name for p in tmp_path.glob("books-before-*")) == [
        "books-before-9001-2.sqlite",
        "books-before-9001.sqlite",
    ]


def test_newer_books_are_refused_and_not_touched(tmp_path):
    path = tmp_path / "books.sqlite"
    store = Store.open(str(path))
    make_books(store)
    store.close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = path.read_bytes()

    with pytest.raises(TroubleError, match="newer o2c"):
        Store.open(str(path))

    assert path.read_bytes() == before


def test_books_of_every_earlier_schema_come_up_with_the_same_figures(tmp_path):
    """Dumps of the story of whole_books.py, each written by the program of its schema."""
    for dump in sorted((Path(__file__).parent / "books").glob("*.sql.gz")):
        path = tmp_path / f"{dump.name}.sqlite"
        with sqlite3.connect(path) as connection:
            connection.executescript(gzip.decompress(dump.read_bytes()).decode())
            before = connection.execute(FIGURES).fetchall()
        store = Store.open(str(path), create=False)
        told = store.read_now(verify)
        assert told.holds, [(check.name, check.breaches) for check in told.checks if not check.holds]
        with sqlite3.connect(path) as connection:
            assert connection.execute(FIGURES).fetchall() == before
        desk = Desk(store)
        receive(desk, "BOLT", 3)
        desk.do(ship_order, ordered(desk, ("BOLT", 2)).order_id)
        desk.holds()
        store.close()


FIGURES = """SELECT 'levels', sum(on_hand), sum(reserved) FROM stock_level
UNION ALL SELECT 'reserved', count(*), sum(quantity) FROM reservation
UNION ALL SELECT 'layers', sum(remaining_quantity), sum(remaining_value) FROM cost_layer
UNION ALL SELECT 'open', count(*), sum(open) FROM receivable_item
UNION ALL SELECT 'journal ' || account_id, count(*), sum(amount) FROM journal_line GROUP BY account_id"""
