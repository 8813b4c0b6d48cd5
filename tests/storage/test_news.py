"""Whoever commits tells the others, and never waits or fails for it. docs/rules/storage.md, "News"."""

import os
import select
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from o2c_tui.errors import TradeError
from o2c_tui.services.drafting import DocumentDraft
from o2c_tui.services.keeping import keep_draft
from o2c_tui.services.quoting import save_quotation
from o2c_tui.storage import news
from o2c_tui.storage.store import Store
from tests.conftest import NOW, TODAY
from tests.makers import lines, make_books

ROOT = Path(__file__).parents[2]


def hears(listener, seconds=2.0):
    """Whether news come within some seconds."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if select.select([listener], [], [], left)[0] and listener.heard():
            return True
    return False


def falls_silent(listener):
    """Take all that is still on its way: a server brings news a moment after the commit."""
    while hears(listener, 0.5):
        pass


@pytest.fixture
def listener(store):
    found = news.listen(store.url)
    yield found
    found.close()


def test_a_commit_is_told_and_nothing_else_is(store, listener):
    desk = make_books(store)
    assert hears(listener)
    falls_silent(listener)
    draft = DocumentDraft("ACME", lines(("BOLT", 1)))

    assert store.preview_now(save_quotation, draft, by="ada", today=TODAY).refusal is None
    with pytest.raises(TradeError):
        desk.do(save_quotation, DocumentDraft("NOBODY", lines(("BOLT", 1))))
    store.write_now(keep_draft, "ada", "quotation", {}, now=NOW, accepted=None)
    assert not hears(listener, 0.3), "a preview, a refusal, or what only an editor keeps"

    desk.do(save_quotation, draft)
    assert hears(listener)
    falls_silent(listener)
    store.batch_now(lambda session: save_quotation(session, draft, by="ada", today=TODAY))
    assert hears(listener)


def test_nobody_is_told_what_they_did_themselves(store, listener):
    store.news.own = listener.name
    make_books(store)
    assert not hears(listener, 0.3)


def test_each_session_is_told(store, listener):
    other = news.listen(store.url)
    try:
        make_books(store)
        assert hears(listener) and hears(other)
    finally:
        other.close()


_LISTENS = "import sys, time; from o2c_tui.storage import news; kept = news.listen(sys.argv[1]); print('ready', flush=True); time.sleep(60)"


def _sockets(store):
    folder = Path(store.url.removeprefix("sqlite:///")).parent
    return sorted(path.name for path in folder.glob("*.live-*"))


def test_what_a_killed_session_left_is_removed_and_does_no_harm(sqlite_store):
    process = subprocess.Popen(
        [sys.executable, "-c", _LISTENS, sqlite_store.url], stdout=subprocess.PIPE, cwd=ROOT, text=True
    )
    assert process.stdout.readline() == "ready\n"
    assert len(_sockets(sqlite_store)) == 1
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    kept = news.listen(sqlite_store.url)
    try:
        make_books(sqlite_store)
        assert hears(kept)
        assert _sockets(sqlite_store) == [kept.name]
    finally:
        kept.close()
    assert _sockets(sqlite_store) == []


def test_a_session_that_does_not_listen_never_holds_up_a_commit(sqlite_store):
    kept = news.listen(sqlite_store.url)
    try:
        make_books(sqlite_store)
        begun, worked = time.monotonic(), time.process_time()
        for _n in range(2000):
            sqlite_store.news.after()
        assert time.process_time() - worked < 1
        assert time.monotonic() - begun < 30  # it waits for nobody; a busy machine may take its time
        assert hears(kept) and not hears(kept, 0.1)
    finally:
        kept.close()


def test_a_file_that_only_looks_like_a_socket_is_left_alone(sqlite_store):
    path = Path(sqlite_store.url.removeprefix("sqlite:///"))
    stranger = path.with_name(path.name + ".live-notes")
    stranger.write_text("mine")
    make_books(sqlite_store)
    assert stranger.read_text() == "mine"


def test_whoever_may_write_the_file_may_ring_and_nobody_else(sqlite_store):
    before = os.umask(0o077)
    try:
        kept = news.listen(sqlite_store.url)
    finally:
        os.umask(before)
    try:
        found = (kept.folder / kept.name).stat()
        assert stat.S_ISSOCK(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o660
        assert found.st_gid == Path(sqlite_store.url.removeprefix("sqlite:///")).stat().st_gid
    finally:
        kept.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="takes another account")
def test_clerks_with_accounts_of_their_own_tell_each_other(tmp_path):
    """Two accounts that share nothing but the group of the books."""
    group = 54321
    folder = tmp_path / "shared"
    folder.mkdir()
    os.chown(folder, -1, group)
    folder.chmod(0o2770)
    for parent in (tmp_path, *tmp_path.parents):
        if parent.is_relative_to(tempfile.gettempdir()) and not parent.stat().st_mode & 0o001:
            parent.chmod(parent.stat().st_mode | 0o011)
    url = f"sqlite:///{folder / 'books.sqlite'}"
    store = Store.open(url, clock=lambda: NOW, who="ada")
    make_books(store)
    for each in folder.iterdir():
        os.chown(each, 40001, group)
        each.chmod(0o660)
    said, says = os.pipe()

    def listens():
        kept = news.listen(url)
        os.write(says, b"r")
        os.write(says, b"y" if hears(kept, 5) else b"n")
        kept.close()

    one = _as_account(40001, group, listens)
    assert os.read(said, 1) == b"r"
    other = _as_account(40002, group, lambda: news.tell(folder / "books.sqlite"))
    assert os.waitpid(other, 0)[1] == 0
    assert os.read(said, 1) == b"y"
    assert os.waitpid(one, 0)[1] == 0
    store.close()


def _as_account(account, group, do):
    """Do something in a process of another account that is in the group; its process id."""
    pid = os.fork()
    if pid == 0:
        failed = 1
        try:
            os.setgroups([group])
            os.setgid(account)
            os.setuid(account)
            do()
            failed = 0
        finally:
            os._exit(failed)
    return pid


def test_books_in_a_deep_folder_are_told_too(tmp_path):
    folder = tmp_path / ("deep" * 20) / ("deeper" * 20)
    folder.mkdir(parents=True)
    store = Store.open(str(folder / "books.sqlite"), clock=lambda: NOW, who="ada")
    kept = news.listen(store.url)
    try:
        make_books(store)
        assert hears(kept)
    finally:
        kept.close()
        store.close()
    assert _sockets(store) == []


def test_listening_loads_nothing(sqlite_store):
    code = (
        "import sys, time, socket, select; import o2c_tui.screens.desk as desk; before = set(sys.modules); from o2c_tui.storage import news\n"
        "kept = news.listen(sys.argv[1]); kept.close(); print(sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, sqlite_store.url], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"
