"""The machine's faults: what is said, and that nothing is lost or half done. docs/rules/storage.md."""

import fcntl
import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from o2c_tui.errors import TroubleError
from o2c_tui.storage import turnstile
from o2c_tui.storage.places import refuse_network_disk
from o2c_tui.storage.store import Store
from tests.cli.conftest import DAY, invoiced, step
from tests.cli.test_commands import ROOT, dump

ITEM = ("--today", DAY, "do", "save_item", '{"setup": {"code": "LATER", "name": "Later"}}')


def holding(place: Path) -> sqlite3.Connection:
    """A connection that keeps the write-ahead log from being written into the file."""
    held = sqlite3.connect(place)
    held.execute("SELECT count(*) FROM audit_entry").fetchone()
    return held


# -- no room, no right ------------------------------------------------------------------------------------------------


def test_a_step_that_finds_no_room_says_how_much_is_left_and_leaves_the_books_whole(books, home):
    """In a process of its own, whose files may not grow beyond what they are."""
    most = books.stat().st_size

    def no_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most // 8, most // 8))

    lines = [{"item": "BOLT", "quantity": 1, "note": "x" * 15_000}] * 40
    path = home / "big.json"
    path.write_text(json.dumps({"draft": {"customer": "ACME", "lines": lines}}), encoding="utf-8")
    before = dump(books)

    done = subprocess.run(
        [sys.executable, "-m", "o2c_tui.cli", "do", "save_order", f"@{path}"],
        cwd=ROOT, env={**os.environ, "O2C_HOME": str(home)}, capture_output=True, text=True, preexec_fn=no_room, timeout=60,
    )  # fmt: skip

    assert done.returncode == 3, done.stdout + done.stderr
    assert f"The disk of {books} failed or is full (" in done.stderr
    assert "MB free" in done.stderr
    assert dump(books) == before


def test_a_full_database_refuses_the_step_keeps_the_questions_and_goes_on_once_there_is_room(books):
    store = Store.open(str(books))
    pages = sqlite3.connect(books).execute("PRAGMA page_count").fetchone()[0]
    import sqlalchemy as sa

    @sa.event.listens_for(store.engine, "begin")
    def limit(connection: sa.Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + room}")

    from o2c_tui.queries.lists import page
    from tests.makers import TODAY, Desk, lines

    room = 0
    desk = Desk(store)
    from o2c_tui.services.drafting import DocumentDraft
    from o2c_tui.services.ordering import save_order

    before = dump(books)
    with pytest.raises(TroubleError, match="is full"):
        for _ in range(20):
            desk.do(save_order, DocumentDraft("ACME", lines(("BOLT", 1)), note="x" * 20_000))
            before = dump(books)
    assert dump(books) == before
    assert store.read_now(page, "customer", today=TODAY)
    room = 10_000
    desk.do(save_order, DocumentDraft("ACME", lines(("BOLT", 1)), note="x" * 20_000))
    desk.holds()
    store.close()


@pytest.fixture
def nobody(tmp_path):
    """An account without rights, for as long as a test runs (root may do anything)."""
    if os.geteuid() != 0:
        yield
        return
    place = tmp_path
    while place != place.parent and place.stat().st_mode & 0o011 != 0o011:
        place.chmod(place.stat().st_mode | 0o055)
        place = place.parent
    yield
    os.seteuid(0)


def become_nobody() -> None:
    if os.geteuid() == 0:
        os.seteuid(65534)


@pytest.mark.parametrize("what", ["file", "folder"])
def test_books_that_may_not_be_written_refuse_every_step_before_it_begins(o2c, books, home, nobody, what):
    before = dump(books)
    books.chmod(0o444)
    home.chmod(0o555 if what == "folder" else 0o777)
    become_nobody()
    try:
        said = o2c(*ITEM)
    finally:
        if os.getuid() == 0:
            os.seteuid(0)
        home.chmod(0o755)

    assert said.code == 3
    assert "cannot be written: file or folder is read-only for you" in said.err
    assert dump(books) == before


def test_books_that_may_not_be_read_are_named(o2c, books, home, nobody):
    books.chmod(0o000)
    home.chmod(0o777)
    become_nobody()
    try:
        said = o2c("list", "order")
    finally:
        if os.getuid() == 0:
            os.seteuid(0)

    assert said.code == 3
    assert f"You have no right to open {books}" in said.err


def test_files_beside_the_books_may_be_written_by_the_group_whatever_the_umask(o2c, home):
    old = os.umask(0o077)
    try:
        assert o2c("init", "Test").code == 0
    finally:
        os.umask(old)

    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in home.glob("books.sqlite*")}
    assert modes == dict.fromkeys(("books.sqlite", "books.sqlite.turn"), "0o660")


def test_busy_books_name_who_holds_them(o2c, books, monkeypatch):
    monkeypatch.setattr(turnstile, "LIMIT_SECONDS", 0.05)
    with Path(f"{books}.turn").open("w+") as side:
        side.write("4711 grace\n")
        side.flush()
        fcntl.flock(side, fcntl.LOCK_EX)

        said = o2c(*ITEM)

    assert said.code == 3
    assert "4711 grace is writing" in said.err
    assert o2c(*ITEM).code == 0


MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
server:/export /srv/shared nfs4 rw 0 0
//nas/books /srv/with\\040blank cifs rw 0 0
/dev/sdb1 /srv/shared/local ext4 rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/srv/shared/books.sqlite", "nfs4"), ("/srv/with blank/books.sqlite", "cifs"), ("/srv/shared/local/books.sqlite", ""),
     ("/srv/shared2/books.sqlite", ""), ("/home/books.sqlite", "")],
)  # fmt: skip
def test_books_on_a_network_disk_are_refused(tmp_path, path, kind):
    (tmp_path / "mounts").write_text(MOUNTS, encoding="utf-8")

    if not kind:
        refuse_network_disk(Path(path), tmp_path / "mounts")
        return
    with pytest.raises(TroubleError, match=f"network disk \\({kind}\\)"):
        refuse_network_disk(Path(path), tmp_path / "mounts")


# -- damage -----------------------------------------------------------------------------------------------------------


def test_what_is_no_database_is_refused_and_not_touched(o2c, home):
    for content in (b"hello " * 1000, b"SQLite format 3\0" + b"\xff" * 5000):
        (home / "books.sqlite").write_bytes(content)
        for words in (("list", "order"), ("verify",), ITEM, ("init", "Test"), ("backup",)):
            said = o2c(*words)
            assert said.code == 3, words
            assert str(home / "books.sqlite") in said.err
        assert (home / "books.sqlite").read_bytes() == content


def test_a_file_cut_off_is_found_and_a_backup_brings_it_back(o2c, books, home, tmp_path):
    assert o2c("backup", tmp_path / "good.sqlite").code == 0
    whole = books.read_bytes()
    books.write_bytes(whole[: len(whole) // 2])

    said = o2c("verify")
    assert said.code in (1, 3)
    assert "damaged" in said.err + said.out or "cannot be read" in said.out
    back = o2c("restore", tmp_path / "good.sqlite")

    assert back.code == 0, back.err
    assert "every promise holds" in back.out
    assert (home / "books-replaced-1.sqlite").read_bytes() == whole[: len(whole) // 2]
    assert o2c("verify").code == 0


def test_newer_books_are_refused_by_every_command_and_not_touched(o2c, books, tmp_path):
    with sqlite3.connect(books) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = books.read_bytes()

    for words in (("list", "order"), ITEM, ("verify",)):
        said = o2c(*words)
        assert said.code == 3
        assert "newer o2c" in said.err
    shutil.copy(books, tmp_path / "newer.sqlite")
    assert "newer o2c" in o2c("restore", tmp_path / "newer.sqlite").err
    assert books.read_bytes() == before


# -- the anchor -------------------------------------------------------------------------------------------------------


def anchored(home: Path) -> Path:
    (found,) = (home / "anchors").glob("*.anchor")
    return found


def lose_the_log(o2c, books: Path) -> None:
    """The newest invoice lies in the write-ahead log, and that is deleted."""
    held = holding(books)
    invoiced(o2c)
    log = books.with_name(books.name + "-wal")
    assert log.stat().st_size > 0
    shutil.copy(books, books.with_name("alone.sqlite"))
    held.close()
    for path in books.parent.glob("books.sqlite*"):
        path.unlink()
    books.with_name("alone.sqlite").replace(books)


def test_a_deleted_write_ahead_log_is_found_at_the_start_and_by_verify(o2c, books, home):
    step(o2c, "save_item", setup={"code": "FIRST", "name": "First"})
    lose_the_log(o2c, books)
    before = dump(books)

    step_said, look, proof = o2c(*ITEM), o2c("list", "order"), o2c("verify")

    for said in (step_said, look):
        assert "INV26-0001" in said.err
        assert "are missing in" in said.err
    assert (step_said.code, look.code, proof.code) == (3, 0, 1)
    assert "BREACH  nothing is missing that was written from here" in proof.out
    assert dump(books) == before  # no number is given a second time

    assert o2c("verify", "--settle").code == 0
    assert o2c(*ITEM).code == 0
    assert o2c("verify").code == 0


def test_an_older_copy_put_back_is_found(o2c, books, tmp_path):
    shutil.copy(books, tmp_path / "old.sqlite")
    invoiced(o2c)
    shutil.copy(tmp_path / "old.sqlite", books)

    said = o2c(*ITEM)

    assert said.code == 3
    assert "INV26-0001" in said.err


def test_the_last_audit_rows_cut_off_are_found(o2c, books):
    step(o2c, "save_item", setup={"code": "A", "name": "A"})
    step(o2c, "save_item", setup={"code": "B", "name": "B"})
    with sqlite3.connect(books) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        newest = connection.execute("SELECT max(id) FROM audit_entry").fetchone()[0]
        connection.execute("DELETE FROM audit_entry WHERE id = ?", (newest,))
        connection.execute("DELETE FROM item WHERE code = 'B'")
        connection.execute(
            "UPDATE audit_head SET seq = ?, hash = (SELECT hash FROM audit_entry WHERE id = ?)",
            (newest - 1, newest - 1),
        )
    connection.close()

    assert "1 entries that were written from here are missing" in o2c("list", "item").err
    proof = o2c("verify", "--json").data
    assert [check["name"] for check in proof["checks"] if check["breaches"]] == [
        "nothing is missing that was written from here"
    ]


def test_another_company_in_the_place_of_the_books_is_found(o2c, books, demo_beside):
    step(o2c, "save_item", setup={"code": "A", "name": "A"})
    shutil.copy(demo_beside, books)

    assert "holds other entries than were written from here" in o2c("list", "item").err


@pytest.fixture
def demo_beside(made_demo, tmp_path):
    """Another company's books."""
    shutil.copy(made_demo, tmp_path / "other.sqlite")
    return tmp_path / "other.sqlite"


def test_new_books_in_an_old_place_start_a_fresh_anchor(o2c, books):
    step(o2c, "save_item", setup={"code": "A", "name": "A"})
    for path in books.parent.glob("books.sqlite*"):
        path.unlink()

    assert o2c("init", "Another").code == 0
    assert o2c(*ITEM).code == 0
    assert o2c("verify").code == 0


def test_a_note_that_cannot_be_written_does_not_undo_the_step(o2c, books, home):
    (home / "anchors").write_text("in the way", encoding="utf-8")

    assert o2c(*ITEM).code == 0
    assert o2c("verify").code == 0


def test_an_anchor_that_grew_long_or_was_cut_off_keeps_its_end(o2c, books, home):
    from o2c_tui.storage.anchor import MOST_BYTES

    step(o2c, "save_item", setup={"code": "A", "name": "A"})
    path = anchored(home)
    line = path.read_bytes()
    path.write_bytes(b"12\tbroken\n" + line * (MOST_BYTES // len(line) + 10) + line[:20])

    assert o2c("verify").code == 0
    assert path.stat().st_size <= MOST_BYTES


# -- backup and restore -----------------------------------------------------------------------------------------------


def test_a_backup_is_whole_while_the_books_are_in_use_and_never_overwrites(o2c, books, home, tmp_path):
    held = holding(books)
    invoiced(o2c)

    said = o2c("backup", tmp_path / "copy.sqlite")
    again = o2c("backup", tmp_path / "copy.sqlite")
    beside = o2c("backup")

    held.close()
    assert (said.code, again.code, beside.code) == (0, 3, 0)
    assert "exists already" in again.err
    assert {key: rows for key, rows in dump(tmp_path / "copy.sqlite").items()} == dump(books)
    assert o2c("--database", tmp_path / "copy.sqlite", "verify").code == 0
    assert len(list(home.glob("books-2*.sqlite"))) == 1
    assert o2c("--database", tmp_path / "none.sqlite", "backup").code == 3


def test_a_backup_without_room_leaves_nothing_half(books, home, tmp_path):
    def no_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))

    done = subprocess.run(
        [sys.executable, "-m", "o2c_tui.cli", "backup", str(tmp_path / "b" / "copy.sqlite")],
        cwd=ROOT, env={**os.environ, "O2C_HOME": str(home)}, capture_output=True, text=True, preexec_fn=no_room, timeout=60,
    )  # fmt: skip

    assert done.returncode == 3
    assert "could not be written" in done.stderr
    assert list((tmp_path / "b").iterdir()) == []


def test_a_restore_keeps_what_it_replaces_and_names_what_is_later(o2c, books, home, tmp_path):
    step(o2c, "save_item", setup={"code": "A", "name": "A"})
    assert o2c("backup", tmp_path / "copy.sqlite").code == 0
    made = invoiced(o2c)
    later = dump(books)

    said = o2c("restore", tmp_path / "copy.sqlite")

    assert said.code == 0, said.err
    assert "Later than this backup" in said.err
    for kind in ("order", "delivery", "invoice"):
        assert made[kind]["number"] in said.err
    assert dump(home / "books-replaced-1.sqlite") == later
    assert dump(books) == dump(tmp_path / "copy.sqlite")
    assert o2c(*ITEM).code == 0


def test_a_restore_over_books_in_use_is_refused(o2c, books, tmp_path):
    assert o2c("backup", tmp_path / "copy.sqlite").code == 0
    before = dump(books)
    store = Store.open(str(books))
    from o2c_tui.queries.lookups import the_company

    store.read_now(lambda session: the_company(session).name)

    said = o2c("restore", tmp_path / "copy.sqlite")

    store.close()
    assert said.code == 3
    assert "Somebody has" in said.err
    assert dump(books) == before


@pytest.mark.parametrize("what", ["missing", "text", "cut", "itself"])
def test_what_is_no_sound_backup_is_not_brought_back(o2c, books, tmp_path, what):
    assert o2c("backup", tmp_path / "copy.sqlite").code == 0
    copy = tmp_path / "copy.sqlite"
    if what == "missing":
        copy.unlink()
    elif what == "text":
        copy.write_text("no books", encoding="utf-8")
    elif what == "cut":
        copy.write_bytes(copy.read_bytes()[:60_000])
    before = dump(books)

    said = o2c("restore", books if what == "itself" else copy)

    assert said.code == 3
    assert dump(books) == before


# -- PostgreSQL -------------------------------------------------------------------------------------------------------


def test_every_command_works_on_postgresql(o2c, home, postgres_url, monkeypatch, tmp_path):
    monkeypatch.setenv("O2C_DATABASE_URL", postgres_url)
    assert o2c("list", "order").code == 3
    assert o2c("--today", DAY, "demo", "--no-run", "--documents", "30").code == 0
    for kind in (
        "quotation",
        "order",
        "delivery",
        "invoice",
        "payment",
        "receipt",
        "customer",
        "supplier",
        "item",
        "stock",
    ):
        assert o2c("list", kind, "--json").code == 0
    for kind in ("aging", "stock", "margin"):
        assert o2c("report", kind, "--csv").code == 0
    number = o2c("list", "invoice", "--json").data[0]["number"]
    assert o2c("show", number).code == 0
    assert o2c("pdf", number, "-o", tmp_path / "in.pdf").code == 0
    (tmp_path / "c.csv").write_text("code,name,external_key\nNEWC,New,n1\n", encoding="utf-8")
    assert o2c("import", "customers", tmp_path / "c.csv", "--json").data["made"] == 1
    assert o2c("import", "customers", tmp_path / "c.csv", "--json").data["same"] == 1
    words = {"draft": {"customer": "NEWC", "amount": "10"}}
    assert step(o2c, "receive_payment", "--key", "k", **words) == step(o2c, "receive_payment", "--key", "k", **words)
    for name in ("a\0b", "a\ud800b"):
        assert o2c("do", "save_item", json.dumps({"setup": {"code": "X", "name": name}})).code == 1
    assert o2c("show", "\udcff").code == 1
    assert o2c("verify").code == 0
    for words in (("backup",), ("restore", str(tmp_path / "c.csv"))):
        said = o2c(*words)
        assert said.code == 3
        assert "pg_dump" in said.err


def test_a_server_that_does_not_answer_is_trouble(o2c):
    said = o2c("--database", "postgresql://ada:secret@127.0.0.1:9/books?connect_timeout=2", "list", "order")

    assert said.code == 3
    assert "does not answer" in said.err
    assert "secret" not in said.err
