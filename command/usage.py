"""What was typed wrongly, in one line: the value received, what is allowed, and which help to look at."""

import difflib
from functools import singledispatch
from typing import TYPE_CHECKING

from cyclopts import (
    CoercionError,
    CycloptsError,
    MissingArgumentError,
    RepeatArgumentError,
    UnknownCommandError,
    UnknownOptionError,
    UnusedCliTokensError,
    ValidationError,
)

if TYPE_CHECKING:
    from collections.abc import Iterable


def told(error: CycloptsError) -> str:
    """Return the one line, which begins with the command that was typed and names its help."""
    command = " ".join(("tandem", *(error.command_chain or ())))
    return f"{command}: {' '.join(_told(error).split())} (see {command} --help)"


@singledispatch
def _told(error: CycloptsError) -> str:
    """Say what cyclopts says, as our errors are written."""
    text = str(error).strip().removesuffix(".")
    return text[:1].lower() + text[1:]


@_told.register
def _(error: UnknownCommandError) -> str:
    word = (error.unused_tokens or [""])[0]
    return f"{word!r} is no command: {_nearest(word, _commands(error))}"


@_told.register
def _(error: UnknownOptionError) -> str:
    option = error.token.keyword or error.token.value
    options = [name for argument in error.argument_collection if argument.show for name in argument.names]
    return f"{option!r} is no option here: {_nearest(option, [*options, '--help'])}"


@_told.register
def _(error: UnusedCliTokensError) -> str:
    words = error.unused_tokens or []
    commands = _commands(error)
    if commands and words:
        return f"{words[0]!r} is no command: {_nearest(words[0], commands)}"
    return f"{' '.join(words)!r} is more than this takes: leave it out"


@_told.register
def _(error: MissingArgumentError) -> str:
    name = error.argument.name if error.argument else ""
    if error.keyword:
        return f"argument {error.keyword}: a value is missing: give one after it"
    return f"the following arguments are required: {name if name.startswith('-') else name.upper()}"


@_told.register
def _(error: CoercionError) -> str:
    name = error.argument.name if error.argument else ""
    return f"argument {name if name.startswith('-') else name.upper()}: {error.msg or _coerced(error)}"


def _coerced(error: CoercionError) -> str:
    word = error.token.value if error.token else ""
    choices = error.argument.get_choices(force=True) if error.argument else None
    if choices:
        return f"{word!r} is none of the choices: {_nearest(word, choices)}"
    return f"{word!r} does not fit: give what the help says"


@_told.register
def _(error: ValidationError) -> str:
    return error.exception_message


@_told.register
def _(error: RepeatArgumentError) -> str:
    value = f", the last time as {error.token.value!r}" if error.token.value else ""
    return f"{error.token.keyword} is given more than once{value}: give it once"


def _commands(error: CycloptsError) -> list[str]:
    return [name for name in error.app or () if not name.startswith("-")]


def _nearest(word: str, known: "Iterable[str]") -> str:
    """Return which name was perhaps meant; all of them where none is near."""
    names = list(dict.fromkeys(known))
    near = difflib.get_close_matches(word, names, n=1)
    return f"did you mean {near[0]}?" if near else f"give one of {', '.join(names)}"
