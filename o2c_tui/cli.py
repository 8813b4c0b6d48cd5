"""The command line: the same verbs and questions as the screens, for scripts and for people.

Exit codes: 0 done; 1 refused (also a breach that verify found); 2 wrong usage; 3 trouble (disk, database, defect).
Textual is never loaded here, and nothing heavy before it is needed: bare `o2c` hands over to the app at once.
"""

import sys
from collections.abc import Sequence

from o2c_tui import texts
from o2c_tui.command_line.exits import DONE, REFUSED, TROUBLE, USAGE
from o2c_tui.command_line.faults import defect_logged, say_refusal
from o2c_tui.command_line.parser import parser
from o2c_tui.errors import TradeError, TroubleError
from o2c_tui.safe_text import shown
from o2c_tui.texts import _


def main(argv: Sequence[str] | None = None) -> int:
    """The command `o2c`; returns its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    _write_anything()
    texts.use(_language_of(words))
    try:
        options = parser(words).parse_args(words)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else USAGE
    try:
        code: int = options.run(options)
        if sys.stdout is not None:  # none where it was closed, as cron may
            sys.stdout.flush()
        return code
    except TradeError as error:
        say_refusal(error, as_json=getattr(options, "json", False))
        return REFUSED
    except TroubleError as error:
        print(shown(error.said(_)), file=sys.stderr)
        return TROUBLE
    except BrokenPipeError:
        sys.stderr.close()
        return DONE
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        place = error.filename if error.filename is not None else "-"
        line = _("{path} cannot be used: {why}.").format(path=place, why=error.strerror or error)
        print(shown(line), file=sys.stderr)
        return TROUBLE
    except Exception as error:
        print(defect_logged(error), file=sys.stderr)
        return TROUBLE
    finally:
        if (store := getattr(options, "store", None)) is not None:
            store.close()  # the last one out writes the log into the file


def entry() -> None:
    """For `python -m o2c_tui.cli`."""
    sys.exit(main())


def _language_of(words: Sequence[str]) -> str:
    """The language asked for, before the parser is built, since its help speaks it too."""
    for n, word in enumerate(words):
        told = (
            word.partition("=")[2] if word.startswith("--lang=") else words[n + 1 : n + 2] if word == "--lang" else ""
        )
        told = told[0] if isinstance(told, list) and told else told
        if told in texts.LANGUAGES:
            return str(told)
    return texts.of_environment()


def _write_anything() -> None:
    """Signs that the terminal's encoding lacks are written as escapes; a list must not fail half way."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    entry()
