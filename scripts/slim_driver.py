"""The PostgreSQL driver as the functions carry it: without what none of them uses, because a cold start compiles it.

pg8000 loads three interfaces, of which the functions use `pg8000.native`; a library for password authentication, where
they sign in with tokens (RDS User Guide, IAM database authentication); and a parser of times in any form. Where one of
these is met after all, the driver says so or loads it then. Half of the projector's cold start was reading them.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

UNUSED = ("legacy.py", "dbapi.py")
"""Modules of the interfaces that no function imports."""

_EMPTY = '"""The driver of PostgreSQL, of which a function imports `pg8000.native`."""\n'

_PARSER = '''
class ParserError(ValueError):
    """A time that nothing here can read."""


def parse(text):
    """Read a time in a form that is seldom met, by the library that Lambda's runtime brings with the AWS SDK."""
    from dateutil.parser import ParserError as UnreadableError, parse as parse_any

    try:
        return parse_any(text)
    except UnreadableError as error:
        raise ParserError(str(error)) from error


'''
_REFUSED = """raise InterfaceError(
                "the server asks for a password, and functions sign in with tokens: grant rds_iam to their user"
            )
"""

_CLIENT = """self.auth = scramp.ScramClient(
                mechanisms,
                self.user.decode("utf8"),
                self.password.decode("utf8"),
                channel_binding=channel_binding,
            )
"""


def replacements(version: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """By module, what stands there once and what takes its place."""
    return {
        "converters.py": (("from dateutil.parser import ParserError, parse\n", _PARSER),),
        "core.py": (
            ("import scramp\n", ""),
            (_CLIENT, _REFUSED),
            ("from importlib.metadata import version\n", ""),
            ('version("pg8000")', repr(version)),
        ),
    }


def slim(driver: Path) -> None:
    """Leave out of a package's `pg8000` what no function uses; exits where this version of it reads otherwise."""
    for name in UNUSED:
        (driver / name).unlink()
    (driver / "__init__.py").write_text(_EMPTY, encoding="utf-8")
    (metadata,) = driver.parent.glob("pg8000-*.dist-info")
    for name, changes in replacements(metadata.name.removesuffix(".dist-info").partition("-")[2]).items():
        text = (driver / name).read_text(encoding="utf-8")
        for before, after in changes:
            if text.count(before) != 1:
                sys.exit(
                    f"{driver / name} has {before.strip()!r} {text.count(before)} times: see scripts/slim_driver.py"
                )
            text = text.replace(before, after)
        (driver / name).write_text(text, encoding="utf-8")
