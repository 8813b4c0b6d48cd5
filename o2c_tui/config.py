"""Where the books are, and who sits at the keyboard: a small TOML file, the environment, the login account.

Nothing heavy is imported here. Order: the command line, `O2C_DATABASE_URL`, the file, the default place.
"""

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from o2c_tui.errors import TroubleError
from o2c_tui.texts import N_


@dataclass(frozen=True)
class Places:
    """The folders of this program for this account."""

    config: Path
    data: Path
    state: Path


def places() -> Places:
    """The folders by the platform's custom; `O2C_HOME` puts them all below one."""
    home = os.environ.get("O2C_HOME")
    if home:
        return Places(Path(home), Path(home), Path(home))
    import platformdirs

    return Places(
        Path(platformdirs.user_config_dir("o2c")),
        Path(platformdirs.user_data_dir("o2c")),
        Path(platformdirs.user_state_dir("o2c")),
    )


@dataclass(frozen=True)
class Config:
    """What the configuration file may say."""

    database: str = ""
    export: str = ""  # folder for PDFs and CSVs
    labels: str = ""  # what labels are printed on: 3x8 on a sheet, or 62x29mm each
    mail_password: str = ""  # of the login at the mail server
    mail_ca: str = ""  # a file of certificates that the mail server's is checked against; else the system's


KEYS = ("database", "export", "labels", "mail_password", "mail_ca")


def read_config() -> Config:
    """The configuration file; an absent one says nothing.

    Raises:
        TroubleError: it is no TOML.
    """
    path = places().config / "o2c.toml"
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Config()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        why = getattr(error, "strerror", None) or error
        raise TroubleError(N_("The configuration {path} cannot be read: {why}."), path=path, why=why) from error
    for name, value in told.items():
        if name not in KEYS or not isinstance(value, str):
            raise TroubleError(
                N_("The configuration {path}: '{name}' is not understood. It takes as text: {names}."),
                path=path,
                name=name,
                names=", ".join(KEYS),
            )
    return Config(**told)


def database(given: str | None = None) -> str:
    """Where the books are, as a path or URL."""
    return given or os.environ.get("O2C_DATABASE_URL") or read_config().database or str(places().data / "books.sqlite")


def export_folder() -> Path:
    """Where files for people go."""
    named = read_config().export
    return Path(named).expanduser() if named else places().data / "export"


def mail_password() -> str:
    """The password of the mail server's login: `O2C_SMTP_PASSWORD`, else the configuration file; never the books.

    Raises:
        TroubleError: others may read the file in which it stands.
    """
    told = os.environ.get("O2C_SMTP_PASSWORD")
    if told is not None:
        return told
    password = read_config().mail_password
    path = places().config / "o2c.toml"
    if password and os.name == "posix" and path.stat().st_mode & 0o077:
        raise TroubleError(
            N_("{path} holds the mail password and others may read it. Run: chmod 600 {path}"), path=path
        )
    return password


def mail_ca() -> str:
    """A file of certificates that the mail server's is checked against; empty: those of the system."""
    named = read_config().mail_ca
    return str(Path(named).expanduser()) if named else ""


def login_name() -> str:
    """The login account of the machine; never an environment variable, which anybody can set."""
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):
        import getpass

        return getpass.getuser()
