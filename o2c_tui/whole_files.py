"""Files written whole or not at all: beside their place first, on the disk for good, then put in it."""

import contextlib
import os
import threading
from pathlib import Path


def write_whole(target: Path, data: bytes) -> None:
    """Write a file; its folder is made where there is none. Two may write it at once: one of them stands then, whole.

    A device or a pipe (`/dev/stdout`) is written into as it is.

    Raises:
        OSError: it cannot be written; what was there before is still there.
    """
    if target.is_symlink():
        target = target.resolve()  # what it points to is written anew, not the pointer
    if target.exists() and not target.is_file() and not target.is_dir():  # a device or a pipe is not to be put aside
        target.write_bytes(data)
        return
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
