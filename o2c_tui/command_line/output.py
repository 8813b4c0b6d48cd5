"""JSON and CSV on standard output: whole for a script, harmless for a terminal."""

import json
import sys
from typing import Any

from o2c_tui.safe_text import escaped, shown


def print_json(value: Any) -> None:
    """JSON in plain signs; controls and what cannot be seen as escapes, which mean the same and drive no terminal."""
    print(as_json(value))


def as_json(value: Any) -> str:
    """A value as JSON, a row on each line; figures are text, so that no reader rounds them."""
    from o2c_tui.storage.plain import to_plain

    plain = json.dumps(to_plain(value), ensure_ascii=False, indent=1)
    return "\n".join(escaped(line) for line in plain.split("\n"))


def print_csv(text: str) -> None:
    """CSV as it is into a file or a pipe; on a terminal its controls become visible."""
    if sys.stdout.isatty():
        text = "\n".join(shown(line) for line in text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n"))
    out = getattr(sys.stdout, "buffer", None)
    if out is None:
        sys.stdout.write(text)
    else:
        out.write(text.encode("utf-8"))
