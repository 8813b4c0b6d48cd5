"""Plain values as JSON and back: what a verb returned, kept beside its key, so that said twice gives the same answer."""

import dataclasses
import json
import types
import typing
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any


def to_plain(value: Any) -> Any:
    """A value in JSON words: figures and dates as text, records as objects."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if hasattr(value, "_asdict"):
        return {name: to_plain(part) for name, part in value._asdict().items()}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return {str(key): to_plain(part) for key, part in value.items()}
    if isinstance(value, (Sequence, set, frozenset)) and not isinstance(value, str):
        return [to_plain(part) for part in value]
    return value


def to_json(value: Any) -> str:
    """`to_plain` as text."""
    return json.dumps(to_plain(value), ensure_ascii=False, separators=(",", ":"))


def from_plain(kind: Any, value: Any) -> Any:
    """A value of the type `kind` out of JSON words; the inverse of `to_plain` for frozen records, figures and dates."""
    if value is None or kind is Any or kind is None:
        return value
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return from_plain(next(k for k in inner if k is not type(None)), value)
    if origin is tuple:
        if len(inner) == 2 and inner[1] is ...:
            return tuple(from_plain(inner[0], part) for part in value)
        return tuple(from_plain(k, part) for k, part in zip(inner, value, strict=True))
    if origin is not None and issubclass(origin, Mapping):
        return {from_plain(inner[0], key): from_plain(inner[1], part) for key, part in value.items()}
    if origin is not None and issubclass(origin, Sequence):
        return [from_plain(inner[0], part) for part in value]
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return kind(**{name: from_plain(hints[name], part) for name, part in value.items()})
    if kind is Decimal:
        return Decimal(str(value))
    if kind in (date, datetime):
        return kind.fromisoformat(value)
    if kind is bool:
        return bool(value)
    if kind is int:
        return int(value)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    return value
