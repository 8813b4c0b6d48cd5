"""One PostgreSQL database a worker, emptied for each test: to make one anew takes the server many times as long.

Rows are put back with triggers and foreign keys off, from copies in schemas of their own that the program never sees.
"""

import uuid
from typing import Any

import psycopg

from o2c_tui.storage.store import Store

_EMPTY = """
DO $$ DECLARE name text; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' LOOP
        EXECUTE format('DELETE FROM public.%I', name);
    END LOOP;
END $$"""
_FILL = """
DO $$ DECLARE name text; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT relname FROM pg_class WHERE relnamespace = '{kept}'::regnamespace AND relkind = 'r' LOOP
        CONTINUE WHEN name = '_numbers';
        EXECUTE format('DELETE FROM public.%I', name);
        EXECUTE format('INSERT INTO public.%I OVERRIDING SYSTEM VALUE SELECT * FROM {kept}.%I', name, name);
    END LOOP;
    PERFORM setval(format('public.%I', sequence)::regclass, coalesce(last, 1), last IS NOT NULL) FROM {kept}._numbers;
END $$"""
_KEEP = """
DO $$ DECLARE name text; filled bool; BEGIN
    CREATE SCHEMA {kept};
    CREATE TABLE {kept}._numbers AS
        SELECT sequencename AS sequence, last_value AS last FROM pg_sequences WHERE schemaname = 'public';
    FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO filled;
        IF filled THEN EXECUTE format('CREATE TABLE {kept}.%I AS TABLE public.%I', name, name); END IF;
    END LOOP;
END $$"""
# Everything of the schema that a test could leave changed: tables, columns, indexes, constraints, triggers, functions.
_SHAPE = """
SELECT md5(string_agg(what, ',' ORDER BY what)) FROM (
    SELECT concat_ws(' ', attrelid, attname, atttypid, atttypmod, attnotnull) AS what FROM pg_attribute
        JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', conrelid, conname, contype, convalidated) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', tgrelid, tgfoid, tgname, tgenabled) FROM pg_trigger
    UNION ALL SELECT concat_ws(' ', oid, md5(prosrc)) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
) AS shapes"""
_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"""


def say(server: str, words: str) -> None:
    """One command to a server."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(words.encode())


def database_url(server: str, name: str) -> str:
    """The URL of one database of a server."""
    head, _, tail = server.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{tail}" if tail else "")


class ReadyDatabase:
    """The database of a worker; its user must be a superuser."""

    def __init__(self, server: str, **how: Any) -> None:
        self.server, self.how = server, how
        self._make()

    def _make(self) -> None:
        self.name = f"ready_{uuid.uuid4().hex[:12]}"
        say(self.server, f"CREATE DATABASE {self.name}")
        self.url = database_url(self.server, self.name)
        Store.open(self.url, **self.how).close()
        self.kept: set[str] = set()
        self.connection = psycopg.connect(self.url, autocommit=True)
        self.keep("nothing")
        self.shape = self._one(_SHAPE)

    def keep(self, name: str) -> None:
        """Keep what the books hold now, to be put back by this name."""
        self.connection.execute(_KEEP.format(kept=f"ready_{name}").encode())
        self.kept.add(name)

    def fill(self, name: str) -> None:
        """Put back what was kept, into books that hold nothing else."""
        self.connection.execute(_FILL.format(kept=f"ready_{name}").encode())

    def empty(self) -> str:
        """Books in which nothing stands yet, whatever the test before did to them; where they are."""
        self.connection.execute(_OTHERS)
        if self._one(_SHAPE) != self.shape:
            self.drop()
            self._make()
        self.connection.execute(_EMPTY)
        self.fill("nothing")
        return self.url

    def drop(self) -> None:
        """Leave nothing behind."""
        self.connection.close()
        say(self.server, f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    def _one(self, question: str) -> Any:
        row = self.connection.execute(question.encode()).fetchone()
        return row and row[0]
