"""A verb called with JSON words: documents by their numbers, lines by their positions, figures as text.

The same verb, the same checks; nothing here decides anything of the trade.
"""

import inspect
import typing
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlmodel import Session

from o2c_tui.errors import BadValueError, MissingValueError
from o2c_tui.queries.documents import document, document_by_number
from o2c_tui.storage.plain import from_plain
from o2c_tui.texts import N_

_GIVEN = ("session", "by", "today", "now")  # what the caller adds


def parameters_of(verb: Callable[..., Any]) -> dict[str, tuple[Any, bool]]:
    """The words a verb takes: name → (type, must be given)."""
    hints = typing.get_type_hints(verb)
    return {
        name: (hints.get(name, Any), parameter.default is inspect.Parameter.empty)
        for name, parameter in inspect.signature(verb).parameters.items()
        if name not in _GIVEN
    }


def arguments(session: Session, verb: Callable[..., Any], words: Mapping[str, Any]) -> dict[str, Any]:
    """JSON words as a verb's arguments.

    `…_id` takes a number as people read it ("SO26-0001") or the key; `quantities` goes by the document's line positions.

    Raises:
        BadValueError: a word the verb does not take, or a value of the wrong kind. MissingValueError: one is missing.
        NotFoundError: no document has the number.
    """
    known = parameters_of(verb)
    for name in words:
        if name not in known:
            raise BadValueError(
                N_("There is no '{name}' here. It takes: {names}."), field=name, name=name, names=", ".join(known)
            )
    for name, (_, must) in known.items():
        if must and name not in words:
            raise MissingValueError(N_("'{name}' is missing."), field=name, name=name)
    made: dict[str, Any] = {}
    subject: tuple[str, int] | None = None
    for name, value in words.items():
        if name.endswith("_id") and isinstance(value, str):
            subject = document_by_number(session, value)
            made[name] = subject[1]
        elif name.endswith("_ids") and isinstance(value, list):
            found = [document_by_number(session, v) if isinstance(v, str) else ("", v) for v in value]
            made[name] = [key for _, key in found]
            subject = found[0] if len(found) == 1 and found[0][0] else None
        elif name == "quantities" or value is None:
            made[name] = value
        else:
            try:
                made[name] = from_plain(known[name][0], value)
            except (TypeError, ValueError, KeyError, AttributeError, InvalidOperation) as error:
                raise BadValueError(
                    N_("'{name}' cannot be read: {why}."), field=name, name=name, why=str(error) or type(error).__name__
                ) from error
    if made.get("quantities") is not None:
        made["quantities"] = _by_position(session, made["quantities"], subject, made)
    return made


def _by_position(
    session: Session, told: Any, subject: tuple[str, int] | None, made: Mapping[str, Any]
) -> dict[int, Decimal]:
    """Quantities by line position as quantities by line key."""
    if subject is None:
        kinds = {"quotation_id": "quotation", "order_id": "order", "delivery_id": "delivery", "invoice_id": "invoice"}
        named = next(((kinds[name], made[name]) for name in made if name in kinds), None)
        if named is None:
            raise BadValueError(N_("Quantities by line go with one document."), field="quantities")
        subject = named
    keys = {line["position"]: line["id"] for line in document(session, *subject).lines}
    chosen: dict[int, Decimal] = {}
    for position, quantity in dict(told).items():
        if not str(position).isdigit() or int(position) not in keys:
            raise BadValueError(N_("There is no line {line}."), field="quantities", line=position)
        try:
            chosen[keys[int(position)]] = Decimal(str(quantity))
        except InvalidOperation:
            raise BadValueError(N_("'{text}' is no number."), field="quantities", text=quantity) from None
    return chosen


def call(session: Session, verb: Callable[..., Any], words: Mapping[str, Any], **given: Any) -> Any:
    """Run a verb with JSON words; `given` are `by` and `today`, and `now` where the verb asks for it."""
    if "now" not in inspect.signature(verb).parameters:
        given.pop("now", None)
    return verb(session, **arguments(session, verb, words), **given)
