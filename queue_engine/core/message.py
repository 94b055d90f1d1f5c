"""Frozen data classes that are quick to make: commands, events, records.

A frozen dataclass sets each of its fields through a look-up by name and a call, once more for
every object that is made; and a call of the engine is made of dozens of such fields. Here an
object is filled while it is still of an open class with the same slots, and then becomes what it
is, which takes half as long. In all else they are dataclasses.

To call a class, Python packs what is given by name into a dictionary; to call a function it does
not. `maker` gives a function instead: half the time again, for what comes with every contact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from typing import Any, ParamSpec, TypeVar, dataclass_transform

_Made = TypeVar("_Made")
_Fields = ParamSpec("_Fields")


@dataclass_transform(frozen_default=True)
def message(kind: type[_Made]) -> type[_Made]:
    """`@dataclass(frozen=True, slots=True)`, for plain fields with plain defaults."""
    plain: Any = dataclass(frozen=True, init=False)(kind)
    names = [field.name for field in fields(plain)]
    opened = type(f"_Open{kind.__name__}", (), {"__slots__": tuple(names)})
    body = {
        name: value
        for name, value in plain.__dict__.items()
        if name not in (*names, "__dict__", "__weakref__")
    }
    made: Any = type(kind.__name__, (opened,), {**body, "__slots__": ()})
    made.__qualname__ = kind.__qualname__
    made.__new__ = _written(plain, opened, "__new__", "cls")
    made.__reduce__ = lambda self: (made, tuple(getattr(self, name) for name in names))
    found: type[_Made] = made
    return found


def maker(kind: Callable[_Fields, _Made]) -> Callable[_Fields, _Made]:
    """A function that makes messages of this kind, from the same as the kind itself would."""
    made: Any = kind
    make: Callable[_Fields, _Made] = _written(made, made.__base__, "make", None)
    return make


def _written(kind: Any, opened: type, name: str, cls: str | None) -> Any:
    """A function that makes an object of `kind`: written out, field by field.

    Args:
        cls: the parameter that says of which class; None: it is always `kind`.
    """
    known: dict[str, Any] = {"_open": opened, "_new": object.__new__, "_kind": kind}
    params = [] if cls is None else [cls]
    lines = ["made = _new(_open)"]
    for field in fields(kind):
        assert field.default_factory is MISSING, f"{kind.__name__}.{field.name}"
        known[f"_default_{field.name}"] = field.default
        has_default = field.default is not MISSING
        params.append(f"{field.name}=_default_{field.name}" if has_default else field.name)
        lines.append(f"made.{field.name} = {field.name}")
    source = f"def {name}({', '.join(params)}):\n    " + "\n    ".join(
        [*lines, f"made.__class__ = {cls or '_kind'}", "return made"]
    )
    exec(source, known)
    written = known[name]
    written.__qualname__ = f"{kind.__qualname__}.{name}"
    return written
