"""Files written whole or not at all: beside their place first, on the disk for good, then put in it."""

import contextlib
import os
import threading
from pathlib import Path


def write_whole(target: Path, data: bytes) -> None:
    """Write a file; its folder is made where there is none. Two may write it at once: one of them stands then, whole.

    Raises:
        OSError: it cannot be written; what was there before is still there.
    """
    half = target.with_name(f"{target.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with half.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        half.replace(target)
    except OSError:
        with contextlib.suppress(OSError):
            half.unlink(missing_ok=True)
        raise
