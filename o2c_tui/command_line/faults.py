"""A refusal and a defect as they are said: in words, or in JSON for a script."""

import sys
from pathlib import Path
from typing import Any

from o2c_tui import config
from o2c_tui.command_line.output import print_json
from o2c_tui.errors import FileImportError, TradeError, UnseenWarningError
from o2c_tui.safe_text import shown
from o2c_tui.texts import _


def say_refusal(error: TradeError, *, as_json: bool) -> None:
    """A refusal with what belongs to it: the rows of a file at fault, the warnings to be accepted."""
    if as_json:
        told: dict[str, Any] = {"refused": error.said(), "rule": type(error).__name__, "field": error.field}
        if isinstance(error, FileImportError):
            told["rows"] = [
                {"file": row.file, "line": row.line, "column": row.column, "refused": row.error.said()}
                for row in error.rows
            ]
        if isinstance(error, UnseenWarningError):
            told["warnings"] = [{"code": notice.code, "text": notice.said()} for notice in error.notices]
        print_json(told)
        return
    print(shown(error.said(_)), file=sys.stderr)
    if isinstance(error, FileImportError):
        for row in error.rows:
            print("  " + shown(row.said(_)), file=sys.stderr)
    if isinstance(error, UnseenWarningError):
        codes = ",".join(notice.code for notice in error.notices)
        print(_("To go on all the same: --accept {codes}").format(codes=codes), file=sys.stderr)


def defect_logged(error: BaseException) -> str:
    """Write a defect into the log; the line that names it."""
    import logging
    import os
    import time
    from logging.handlers import RotatingFileHandler

    reference = f"{time.strftime('%y%m%d-%H%M%S')}-{os.getpid() % 10000:04d}"
    path = config.places().state / "o2c.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=500_000, backupCount=3, encoding="utf-8", errors="replace")
        log = logging.getLogger("o2c")
        log.addHandler(handler)
        log.error("defect %s", reference, exc_info=error)
        handler.close()
    except OSError:
        path = Path("-")
    line = _("The program met a defect ({kind}). Nothing half was written. Number to report: {reference}; see {path}")
    return line.format(kind=type(error).__name__, reference=reference, path=path)
