"""How a name of MiniStack is reached: what a constant of `emulator/ministack.py` is made of, and nobody else makes."""

from __future__ import annotations

import importlib
import inspect
from functools import cached_property, reduce
from typing import Any, Generic, TypeVar

_T = TypeVar("_T")


class Name(Generic[_T]):
    """A name in one of MiniStack's modules, or in a class there: `module:name` or `module:Class.name`."""

    def __init__(self, path: str, why: str) -> None:
        self.path, self.why = f"ministack.{path}", why
        self._attribute = path.rpartition(":")[2].rpartition(".")[2]

    @cached_property
    def owner(self) -> Any:
        """The module or class that has the name; raises ImportError or AttributeError where it is gone."""
        module, _, inside = self.path.partition(":")
        return reduce(getattr, inside.split(".")[:-1], importlib.import_module(module))

    @property
    def value(self) -> _T:
        """What the name stands for now, whoever replaced it last."""
        value: _T = getattr(self.owner, self._attribute)
        return value

    def replace(self, value: _T) -> None:
        """Have MiniStack use `value` from now on."""
        setattr(self.owner, self._attribute, value)

    def exists(self) -> bool:
        """Whether the installed MiniStack has the name."""
        try:
            return hasattr(self.owner, self._attribute)
        except (ImportError, AttributeError):
            return False


class Attribute(Name[type[Any]]):
    """An attribute that a class of MiniStack sets on its instances."""

    def of(self, instance: Any) -> Any:
        """The attribute of one instance."""
        return getattr(instance, self._attribute)

    def put(self, instance: Any, value: Any) -> None:
        """Set the attribute of one instance."""
        setattr(instance, self._attribute, value)

    def exists(self) -> bool:
        """Whether the class has it, or names it anywhere in its own code."""
        try:
            return hasattr(self.owner, self._attribute) or f"self.{self._attribute}" in inspect.getsource(self.owner)
        except (ImportError, AttributeError):
            return False


class Key(Name[str]):
    """A key of the dictionaries in which a module of MiniStack keeps its resources."""

    @property
    def key(self) -> str:
        """The key itself."""
        return self._attribute

    def exists(self) -> bool:
        """Whether the module's code names the key."""
        try:
            return f'"{self._attribute}"' in inspect.getsource(self.owner)
        except (ImportError, AttributeError):
            return False
