"""`o2c export`: the journal for another program, on the screen or into a file."""

import argparse

from o2c_tui.command_line.books import open_books
from o2c_tui.command_line.exits import DONE
from o2c_tui.errors import BadValueError
from o2c_tui.safe_text import shown
from o2c_tui.texts import N_


def export_books(options: argparse.Namespace) -> int:
    """Write all journal entries in the format of hledger or beancount."""
    from o2c_tui.integrations.plain_books import ending, file_stem, plain_books
    from o2c_tui.queries.plain_books import books_of

    if options.first is not None and options.last is not None and options.first > options.last:
        raise BadValueError(N_("The first day lies after the last."), field="first")
    store = open_books(options, to_look=True)
    books = store.read_now(books_of, options.first, options.last)
    text = plain_books(books, options.form)
    if options.output is not None:
        from o2c_tui.documents.files import write_file

        path = write_file(text.encode(), file_stem(books), options.output, ending=ending(options.form))
        print(shown(str(path)))
    else:
        print(text, end="")
    return DONE
