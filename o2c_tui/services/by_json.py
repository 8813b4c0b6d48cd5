"""A verb called with JSON words: documents by their numbers, lines by their positions, figures as text or numbers.

The same verb, the same checks; nothing here decides anything of the trade. Every word is read strictly: a name that
is not known, or a value of another kind, is refused with its place and what may stand there.
"""

import base64
import binascii
import dataclasses
import difflib
import inspect
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any

from sqlmodel import Session

from o2c_tui.errors import BadValueError, MissingValueError
from o2c_tui.models.company import Company
from o2c_tui.models.words import DOCUMENT_WORDS
from o2c_tui.queries.documents import NUMBERED, document, document_by_number
from o2c_tui.rules.values import check_values
from o2c_tui.storage.rows import table_of
from o2c_tui.texts import N_

_GIVEN = ("session", "by", "today", "now")  # what the caller adds
_NESTED = 12  # levels of records within records


def parameters_of(verb: Callable[..., Any]) -> dict[str, tuple[Any, bool]]:
    """The words a verb takes: name → (type, must be given)."""
    hints = typing.get_type_hints(verb)
    return {
        name: (hints.get(name, Any), parameter.default is inspect.Parameter.empty)
        for name, parameter in inspect.signature(verb).parameters.items()
        if name not in _GIVEN
    }


# -- what a verb takes, in words -------------------------------------------------------------------------------------


def kind_words(kind: Any, name: str = "") -> str:
    """What may stand at a place, for the help: `number`, `text`, `yes or no`, `day`, `one of …`."""
    kind = _without_none(kind)
    if name in _DOCUMENTS or name == "document_id":
        return N_("list of document numbers") if name.endswith("_ids") else N_("document number")
    if name == "quantities":
        return N_("record of line number: quantity")
    if name == "amounts":
        return N_("record of line number: amount")
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return " | ".join(str(member.value) for member in kind)
    if origin is not None and issubclass(origin, Mapping):
        return N_("record")
    if origin is not None and issubclass(origin, Sequence):
        return N_("list of records") if dataclasses.is_dataclass(inner[0]) else N_("list")
    if dataclasses.is_dataclass(kind):
        return N_("record")
    words = {str: N_("text"), bool: "true | false", int: N_("whole number"), Decimal: N_("number"), date: N_("day")}
    return words.get(kind, N_("value"))


@dataclasses.dataclass(frozen=True)
class Word:
    """One word that a verb takes, for its help."""

    name: str
    kind: str  # marked
    must: bool
    depth: int


def words_of(verb: Callable[..., Any]) -> Iterator[Word]:
    """Every word of a verb, those within records too."""
    for name, (kind, must) in parameters_of(verb).items():
        yield Word(name, kind_words(kind, name), must, 0)
        yield from _within(kind, 1)


def _within(kind: Any, depth: int) -> Iterator[Word]:
    record = _record_in(_without_none(kind))
    if record is None:
        return
    hints = typing.get_type_hints(record)
    for field in dataclasses.fields(record):
        must = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        yield Word(field.name, kind_words(hints[field.name], field.name), must, depth)
        yield from _within(hints[field.name], depth + 1)


def _record_in(kind: Any) -> Any:
    if dataclasses.is_dataclass(kind):
        return kind
    inner = typing.get_args(kind)
    if typing.get_origin(kind) is tuple and inner and dataclasses.is_dataclass(inner[0]):
        return inner[0]
    return None


def _without_none(kind: Any) -> Any:
    if typing.get_origin(kind) in (types.UnionType, typing.Union):
        return next(k for k in typing.get_args(kind) if k is not type(None))
    return kind


# -- reading ---------------------------------------------------------------------------------------------------------


def _wrong(field: str, value: Any, wanted: str) -> BadValueError:
    text = str(value)
    return BadValueError(
        N_("'{name}' cannot be '{text}'; it takes: {wanted_word}."),
        field=field,
        name=field,
        text=text if len(text) <= 60 else text[:57] + "…",
        wanted_word=wanted,
    )


def read_value(kind: Any, value: Any, field: str) -> Any:
    """A value of the type `kind` out of JSON words; strict.

    Raises:
        BadValueError: it is of another kind; `field` says where. MissingValueError: a record lacks a word.
    """
    if kind is Any:
        return value
    if typing.get_origin(kind) in (types.UnionType, typing.Union):
        if value is None and type(None) in typing.get_args(kind):
            return None
        kind = _without_none(kind)
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(value, Mapping):
            raise _wrong(field, value, kind_words(kind))
        return {
            read_value(inner[0], key, field): read_value(inner[1], part, f"{field}.{key}")
            for key, part in value.items()
        }
    if origin is not None and issubclass(origin, Sequence):
        if not isinstance(value, list):
            raise _wrong(field, value, kind_words(kind))
        return _read_list(origin, inner, value, field)
    if dataclasses.is_dataclass(kind):
        return _read_record(kind, value, field)
    return _read_plain(kind, value, field)


def _read_list(origin: Any, inner: tuple[Any, ...], value: list[Any], field: str) -> Any:
    if origin is tuple and not (len(inner) == 2 and inner[1] is ...):
        if len(inner) != len(value):
            raise _wrong(field, value, N_("list"))
        return tuple(read_value(k, v, f"{field}.{n}") for n, (k, v) in enumerate(zip(inner, value, strict=True), 1))
    parts = [read_value(inner[0], part, f"{field}.{n}") for n, part in enumerate(value, 1)]
    return tuple(parts) if origin is tuple else parts


def _read_record(kind: Any, value: Any, field: str) -> Any:
    if not isinstance(value, Mapping):
        raise _wrong(field, value, N_("record"))
    hints, fields = typing.get_type_hints(kind), {f.name: f for f in dataclasses.fields(kind)}
    for name in value:
        if name not in fields:
            raise _no_such_word(f"{field}.{name}", str(name), list(fields))
    for name, part in fields.items():
        must = part.default is dataclasses.MISSING and part.default_factory is dataclasses.MISSING
        if must and name not in value:
            raise MissingValueError(N_("'{name}' is missing."), field=f"{field}.{name}", name=f"{field}.{name}")
    return kind(**{name: read_value(hints[name], part, f"{field}.{name}") for name, part in value.items()})


def _no_such_word(field: str, name: str, names: list[str]) -> BadValueError:
    near = difflib.get_close_matches(name, names, 3) or names
    return BadValueError(
        N_("There is no '{name}' here. It takes: {names}."), field=field, name=field, names=", ".join(near)
    )


def _read_plain(kind: Any, value: Any, field: str) -> Any:
    try:
        if kind is bool and isinstance(value, bool):
            return value
        if kind is str and isinstance(value, str):
            return value
        if kind is int and not isinstance(value, bool) and (isinstance(value, int) or str(value).isascii()):
            return int(value) if isinstance(value, int) else int(str(value), 10)
        if kind is Decimal and isinstance(value, (int, str, Decimal)) and not isinstance(value, bool):
            if isinstance(value, str) and "_" in value:
                raise ValueError
            return Decimal(value)
        if kind is date and isinstance(value, str):
            return date.fromisoformat(value)
        if kind is bytes and isinstance(value, str):
            return base64.b64decode(value, validate=True)
        if isinstance(kind, type) and issubclass(kind, Enum):
            return kind(value)
    except (ValueError, InvalidOperation, binascii.Error):
        pass
    raise _wrong(field, value, kind_words(kind))


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
            raise _no_such_word(name, name, list(known))
    for name, (_, must) in known.items():
        if must and name not in words:
            raise MissingValueError(N_("'{name}' is missing."), field=name, name=name)
    check_values(words)
    made: dict[str, Any] = {}
    subject: tuple[str, int] | None = None
    for name, value in words.items():
        wanted = _DOCUMENTS.get(name) or (verb.__name__.split("_")[-1] if name == "document_id" else "")
        if wanted and isinstance(value, str):
            subject = (wanted, _key_of(session, wanted, value, name))
            made[name] = subject[1]
        elif wanted and name.endswith("_ids") and isinstance(value, list):
            made[name] = [_key_of(session, wanted, part, name) for part in value]
            subject = (wanted, made[name][0]) if len(value) == 1 else None
        elif name in _BY_LINE:
            made[name] = value
        elif name == "changes":
            made[name] = _company_changes(value)
        else:
            made[name] = read_value(known[name][0], value, name)
    for name in _BY_LINE:
        if made.get(name) is not None:
            made[name] = _by_position(session, made[name], subject, made, name)
    check_values(made)
    return made


_BY_LINE = ("quantities", "amounts")
_DOCUMENTS = {
    "quotation_id": "quotation",
    "order_id": "order",
    "order_ids": "order",
    "delivery_id": "delivery",
    "delivery_ids": "delivery",
    "invoice_id": "invoice",
    "credit_note_id": "invoice",
    "return_id": "return",
    "payment_id": "payment",
    "receivable_adjustment_id": "receivable_adjustment",
    "purchase_id": "purchase",
    "receipt_id": "receipt",
    "bill_id": "bill",
    "supplier_return_id": "supplier_return",
    "transfer_id": "transfer",
    "stocktake_id": "stocktake",
    "adjustment_id": "adjustment",
}


def _key_of(session: Session, wanted: str, told: Any, field: str) -> int:
    """The key of a document told by its number or its key.

    Raises:
        NotFoundError: no document has the number. BadValueError: it is a document of another kind.
    """
    if not isinstance(told, str):
        return int(read_value(int, told, field))
    kind, key = document_by_number(session, told)
    if kind != wanted:
        raise BadValueError(
            N_("{number} is not of the kind wanted here ({kind_word}, not {wanted_word})."),
            field=field,
            number=told,
            kind_word=_word_of(kind),
            wanted_word=_word_of(wanted),
        )
    return key


def _word_of(kind: str) -> str:
    return DOCUMENT_WORDS[table_of(NUMBERED[kind]).name]


def _company_changes(told: Any) -> dict[str, Any]:
    """Settings of the company by name, each as its column keeps it; a logo as base64."""
    if not isinstance(told, Mapping):
        raise _wrong("changes", told, N_("record"))
    kinds = {name: field.annotation for name, field in Company.model_fields.items()}
    for name in told:
        if name not in kinds:
            raise _no_such_word(f"changes.{name}", str(name), list(kinds))
    return {name: read_value(kinds[name], value, f"changes.{name}") for name, value in told.items()}


def _by_position(
    session: Session, told: Any, subject: tuple[str, int] | None, made: Mapping[str, Any], name: str
) -> dict[int, Decimal]:
    """Quantities or amounts by line position as the same by line key."""
    if subject is None:
        named = next(
            ((_DOCUMENTS[n], key) for n, key in made.items() if n in _DOCUMENTS and isinstance(key, int)), None
        )
        if named is None:
            raise BadValueError(N_("Quantities by line go with one document."), field=name)
        subject = named
    keys = {line["position"]: line["id"] for line in document(session, *subject).lines}
    chosen: dict[int, Decimal] = {}
    if not isinstance(told, Mapping):
        raise _wrong(name, told, kind_words(Any, name))
    for position, quantity in told.items():
        key = keys.get(int(position)) if str(position).isascii() and str(position).isdigit() else None
        if key is None:
            raise BadValueError(N_("There is no line {line}."), field=name, line=position)
        chosen[key] = read_value(Decimal, quantity, f"{name}.{position}")
    return chosen


def call(session: Session, verb: Callable[..., Any], words: Mapping[str, Any], **given: Any) -> Any:
    """Run a verb with JSON words; `given` are `by` and `today`, and `now` where the verb asks for it."""
    if "now" not in inspect.signature(verb).parameters:
        given.pop("now", None)
    return verb(session, **arguments(session, verb, words), **given)
