"""Which properties of a template the handlers of its resource types read, and which they would silently ignore.

Every handler is given its properties in dictionaries that note what is asked of them, so that what is handled is what
really happened during a deployment, not what somebody wrote down. Paths name keys from the top, joined by dots; the
elements of a list share their list's path.

- A key that is asked for, tested for or popped is read.
- A dictionary of which nothing is asked is handed on as a whole: all of it counts as read with its own key.
- So does one that is copied or enumerated by value. The recording of a handler ends when it returns.
"""

from __future__ import annotations

import copy
import threading
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from emulator import ministack

if TYPE_CHECKING:
    from collections.abc import Callable, ItemsView, Iterator, KeysView, ValuesView

_RECORDED = {"create": 1, "update": 2}
"""Handlers by the position of the new properties among their arguments; the stack's name comes next."""

_ACTIONS = {
    "AWS::RDS::GlobalCluster": (ministack.RDS_ACTIONS, "CreateGlobalCluster"),
    "AWS::RDS::DBCluster": (ministack.RDS_ACTIONS, "CreateDBCluster"),
    "AWS::RDS::DBInstance": (ministack.RDS_ACTIONS, "CreateDBInstance"),
    "AWS::EC2::VPCPeeringConnection": (ministack.EC2_ACTIONS, "CreateVpcPeeringConnection"),
    "AWS::EC2::FlowLog": (ministack.EC2_ACTIONS, "CreateFlowLogs"),
}
"""Types whose handler passes its properties on to an API under their own names, which may ignore them in turn."""


class Recording:
    """What one handler was given, and what it asked for; noted until `close`."""

    def __init__(self) -> None:
        self.given: set[str] = set()
        self.read: set[str] = set()
        self.whole: set[str] = set()
        self._open = True

    def of(self, properties: dict[str, Any]) -> dict[str, Any]:
        """Return `properties` as a dictionary that notes what is asked of it."""
        wrapped: dict[str, Any] = self._wrap(properties, "")
        return wrapped

    def close(self) -> None:
        """Note no more: what is kept of the properties is asked by others from now on."""
        self._open = False

    def note(self, path: str, *, whole: bool = False) -> None:
        """Note that the key at `path` was read, or the dictionary there as a whole."""
        if self._open:
            (self.whole if whole else self.read).add(path)

    def _wrap(self, value: Any, path: str) -> Any:
        if isinstance(value, dict):
            keys = {key: f"{path}.{key}" if path else str(key) for key in value}
            self.given.update(keys.values())
            return _Noted({key: self._wrap(each, keys[key]) for key, each in value.items()}, path, self)
        if isinstance(value, list):
            return [self._wrap(each, path) for each in value]
        return value


class _Noted(dict[str, Any]):
    """A dictionary that tells a recording what it is asked."""

    def __init__(self, values: dict[str, Any], path: str, recording: Recording) -> None:
        super().__init__(values)
        self._path, self._recording = path, recording

    def _note(self, key: object) -> None:
        self._recording.note(f"{self._path}.{key}" if self._path else str(key))

    def _note_whole(self) -> None:
        self._recording.note(self._path, whole=True)

    def __getitem__(self, key: str) -> Any:
        self._note(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self._note(key)
        return super().__contains__(key)

    def __iter__(self) -> Iterator[str]:
        # names alone tell nothing; overridden so that `dict(this)` and `{**this}` ask for each key
        return super().__iter__()

    def get(self, key: str, default: Any = None) -> Any:
        self._note(key)
        return super().get(key, default)

    def pop(self, key: str, *default: Any) -> Any:
        self._note(key)
        return super().pop(key, *default)

    def setdefault(self, key: str, default: Any = None) -> Any:
        self._note(key)
        return super().setdefault(key, default)

    def items(self) -> ItemsView[str, Any]:  # type: ignore[override] # a view, as dict's own
        self._note_whole()
        return super().items()

    def keys(self) -> KeysView[str]:  # type: ignore[override] # a view, as dict's own
        """What `dict(this)` and `{**this}` ask first: a copy, in which nothing can be noted."""
        self._note_whole()
        return super().keys()

    def values(self) -> ValuesView[Any]:  # type: ignore[override] # a view, as dict's own
        self._note_whole()
        return super().values()

    def copy(self) -> dict[str, Any]:
        self._note_whole()
        return dict(super().items())

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        self._note_whole()
        return {key: copy.deepcopy(each, memo) for key, each in super().items()}

    def __reduce__(self) -> tuple[Any, ...]:
        self._note_whole()
        return dict, (list(super().items()),)


def unread(given: set[str], read: set[str], whole: set[str]) -> set[str]:
    """Return the paths of `given` that nobody read, without those that lie below another one of them."""
    opened = {path.rpartition(".")[0] for path in read}
    ignored: set[str] = set()
    for path in sorted(given, key=lambda each: each.count(".")):
        parent = path.rpartition(".")[0]
        ancestors = [parent.rsplit(".", depth)[0] for depth in range(parent.count(".") + 1)]
        if path in read or parent in whole or any(each in ignored for each in ancestors):
            continue
        if not parent or parent in opened:
            ignored.add(path)
    return ignored


class Coverage:
    """What every resource type was given since the start, stack by stack, and what was read of it."""

    def __init__(self) -> None:
        self._stacks: dict[str, dict[str, Recording]] = defaultdict(lambda: defaultdict(Recording))
        self._apis: dict[str, set[str]] = {}
        self._lock = threading.Lock()

    def install(self) -> None:
        """Stand between CloudFormation and every handler that is registered by now, and before RDS's API."""
        for resource_type, handlers in ministack.CFN_HANDLERS.value.items():
            ministack.CFN_HANDLERS.value[resource_type] = {
                name: self._recorded(resource_type, each, _RECORDED[name]) if name in _RECORDED else each
                for name, each in handlers.items()
            }
        for resource_type, (actions, action) in _ACTIONS.items():
            actions.value[action] = self._watched(resource_type, actions.value[action])

    def report(self) -> dict[str, dict[str, dict[str, list[str]]]]:
        """By stack and resource type: the paths that were given, those that nobody read, and what was copied whole."""
        with self._lock:
            return {
                stack: {name: self._told(name, each) for name, each in sorted(types.items())}
                for stack, types in self._stacks.items()
            }

    def _told(self, resource_type: str, seen: Recording) -> dict[str, list[str]]:
        ignored = unread(seen.given, seen.read, seen.whole)
        asked = self._apis.get(resource_type)
        if asked is not None:
            ignored |= {path for path in seen.given if "." not in path and path not in asked}
        return {"given": sorted(seen.given), "ignored": sorted(ignored), "copied": ["."] if "" in seen.whole else []}

    def _recorded(self, resource_type: str, handler: Callable[..., Any], position: int) -> Callable[..., Any]:
        def recorded(*arguments: Any) -> Any:
            recording = Recording()
            properties = recording.of(arguments[position])
            try:
                return handler(*arguments[:position], properties, *arguments[position + 1 :])
            finally:
                recording.close()
                self._add(arguments[position + 1], resource_type, recording)

        return recorded

    def _watched(self, resource_type: str, action: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """A handler on the API's side whose flat parameters are noted by the property that each begins with."""

        def watched(parameters: dict[str, Any]) -> Any:
            recording = Recording()
            answer = action(recording.of(parameters))
            recording.close()
            with self._lock:
                asked = self._apis.setdefault(resource_type, set())
                asked |= {path.partition(".")[0] for path in recording.read}
            return answer

        return watched

    def _add(self, stack: str, resource_type: str, recording: Recording) -> None:
        with self._lock:
            known = self._stacks[stack][resource_type]
            known.given |= recording.given
            known.read |= recording.read
            known.whole |= recording.whole
