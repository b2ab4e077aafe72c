"""Kinds of values on the command line, each read by one `Parameter` that says what it was given and what it takes.

The modules of this package leave `from __future__ import annotations` out: cyclopts reads their annotations.
"""

from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, TypeAlias

from cyclopts import ArgumentCollection, Parameter, Token

from contract.patterns import STAGE_RULE, is_region, is_stage


def read_by(read: Callable[[str], object]) -> Parameter:
    """Return the parameter whose one word is read by `read`, which raises ValueError with what is wrong with it."""

    def convert(_: type, tokens: Sequence[Token]) -> object:
        return read(tokens[0].value)

    return Parameter(converter=convert, n_tokens=1)


def number(low: float, high: float) -> Parameter:
    """Return the parameter of a number from `low` to `high`."""
    return read_by(partial(_bounded, float, "number", low, high))


def whole_number(low: int, high: int) -> Parameter:
    """Return the parameter of a whole number from `low` to `high`."""
    return read_by(partial(_bounded, int, "whole number", low, high))


def _bounded(kind: Callable[[str], float], called: str, low: float, high: float, text: str) -> float:
    try:
        value = kind(text)
    except ValueError:
        value = None
    if value is None or not low <= value <= high:
        raise ValueError(f"{text!r} is not a {called} from {_written(low)} to {_written(high)}")
    return value


def _written(bound: float) -> str:
    return str(bound) if isinstance(bound, int) else f"{bound:g}"


def one_of(names: Collection[str]) -> Parameter:
    """Return the parameter of one of these names, which the help and completion show."""
    return Parameter(choices=tuple(names))


def _stage(text: str) -> str:
    if not is_stage(text):
        raise ValueError(f"{text!r} is not a stage: use {STAGE_RULE}")
    return text


def _region(text: str) -> str:
    if not is_region(text):
        raise ValueError(f"{text!r} is not a Region: give one like us-east-1")
    return text


StageName: TypeAlias = Annotated[str, read_by(_stage), Parameter(help="stage to work on")]
RegionName: TypeAlias = Annotated[str, read_by(_region)]
Folder: TypeAlias = Annotated[Path, read_by(Path)]
AnyInteger: TypeAlias = Annotated[int, whole_number(-(2**63), 2**63 - 1)]
"""A seed may be any number that a report can hold."""
Flag: TypeAlias = Annotated[bool, Parameter(show_default=False)]
"""It is given or it is not: its default need not be told."""
Json: TypeAlias = Annotated[Flag, Parameter(name="--json", help="print JSON")]
Yes: TypeAlias = Annotated[Flag, Parameter(help="do not ask before anything is changed")]
Timeout: TypeAlias = Annotated[float, number(1, 86_400), Parameter(help="seconds until it is given up")]


def exclusive(arguments: ArgumentCollection) -> None:
    """Raise ValueError when more than one of a group's options was given."""
    given = [argument.name for argument in arguments if argument.has_tokens]
    if len(given) > 1:
        raise ValueError(f"{' and '.join(given)} exclude each other: give one of them")
