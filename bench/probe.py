#!/usr/bin/env python3
"""tui_probe - measure any terminal program in a real pty.

    tui_probe.py --cols 120 --rows 40 --until TEXT --script FILE -- COMMAND ARGS
    tui_probe.py --until Ready --keys 'key down*50; key pagedown*20; type hello' \\
                 --idle 10 --runs 3 -- myapp --db demo.sqlite
    tui_probe.py --sessions 8 --until Ready --idle 10 -- myapp

What is measured (all times in ms, wall clock, from the probe's side of the pty):
  startup   exec -> first output byte, first non-blank paint, last output before the
            screen was stable (no output for --stable ms), --until TEXT on the screen
  keys      per key press: write -> first output byte, -> last byte of the burst (quiet for
            --quiet ms), bytes written to the terminal, the same bytes after ssh-style
            streaming zlib, CPU of the whole process tree
  memory    RSS / PSS / USS (private) of the whole process tree from smaps_rollup
  idle      CPU ms per idle second, bytes and wake-ups per idle second
  sessions  K copies at once: total and per-session PSS / USS, CPU to start, idle CPU

The probe answers terminal queries (DA1/2/3, DSR/CPR, DECRQM, XTVERSION, OSC 10/11/12/4 colours,
XTGETTCAP, DECRQSS, XTWINOPS, kitty keyboard) the way the chosen --profile would:
  xterm   classic xterm: knows the usual modes, no synchronised output, no kitty keyboard
  modern  xterm plus synchronised output (mode 2026), as current emulators have (default)
  kitty   modern plus an answer to the kitty keyboard query (keys are still sent legacy)
  silent  answers nothing (a dumb line; shows whether the program blocks on a query)

Script language (one command per line, or ';' separated in --keys; '#' starts a comment line):
  key NAME[*N] [NAME[*N] ...]   press keys one by one, each awaited (down, pagedown, ctrl+p,
                                alt+x, shift+tab, f5, enter, esc, space, a, ...)
  type TEXT                     type characters one by one, each awaited
  hold NAME*N [RATE]            auto-repeat: N presses at RATE/s (30) without waiting; measures
                                the lag after the last press, total bytes and CPU
  paste TEXT                    one bracketed paste (if the program enabled it)
  send HEX...                   raw bytes, e.g. 'send 1b5b41'
  wait TEXT [@SECONDS]          until TEXT is on the screen; time counted from the last input
  gone TEXT [@SECONDS]          until TEXT has left the screen
  stable [MS]                   until no output for MS
  sleep MS
  label NAME                    name for the steps that follow
  snapshot [NAME]               keep the screen text in the result
  mem [NAME]                    take a memory reading
  idle SECONDS [NAME]           idle measurement
  resize COLS ROWS
  quit NAME                     press a key and time the program's end
A JSON script is a list of such strings, or of ["key", "down*50"] pairs.

Needs: Linux and `pyte`. Only processes started by the probe are ever ended.
"""
from __future__ import annotations

import argparse
import atexit
import ctypes
import fcntl
import json
import os
import re
import select
import shlex
import signal
import statistics
import struct
import subprocess
import sys
import termios
import time
import zlib


import pyte  # noqa: E402

now = time.perf_counter

# --------------------------------------------------------------------------------------------
# keys

ESC = "\x1b"
_CURSOR = {"up": "A", "down": "B", "right": "C", "left": "D", "home": "H", "end": "F"}
_TILDE = {"insert": 2, "delete": 3, "pageup": 5, "pagedown": 6, "f5": 15, "f6": 17, "f7": 18,
          "f8": 19, "f9": 20, "f10": 21, "f11": 23, "f12": 24}
_SS3 = {"f1": "P", "f2": "Q", "f3": "R", "f4": "S"}
_PLAIN = {"enter": "\r", "return": "\r", "esc": ESC, "escape": ESC, "tab": "\t", "space": " ",
          "backspace": "\x7f", "backtab": ESC + "[Z", "semicolon": ";", "star": "*", "hash": "#"}
_ALIAS = {"pgdn": "pagedown", "pgup": "pageup", "del": "delete", "ins": "insert",
          "page_down": "pagedown", "page_up": "pageup", "bs": "backspace"}
_LINUX = {"home": ESC + "[1~", "end": ESC + "[4~", "f1": ESC + "[[A", "f2": ESC + "[[B",
          "f3": ESC + "[[C", "f4": ESC + "[[D", "f5": ESC + "[[E"}
_SCREEN = {"home": ESC + "[1~", "end": ESC + "[4~"}


def key_bytes(name: str, app_cursor: bool, term: str) -> bytes:
    raw = name
    mods, base = 0, name
    if "+" in name and len(name) > 1:
        *ms, base = name.split("+")
        for m in ms:
            mods |= {"shift": 1, "alt": 2, "meta": 2, "ctrl": 4, "control": 4}[m.lower()]
    low = _ALIAS.get(base.lower(), base.lower())
    if not mods:
        if term.startswith("linux") and low in _LINUX:
            return _LINUX[low].encode()
        if term.startswith(("screen", "tmux")) and low in _SCREEN:
            return _SCREEN[low].encode()
    if low in _CURSOR:
        if mods:
            return f"{ESC}[1;{mods + 1}{_CURSOR[low]}".encode()
        return f"{ESC}{'O' if app_cursor else '['}{_CURSOR[low]}".encode()
    if low in _TILDE:
        return f"{ESC}[{_TILDE[low]}{f';{mods + 1}' if mods else ''}~".encode()
    if low in _SS3:
        return (f"{ESC}[1;{mods + 1}{_SS3[low]}" if mods else f"{ESC}O{_SS3[low]}").encode()
    if low == "tab" and mods == 1:
        return b"\x1b[Z"
    if low in _PLAIN:
        text = _PLAIN[low]
        if mods & 4 and low == "space":
            text = "\0"
    elif len(base) == 1:
        text = base
        if mods & 4:
            text = chr(ord(base.upper()) & 0x1F)
        elif mods & 1:
            text = base.upper()
    else:
        raise SystemExit(f"tui_probe: unknown key {raw!r}")
    if mods & 2:
        text = ESC + text
    return text.encode()


# --------------------------------------------------------------------------------------------
# terminal: a pyte screen with the sequences pyte lacks

_SEQ = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"                       # CSI
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"            # OSC
    r"|\x1b[P_^X][^\x1b]*(?:\x1b(?!\\)[^\x1b]*)*\x1b\\"  # DCS APC PM SOS
    r"|\x1b[ -/]+[0-~]"                              # nF escapes
    r"|\x1b[0-OQ-WYZ`-~\\]")                         # Fe/Fs/Fp
_SGR = re.compile(r"\x1b\[[\d;:]*m")
_KEEP_CSI = re.compile(r"\x1b\[\??[\d;]*[@A-Za-z`]\Z")


class Stream(pyte.Stream):
    csi = {**pyte.Stream.csi, "S": "index_n", "T": "reverse_index_n", "b": "repeat_last",
           "s": "save_cursor", "u": "restore_cursor"}
    events = pyte.Stream.events | {"index_n", "reverse_index_n", "repeat_last"}


class Screen(pyte.Screen):
    last_char = " "

    def draw(self, data: str) -> None:
        if data:
            self.last_char = data[-1]
        super().draw(data)

    def repeat_last(self, count=1, **_):
        self.draw(self.last_char * min(count or 1, self.columns * self.lines))

    def _scroll(self, count, up):
        top, bottom = self.margins or (0, self.lines - 1)
        keep = (self.cursor.x, self.cursor.y)
        self.cursor.y, self.cursor.x = top, 0
        n = min(count or 1, bottom - top + 1)
        (self.delete_lines if up else self.insert_lines)(n)
        self.cursor.x, self.cursor.y = keep

    def index_n(self, count=1, **_):
        self._scroll(count, True)

    def reverse_index_n(self, count=1, **_):
        self._scroll(count, False)

    def set_mode(self, *modes, **kw):
        if kw.get("private") and (1049 in modes or 1047 in modes or 47 in modes):
            self.erase_in_display(2)
            self.cursor_position(1, 1)
        super().set_mode(*modes, **kw)

    def report_device_attributes(self, *a, **k):  # answered by the probe itself
        pass

    def report_device_status(self, *a, **k):
        pass

    def select_graphic_rendition(self, *attrs, **kw):
        kw.pop("private", None)
        super().select_graphic_rendition(*attrs)


class Terminal:
    def __init__(self, cols: int, rows: int):
        self.screen = Screen(cols, rows)
        self.stream = Stream(self.screen)
        self.stream.use_utf8 = False   # honour line-drawing charsets
        self.tail = ""
        self.decoder = __import__("codecs").getincrementaldecoder("utf-8")("replace")

    def feed(self, data: bytes) -> None:
        text = self.tail + self.decoder.decode(data)
        self.tail = ""
        cut = text.rfind(ESC)
        if cut != -1 and len(text) - cut < 65536 and not _SEQ.match(text, cut):
            if len(text) - cut == 1 or text[cut + 1] in "[]P_^X()*+-./ #%$&'!\"":
                self.tail, text = text[cut:], text[:cut]
        out, pos = [], 0
        for m in _SEQ.finditer(text):
            seq = m.group()
            if m.start() > pos:
                out.append(text[pos:m.start()])
            pos = m.end()
            kind = seq[1]
            if kind == "[":
                if _KEEP_CSI.match(seq) and not seq.endswith(("t", "c")):
                    if seq[2:3] == "?" and seq[-1] not in "hlJK":
                        continue
                    out.append(seq)
            elif kind in "]P_^X":
                continue
            elif kind in "()":
                out.append(seq if seq[2:] in ("0", "B", "U", "V") else "")
            elif kind in "78DEHMc":
                out.append(seq)
        out.append(text[pos:])
        try:
            self.stream.feed("".join(out))
        except Exception as error:  # a screen model fault must not end a measurement
            print(f"tui_probe: screen model: {error!r}", file=sys.stderr)
            self.stream = Stream(self.screen)
            self.stream.use_utf8 = False

    def nonblank(self) -> bool:
        for line in self.screen.buffer.values():
            for cell in line.values():
                if cell.data.strip():
                    return True
        return False

    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    def dump(self) -> str:
        return self.text().rstrip("\n") + "\n"


# --------------------------------------------------------------------------------------------
# process tree

def _children_map():
    kids, sess = {}, {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as f:
                    rest = f.read().rsplit(b")", 1)[1].split()
            except OSError:
                continue
            kids.setdefault(int(rest[1]), []).append(int(name))
            sess.setdefault(int(rest[3]), []).append(int(name))
    return kids, sess


def tree(root: int, tty: str | None = None) -> list[int]:
    """The process, its descendants, whatever shares its session, and whatever else reads from its
    pty (a fork server's child that was handed the terminal)."""
    kids, sess = _children_map()
    seen, todo = [], [root]
    while todo:
        pid = todo.pop()
        if pid in seen or pid == os.getpid():
            continue
        if os.path.exists(f"/proc/{pid}"):
            seen.append(pid)
        todo.extend(kids.get(pid, ()))
    for pid in sess.get(root, ()):
        if pid not in seen:
            seen.append(pid)
    if tty:
        for pids in kids.values():
            for pid in pids:
                try:
                    if pid not in seen and os.readlink(f"/proc/{pid}/fd/0") == tty:
                        seen.append(pid)
                except OSError:
                    pass
    return seen


def tree_memory(pids) -> dict:
    total = dict.fromkeys(("Rss", "Pss", "Pss_Anon", "Pss_File", "Private_Clean", "Private_Dirty"), 0)
    n = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/smaps_rollup") as f:
                lines = f.read().splitlines()[1:]
        except OSError:
            continue
        n += 1
        for line in lines:
            key, _, value = line.partition(":")
            if key in total:
                total[key] += int(value.split()[0])
    mib = {k: v / 1024 for k, v in total.items()}
    return {"processes": n, "rss_mib": round(mib["Rss"], 2), "pss_mib": round(mib["Pss"], 2),
            "uss_mib": round(mib["Private_Clean"] + mib["Private_Dirty"], 2),
            "pss_anon_mib": round(mib["Pss_Anon"], 2), "pss_file_mib": round(mib["Pss_File"], 2)}


def tree_cpu(pids) -> float:
    """CPU seconds of these processes so far, to the nanosecond (dead threads included)."""
    total = 0.0
    for pid in pids:
        try:
            total += time.clock_gettime(((~pid) << 3) | 2)
        except OSError:
            pass
    return total


def tree_wakeups(pids) -> int:
    total = 0
    for pid in pids:
        try:
            for tid in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{tid}/status") as f:
                    for line in f:
                        if line.startswith("voluntary_ctxt"):
                            total += int(line.split()[1])
        except OSError:
            pass
    return total


# --------------------------------------------------------------------------------------------
# session

_QUERY = re.compile(
    rb"\x1b\[(?P<da>[>=]?)0?c"
    rb"|\x1b\[(?P<dsr>\??)(?P<dsrn>[56])n"
    rb"|\x1b\[(?P<rqmp>\??)(?P<rqm>\d+)\$p"
    rb"|\x1b\[>0?(?P<xtv>q)"
    rb"|\x1b\[\?(?P<kitty>u)"
    rb"|\x1b\](?P<osc>10|11|12|4;\d+);\?(?:\x07|\x1b\\)"
    rb"|\x1bP\+q(?P<tcap>[0-9a-fA-F;]*)\x1b\\"
    rb"|\x1bP\$q(?P<rqss>[^\x1b]*)\x1b\\"
    rb"|\x1b\[(?P<win>14|16|18)t")
_KNOWN = {1, 3, 5, 6, 7, 8, 12, 25, 47, 66, 1000, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 1034,
          1047, 1048, 1049, 2004}
_MODE = re.compile(rb"\x1b\[\?([\d;]+)([hl])")

LIVE: dict[int, "Session"] = {}


class Session:
    def __init__(self, command, *, cols=120, rows=40, env=None, profile="modern", cwd=None):
        self.command, self.cols, self.rows = command, cols, rows
        self.profile, self.env = profile, env or dict(os.environ)
        self.term = self.env.get("TERM", "")
        self.terminal = Terminal(cols, rows)
        self.pending: list[tuple[float, bytes]] = []
        self.raw: list[tuple[float, bytes]] = []
        self.qtail = b""
        self.modes: set[int] = set()
        self.dead = False
        self.status = None
        self.queries: list[str] = []
        self.watch = []          # [predicate, time or None]
        self.last_output = self.last_input = None
        self.bytes = 0
        self.z = zlib.compressobj(6, zlib.DEFLATED, 15)
        self.first_output = None
        self.master, slave = os.openpty()
        self.winsize(cols, rows)
        name = self.tty = os.ttyname(slave)
        path = _which(command[0], self.env, cwd)
        back = None
        if cwd:
            back = os.getcwd()
            os.chdir(cwd)
        try:
            actions = [(os.POSIX_SPAWN_OPEN, 0, name, os.O_RDWR, 0),
                       (os.POSIX_SPAWN_DUP2, 0, 1), (os.POSIX_SPAWN_DUP2, 0, 2)]
            self.t0 = now()
            # setsid then opening the tty gives the child its controlling terminal
            self.pid = os.posix_spawn(path, command, self.env, file_actions=actions, setsid=True,
                                      setsigdef=[signal.SIGPIPE, signal.SIGINT])
        finally:
            if back:
                os.chdir(back)
        LIVE[self.pid] = self
        os.close(slave)
        os.set_blocking(self.master, False)
        self.poll = select.poll()
        self.poll.register(self.master, select.POLLIN)
        self.last_output = self.t0

    def winsize(self, cols, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    # -- output
    def read_some(self, timeout: float) -> bool:
        """Wait up to timeout s for output; take what is there. True if something came."""
        if self.dead:
            return False
        events = self.poll.poll(max(0, timeout * 1000))
        if not events:
            return False
        try:
            data = os.read(self.master, 65536)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            self.dead = True
            return False
        t = now()
        if self.first_output is None:
            self.first_output = t
        self.last_output = t
        self.bytes += len(data)
        self.raw.append((t, data))
        self.pending.append((t, data))
        self.answer(data)
        return True

    def drain(self) -> None:
        """Feed what was read to the screen model, checking the watched conditions chunk by chunk."""
        while self.pending:
            t, data = self.pending.pop(0)
            self.terminal.feed(data)
            for w in self.watch:
                if w[1] is None and w[0]():
                    w[1] = t
            if self.poll.poll(0):
                self.read_some(0)

    def pump(self, until, *, limit: float) -> str:
        """Read until `until()` says stop; 'ok', 'timeout' or 'exit'."""
        end = now() + limit
        while True:
            got = self.read_some(0.002)
            if not got and self.pending:
                self.drain()
            if until():
                return "ok"
            if self.dead:
                self.drain()
                return "ok" if until() else "exit"
            if now() > end:
                return "timeout"

    def quiet(self, ms: float, limit: float, since: float | None = None) -> str:
        base = since if since is not None else 0

        def done():
            return not self.pending and (now() - max(self.last_output, base)) * 1000 >= ms
        return self.pump(done, limit=limit)

    def write(self, data: bytes) -> None:
        self.last_input = now()
        while data:
            try:
                n = os.write(self.master, data)
            except BlockingIOError:
                select.select([], [self.master], [], 0.05)
                continue
            except OSError:
                self.dead = True
                return
            data = data[n:]

    # -- queries
    def answer(self, data: bytes) -> None:
        for m in _MODE.finditer(data):
            for mode in m.group(1).split(b";"):
                if mode:
                    (self.modes.add if m.group(2) == b"h" else self.modes.discard)(int(mode))
        buf = self.qtail + data
        last = 0
        for m in _QUERY.finditer(buf):
            last = m.end()
            self.queries.append(m.group().decode("latin-1").replace(ESC, "ESC "))
            reply = None if self.profile == "silent" else self.reply(m)
            if reply:
                try:
                    os.write(self.master, reply.encode())
                except OSError:
                    pass
        rest = buf[last:]
        cut = rest.rfind(b"\x1b")
        self.qtail = rest[cut:] if cut != -1 and len(rest) - cut < 256 and not \
            re.match(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[0-OQ-Z]", rest[cut:]) else b""
        if self.qtail and _QUERY.search(self.qtail):
            self.qtail = b""

    def reply(self, m) -> str | None:
        g = m.groupdict()
        if g["da"] is not None:
            return {b"": "\x1b[?64;1;2;6;9;15;16;17;18;21;22;28c", b">": "\x1b[>41;390;0c",
                    b"=": "\x1bP!|00000000\x1b\\"}[g["da"]]
        if g["dsrn"]:
            if g["dsrn"] == b"5":
                return "\x1b[0n"
            self.drain()
            c = self.terminal.screen.cursor
            return f"\x1b[{g['dsr'].decode()}{c.y + 1};{c.x + 1}R"
        if g["rqm"]:
            mode = int(g["rqm"])
            if not g["rqmp"]:
                return f"\x1b[{mode};0$y"
            if mode == 2026 and self.profile in ("modern", "kitty"):
                return "\x1b[?2026;2$y"
            if mode in _KNOWN:
                return f"\x1b[?{mode};{1 if mode in self.modes or mode in (7, 25) else 2}$y"
            return f"\x1b[?{mode};0$y"
        if g["xtv"]:
            return "\x1bP>|XTerm(390)\x1b\\"
        if g["kitty"]:
            return "\x1b[?0u" if self.profile == "kitty" else None
        if g["osc"]:
            which = g["osc"].decode()
            rgb = {"10": "d0d0/d0d0/d0d0", "11": "0000/0000/0000", "12": "ffff/ffff/ffff"}.get(which, "8080/8080/8080")
            return f"\x1b]{which};rgb:{rgb}\x1b\\"
        if g["tcap"] is not None:
            return "\x1bP0+r\x1b\\"
        if g["rqss"] is not None:
            return "\x1bP0$r\x1b\\"
        if g["win"]:
            return {b"18": f"\x1b[8;{self.rows};{self.cols}t", b"14": f"\x1b[4;{self.rows * 16};{self.cols * 8}t",
                    b"16": "\x1b[6;16;8t"}[g["win"]]
        return None

    # -- readings
    def tree(self):
        return tree(self.pid, self.tty)

    def cpu(self):
        return tree_cpu(self.tree())

    def shows(self, text: str) -> bool:
        return text in "\n".join(self.terminal.screen.display)

    def when(self, predicate, limit: float) -> tuple[str, float | None]:
        """Time of the output chunk that made predicate() true."""
        self.drain()
        if predicate():
            return "ok", self.last_output
        w = [predicate, None]
        self.watch.append(w)
        try:
            state = self.pump(lambda: w[1] is not None, limit=limit)
        finally:
            self.watch.remove(w)
        return state, w[1]

    def close(self, grace: float = 1.0) -> None:
        """End the program and everything it started, by pid."""
        LIVE.pop(self.pid, None)
        pids = self.tree()
        for sig, wait in ((signal.SIGHUP, 0.15), (signal.SIGTERM, grace), (signal.SIGKILL, 2.0)):
            alive = [p for p in set(pids) | set(self.tree()) if _alive(p)]
            if not alive:
                break
            for p in alive:
                try:
                    os.kill(p, sig)
                    if sig != signal.SIGKILL:
                        os.kill(p, signal.SIGCONT)
                except OSError:
                    pass
            end = now() + wait
            while now() < end and any(_alive(p) for p in alive):
                self._reap(alive)
                if not self.dead:
                    self.read_some(0.01)
                else:
                    time.sleep(0.01)
        self._reap(pids)
        try:
            os.close(self.master)
        except OSError:
            pass

    def _reap(self, pids):
        for p in pids:
            try:
                got, st = os.waitpid(p, os.WNOHANG)
                if got == self.pid:
                    self.status = st
            except OSError:
                pass


def _alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", "rb") as f:
            return f.read().rsplit(b")", 1)[1].split()[0] != b"Z"
    except OSError:
        return False


def _which(name, env, cwd):
    if "/" in name:
        return name
    for d in env.get("PATH", os.defpath).split(":"):
        p = os.path.join(d, name)
        if os.path.isfile(p) and os.access(p, os.X_OK):
            return p
    sys.exit(f"tui_probe: no command {name!r}")


@atexit.register
def _end_all():
    for s in list(LIVE.values()):
        s.close(0.2)


# --------------------------------------------------------------------------------------------
# statistics

def pct(values, p):
    v = sorted(values)
    if not v:
        return None
    k = (len(v) - 1) * p / 100
    lo = int(k)
    hi = min(lo + 1, len(v) - 1)
    return v[lo] + (v[hi] - v[lo]) * (k - lo)


def spread(values, digits=2):
    if not values:
        return None
    return {"p50": round(pct(values, 50), digits), "p95": round(pct(values, 95), digits),
            "max": round(max(values), digits), "mean": round(sum(values) / len(values), digits)}


def byte_kinds(data: bytes) -> dict:
    """Where the bytes go: colours, other control sequences, text."""
    text = data.decode("utf-8", "replace")
    sgr = sum(len(m) for m in _SGR.findall(text))
    seq = sum(len(m.group()) for m in _SEQ.finditer(text))
    return {"sgr": sgr, "other_ctl": seq - sgr, "text": max(0, len(data) - seq)}


# --------------------------------------------------------------------------------------------
# script

def parse_script(text: str) -> list[str]:
    text = text.strip()
    if text.startswith("["):
        return [s if isinstance(s, str) else " ".join(str(x) for x in s) for s in json.loads(text)]
    out = []
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            out.append(line.strip("\n").lstrip())
    return out


def expand_keys(arg: str):
    for word in arg.split():
        name, star, n = word.rpartition("*")
        if star and n.isdigit() and name:
            for _ in range(int(n)):
                yield name
        else:
            yield word


class Runner:
    def __init__(self, session: Session, opts):
        self.s, self.o = session, opts
        self.steps, self.snapshots, self.memory = [], {}, {}
        self.label = None
        self.notes = []

    def press(self, data: bytes, samples: dict) -> None:
        s, o = self.s, self.o
        mark = len(s.raw)
        pids = s.tree() if not samples["pids"] else samples["pids"]
        samples["pids"] = pids
        c0 = tree_cpu(pids)
        t = now()
        s.write(data)
        limit = o.key_timeout / 1000
        # wait for the first byte, then for quiet
        while len(s.raw) == mark and not s.dead and now() - t < limit:
            s.read_some(min(0.05, limit))
        if len(s.raw) > mark:
            s.quiet(o.quiet, o.burst_limit / 1000)
        else:
            s.drain()
        chunks = s.raw[mark:]
        samples["cpu"].append((tree_cpu(pids) - c0) * 1000)
        burst = b"".join(c for _, c in chunks)
        samples["raw"].append(burst)
        samples["bytes"].append(len(burst))
        samples["z"].append(len(s.z.compress(burst)) + len(s.z.flush(zlib.Z_SYNC_FLUSH)) if burst else 0)
        if chunks:
            samples["first"].append((chunks[0][0] - t) * 1000)
            samples["last"].append((chunks[-1][0] - t) * 1000)
        else:
            samples["silent"] += 1

    def keys(self, op: str, arg: str, items) -> None:
        s = self.s
        samples = {"first": [], "last": [], "bytes": [], "cpu": [], "z": [], "raw": [], "silent": 0, "pids": None}
        # bring the streaming compressor up to date with what came before
        s.z.compress(b"".join(c for _, c in s.raw[-200:]))
        s.z.flush(zlib.Z_SYNC_FLUSH)
        for item in items:
            if s.dead:
                self.notes.append(f"program ended during: {op} {arg}")
                break
            self.press(item, samples)
        step = {"label": self.label or f"{op} {arg}", "op": op, "n": len(samples["bytes"]),
                "first_ms": spread(samples["first"]), "last_ms": spread(samples["last"]),
                "bytes": spread(samples["bytes"], 0), "bytes_total": sum(samples["bytes"]),
                "zlib_bytes": spread(samples["z"], 0), "cpu_ms": spread(samples["cpu"]),
                "no_output": samples["silent"], "byte_kinds": byte_kinds(b"".join(samples["raw"]))}
        if self.o.detail:
            step["samples"] = {k: [round(x, 3) for x in samples[k]] for k in ("first", "last", "bytes", "cpu")}
        self.steps.append(step)

    def run(self, line: str) -> None:
        s, o = self.s, self.o
        op, _, arg = line.partition(" ")
        term = s.term
        if op == "key":
            self.keys(op, arg, (key_bytes(k, 1 in s.modes, term) for k in expand_keys(arg)))
        elif op == "type":
            self.keys(op, arg, (c.encode() for c in arg))
        elif op == "send":
            self.keys(op, arg, [bytes.fromhex(arg)])
        elif op == "paste":
            data = arg.encode()
            self.keys(op, arg[:20], [b"\x1b[200~" + data + b"\x1b[201~" if 2004 in s.modes else data])
        elif op == "hold":
            words = arg.split()
            rate = float(words[1]) if len(words) > 1 else 30.0
            names = list(expand_keys(words[0]))
            pids = s.tree()
            mark, c0, start = len(s.raw), tree_cpu(pids), now()
            for i, k in enumerate(names):
                due = start + i / rate
                while now() < due:
                    if not s.read_some(min(0.002, max(0, due - now()))) and s.pending and due - now() > 0.004:
                        s.drain()
                s.write(key_bytes(k, 1 in s.modes, term))
            t_last = now()
            s.quiet(max(o.quiet, 120), o.burst_limit / 1000, since=t_last)
            chunks = s.raw[mark:]
            n = sum(len(c) for _, c in chunks)
            self.steps.append({
                "label": self.label or line, "op": op, "n": len(names), "rate": rate,
                "lag_after_last_ms": round((chunks[-1][0] - t_last) * 1000, 2) if chunks else None,
                "bytes_total": n, "bytes_per_key": round(n / len(names)),
                "cpu_ms_per_key": round((tree_cpu(pids) - c0) * 1000 / len(names), 2),
                "byte_kinds": byte_kinds(b"".join(c for _, c in chunks))})
        elif op in ("wait", "gone"):
            text, _, sec = arg.rpartition(" @") if re.search(r" @[\d.]+$", arg) else (arg, "", "")
            limit = float(sec) if sec else o.timeout
            base = s.last_input or s.t0
            state, t = s.when((lambda: s.shows(text)) if op == "wait" else (lambda: not s.shows(text)), limit)
            self.steps.append({"label": self.label or line, "op": op, "state": state,
                               "ms": round((t - base) * 1000, 2) if t else None})
            if state != "ok":
                self.notes.append(f"{op} {text!r}: {state}")
        elif op == "stable":
            ms = float(arg or o.stable)      # a blinking cursor never lets the screen rest: give up after 3 s
            s.quiet(ms, ms / 1000 + 3, since=now())
        elif op == "sleep":
            end = now() + float(arg) / 1000
            s.pump(lambda: now() >= end, limit=float(arg) / 1000 + 1)
        elif op == "label":
            self.label = arg or None
        elif op == "snapshot":
            s.drain()
            self.snapshots[arg or f"snapshot{len(self.snapshots) + 1}"] = s.terminal.text().rstrip().split("\n")
        elif op == "mem":
            self.memory[arg or f"mem{len(self.memory) + 1}"] = tree_memory(s.tree())
        elif op == "idle":
            sec, _, name = arg.partition(" ")
            self.steps.append({"label": name or "idle", "op": "idle", **idle([s], float(sec))})
        elif op == "quit":
            t = now()
            s.write(key_bytes(arg, 1 in s.modes, term))
            end = None
            while end is None and now() - t < o.timeout:
                s.read_some(0.002)
                s._reap([s.pid])
                if s.status is not None or not _alive(s.pid):
                    end = now()
            self.steps.append({"label": self.label or line, "op": op, "ms": round((end - t) * 1000, 2) if end else None,
                               "exit_status": os.waitstatus_to_exitcode(s.status) if s.status is not None else None})
        elif op == "resize":
            cols, rows = map(int, arg.split())
            s.cols, s.rows = cols, rows
            s.terminal.screen.resize(rows, cols)
            mark, t = len(s.raw), now()
            s.winsize(cols, rows)
            s.quiet(self.o.quiet * 2, o.timeout, since=t)
            chunks = s.raw[mark:]
            self.steps.append({"label": self.label or line, "op": op,
                               "last_ms": round((chunks[-1][0] - t) * 1000, 2) if chunks else None,
                               "bytes_total": sum(len(c) for _, c in chunks)})
        else:
            raise SystemExit(f"tui_probe: unknown command {op!r}")


def idle(sessions, seconds: float) -> dict:
    pids = [p for s in sessions for p in s.tree()]
    c0, w0, b0, t0 = tree_cpu(pids), tree_wakeups(pids), sum(s.bytes for s in sessions), now()
    end = t0 + seconds
    while now() < end:
        if len(sessions) == 1:
            sessions[0].read_some(min(0.25, end - now()))
        else:
            fds = {s.master: s for s in sessions if not s.dead}
            for fd in select.select(list(fds), [], [], min(0.25, max(0, end - now())))[0]:
                fds[fd].read_some(0)
    dt = now() - t0
    out = {"seconds": round(dt, 2), "cpu_ms_per_s": round((tree_cpu(pids) - c0) * 1000 / dt, 3),
           "wakeups_per_s": round((tree_wakeups(pids) - w0) / dt, 2),
           "bytes_per_s": round((sum(s.bytes for s in sessions) - b0) / dt, 1)}
    for s in sessions:
        s.drain()
    return out


def start_one(opts, env) -> Session:
    return Session(opts.command, cols=opts.cols, rows=opts.rows, env=env, profile=opts.profile, cwd=opts.cwd)


def startup(s: Session, opts) -> dict:
    """Wait for first paint, --until and a stable screen."""
    paint = [s.terminal.nonblank, None]
    s.watch.append(paint)
    until = None
    if opts.until:
        until = [lambda: s.shows(opts.until), None]
        s.watch.append(until)

    def done():
        if s.pending or s.first_output is None:
            return False
        if until and until[1] is None:
            return False
        return (now() - s.last_output) * 1000 >= opts.stable
    state = s.pump(done, limit=opts.timeout)
    s.watch.clear()
    ms = lambda t: None if t is None else round((t - s.t0) * 1000, 1)  # noqa: E731
    return {"state": state, "first_byte_ms": ms(s.first_output), "first_paint_ms": ms(paint[1]),
            "until_ms": ms(until[1]) if until else None, "stable_ms": ms(s.last_output),
            "bytes": s.bytes, "cpu_ms": round(s.cpu() * 1000, 1)}


def one_run(opts, env) -> dict:
    s = start_one(opts, env)
    try:
        result = {"startup": startup(s, opts)}
        if opts.settle:
            s.quiet(opts.settle, opts.settle / 1000 + 3, since=now())
        result["memory_start"] = tree_memory(s.tree())
        if opts.idle:
            result["idle"] = idle([s], opts.idle)
        runner = Runner(s, opts)
        for line in opts.lines:
            runner.run(line)
        s.drain()
        if opts.lines:
            result["steps"] = runner.steps
            result["memory_end"] = tree_memory(s.tree())
        result["cpu_total_ms"] = round(s.cpu() * 1000, 1)
        result["bytes_total"] = s.bytes
        result["byte_kinds"] = byte_kinds(b"".join(c for _, c in s.raw))
        if runner.memory:
            result["memory"] = runner.memory
        if runner.snapshots:
            result["snapshots"] = runner.snapshots
        result["queries"] = sorted(set(s.queries))
        result["sync_frames"] = b"".join(c for _, c in s.raw).count(b"\x1b[?2026h")
        if s.dead and not any(x["op"] == "quit" for x in runner.steps):
            s._reap([s.pid])
            end = "" if s.status is None else f" (exit status {os.waitstatus_to_exitcode(s.status)})"
            runner.notes.append("the program had ended before the probe ended it" + end)
        if runner.notes:
            result["notes"] = runner.notes
        if opts.dump:
            with open(opts.dump, "w") as f:
                f.write(s.terminal.dump())
        if opts.raw:
            with open(opts.raw, "wb") as f:
                f.write(b"".join(c for _, c in s.raw))
        return result
    finally:
        s.close()


def many_sessions(opts, env) -> dict:
    sessions, t0 = [], now()
    try:
        for i in range(opts.sessions):
            sessions.append(start_one(opts, env))
            if opts.stagger:
                end = now() + opts.stagger / 1000
                while now() < end:
                    for s in sessions:
                        s.read_some(0.001)
        ready = {}
        limit = now() + opts.timeout
        while len(ready) < len(sessions) and now() < limit:
            fds = {s.master: s for s in sessions if not s.dead}
            if not fds:
                break
            for fd in select.select(list(fds), [], [], 0.01)[0]:
                fds[fd].read_some(0)
            for s in sessions:
                if s.pid in ready or s.first_output is None:
                    continue
                if (now() - s.last_output) * 1000 < 60:
                    continue
                s.drain()
                if (s.shows(opts.until) if opts.until
                        else (now() - s.last_output) * 1000 >= opts.stable):
                    ready[s.pid] = s.last_output
        for s in sessions:
            s.quiet(opts.stable, opts.timeout)
        pids = [p for s in sessions for p in s.tree()]
        mem = tree_memory(pids + opts.also)
        k = len(sessions)
        times = [(ready[s.pid] - s.t0) * 1000 for s in sessions if s.pid in ready]
        out = {"sessions": k, "ready": len(ready), "ready_ms": spread(times, 1),
               "all_ready_ms": round((max(ready.values()) - t0) * 1000, 1) if ready else None,
               "cpu_start_ms_per_session": round(tree_cpu(pids) * 1000 / k, 1), "memory_total": mem,
               "pss_per_session_mib": round(mem["pss_mib"] / k, 2),
               "uss_per_session_mib": round(mem["uss_mib"] / k, 2)}
        if opts.idle:
            out["idle"] = idle(sessions, opts.idle)
        return out
    finally:
        for s in sessions:
            s.close(0.3)


def median_of(runs):
    """Median of every number, at the same place in each run."""
    first = runs[0]
    if isinstance(first, dict):
        return {k: median_of([r[k] for r in runs if isinstance(r, dict) and k in r]) for k in first
                if k not in ("snapshots", "samples")}
    if isinstance(first, list):
        if all(isinstance(r, list) and len(r) == len(first) for r in runs):
            return [median_of([r[i] for r in runs]) for i in range(len(first))]
        return first
    nums = [r for r in runs if isinstance(r, (int, float)) and not isinstance(r, bool)]
    if nums and len(nums) * 2 > len(runs):
        return round(statistics.median(nums), 3)
    return first


def build_env(opts) -> dict:
    env = {} if opts.clean_env else dict(os.environ)
    # what the caller's shell may carry and would distort a measurement
    for k in ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "COLORTERM",
              "TMUX", "STY", "TERM_PROGRAM", "COLUMNS", "LINES", "VIRTUAL_ENV", "NO_COLOR"):
        env.pop(k, None)
    env.setdefault("PATH", os.environ.get("PATH", os.defpath))
    env.setdefault("HOME", os.environ.get("HOME", "/"))
    env.setdefault("LANG", "C.UTF-8")
    env["TERM"] = opts.term
    if opts.colorterm:
        env["COLORTERM"] = opts.colorterm
    for item in opts.env:
        k, eq, v = item.partition("=")
        if eq:
            env[k] = v
        else:
            env.pop(k, None)
    return env


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--cols", type=int, default=120)
    p.add_argument("--rows", type=int, default=40)
    p.add_argument("--term", default="xterm-256color")
    p.add_argument("--colorterm", default="truecolor", help="COLORTERM; '' leaves it unset (default truecolor)")
    p.add_argument("--profile", choices=("xterm", "modern", "kitty", "silent"), default="modern")
    p.add_argument("--env", action="append", default=[], metavar="K=V", help="set K=V, or unset K; repeatable")
    p.add_argument("--clean-env", action="store_true", help="start from an empty environment")
    p.add_argument("--cwd")
    p.add_argument("--until", metavar="TEXT", help="startup ends when TEXT is on the screen")
    p.add_argument("--stable", type=float, default=250, help="ms without output that mean a stable screen")
    p.add_argument("--settle", type=float, default=0, help="extra quiet ms before memory, idle and script")
    p.add_argument("--quiet", type=float, default=60, help="ms without output that end a key's burst")
    p.add_argument("--key-timeout", type=float, default=500, help="ms to wait for any output after a key")
    p.add_argument("--burst-limit", type=float, default=15000, help="ms after which a burst is cut off")
    p.add_argument("--timeout", type=float, default=60, help="s for startup and for 'wait'")
    p.add_argument("--script", help="file with the script (text or JSON)")
    p.add_argument("--keys", help="script given inline, ';' separated")
    p.add_argument("--idle", type=float, default=0, help="idle seconds to measure after startup")
    p.add_argument("--runs", type=int, default=1, help="whole runs; medians are reported")
    p.add_argument("--sessions", type=int, default=0, help="start K copies at once instead of one")
    p.add_argument("--stagger", type=float, default=0, help="ms between the starts of --sessions")
    p.add_argument("--also", type=int, action="append", default=[], metavar="PID",
                   help="count this process's memory with --sessions too (a fork server); it is never ended")
    p.add_argument("--all-runs", action="store_true", help="also print every single run")
    p.add_argument("--detail", action="store_true", help="every single sample of every key")
    p.add_argument("--dump", metavar="FILE", help="final screen as text ('/dev/stderr' to look)")
    p.add_argument("--raw", metavar="FILE", help="raw output bytes")
    p.add_argument("--out", metavar="FILE", help="JSON there instead of stdout")
    p.add_argument("--name", help="a name to carry in the result")
    p.add_argument("command", nargs=argparse.REMAINDER)
    opts = p.parse_args()
    if opts.command[:1] == ["--"]:
        opts.command = opts.command[1:]
    if not opts.command:
        p.error("no command")
    opts.lines = []
    if opts.script:
        with open(opts.script) as f:
            opts.lines += parse_script(f.read())
    if opts.keys:
        opts.lines += [x.strip() if not x.strip().startswith("type ") else x.lstrip()
                       for x in opts.keys.split(";") if x.strip()]
    for sig in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(sig, lambda *_: sys.exit(130))
    try:  # orphans of the program come to the probe, so that it can end them
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
    except Exception:
        pass
    env = build_env(opts)
    work = many_sessions if opts.sessions else one_run
    runs = [work(opts, env) for _ in range(max(1, opts.runs))]
    result = {"name": opts.name or shlex.join(opts.command), "cols": opts.cols, "rows": opts.rows,
              "term": opts.term, "colorterm": opts.colorterm, "profile": opts.profile, "runs": len(runs)}
    if len(runs) == 1:
        result.update(runs[0])
    else:
        result["median"] = median_of(runs)
        if opts.all_runs:
            result["all_runs"] = runs
        snaps = runs[-1].get("snapshots")
        if snaps:
            result["snapshots"] = snaps
    text = json.dumps(result, indent=1)
    if opts.out:
        with open(opts.out, "w") as f:
            f.write(text + "\n")
    else:
        print(text)


if __name__ == "__main__":
    main()
