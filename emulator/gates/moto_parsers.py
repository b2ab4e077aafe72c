"""moto's parsers of the query, EC2 and REST protocols, loaded without the rest of moto.

Importing moto's package imports its whole simulator and a web framework, which takes longer than everything else here.
The two files that are needed depend on botocore alone.
"""

from __future__ import annotations

import functools
import sys
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import HeadersDict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def parsed(protocol: str, operation: Any, request: Mapping[str, Any]) -> Any:
    """Parse what an operation is given; `request` has the parts that moto names: body, headers, url_params, values."""
    return _module("parse").PROTOCOL_PARSERS[protocol](operation).parse(request)


def service_model(description: Any, service: str) -> Any:
    """A service's model as the parsers want it: botocore's, with more."""
    return _module("model").ServiceModel(description, service)


def headers(values: Mapping[str, str]) -> Any:
    """Headers, whose names the parsers ask for in whatever case."""
    return HeadersDict(values)


class Values(dict[str, str]):
    """Parameters of a query or a form: the first of each name, and all by `getlist`."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._all: dict[str, list[str]] = {}
        for name, value in pairs:
            self._all.setdefault(name, []).append(value)
        super().__init__({name: values[0] for name, values in self._all.items()})

    def getlist(self, name: str) -> list[str]:
        """All values of a name."""
        return self._all.get(name, [])


@functools.cache
def _module(name: str) -> Any:
    package = find_spec("moto")  # a package of the top level is found without being imported
    if package is None or package.origin is None:
        raise RuntimeError("moto is not installed: run `make setup`")
    spec = spec_from_file_location(f"moto_core_{name}", Path(package.origin).parent / "core" / f"{name}.py")
    if spec is None or spec.loader is None:
        raise RuntimeError(f"moto has no core/{name}.py: its version is not the one of requirements/emulator.txt")
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look their own module up
    spec.loader.exec_module(module)
    return module
