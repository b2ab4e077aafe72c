"""Changed copies of a cloud assembly, as if the app had been synthesized again from changed sources."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["Assembly"]

Resource = dict[str, Any]


class Assembly:
    """A copy of a cloud assembly, whose stack `stack` is changed.

    The CLI uploads an asset once for each hash of it, so whatever changes gets a new hash wherever the old one stands.
    """

    def __init__(self, source: Path, copy: Path, *, stack: str) -> None:
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(source, copy)
        self.folder = copy
        self._template = copy / f"{stack}.template.json"
        self._assets = copy / f"{stack}.assets.json"

    def resources(self, resource_type: str) -> dict[str, Resource]:
        """The stack's resources of a type, by logical id."""
        found: dict[str, Resource] = json.loads(self._template.read_text())["Resources"]
        return {name: each for name, each in found.items() if each["Type"] == resource_type}

    def change(self, logical_id: str, change: Callable[[Resource], None]) -> None:
        """Change one resource's properties."""
        template = json.loads(self._template.read_text())
        change(template["Resources"][logical_id]["Properties"])
        old = next(
            name
            for name, each in json.loads(self._assets.read_text())["files"].items()
            if each["source"]["path"] == self._template.name
        )
        self._template.write_text(json.dumps(template))
        self._rename(old)

    def change_code(self, function: str, path: str, old: str, new: str) -> None:
        """Replace text in a file of a function's code, in this stack only."""
        asset = self.resources("AWS::Lambda::Function")[function]["Properties"]["Code"]["S3Key"].removesuffix(".zip")
        renamed = _other(asset)
        with (
            zipfile.ZipFile(self.folder / f"asset.{asset}.zip") as source,
            zipfile.ZipFile(self.folder / f"asset.{renamed}.zip", "w", zipfile.ZIP_DEFLATED) as target,
        ):
            assert old in source.read(path).decode(), f"{path} does not hold {old!r}"
            for each in source.infolist():
                content = source.read(each)
                target.writestr(each, content.replace(old.encode(), new.encode()) if each.filename == path else content)
        self._assets.write_text(self._assets.read_text().replace(asset, renamed))
        self.change(function, lambda properties: properties["Code"].update(S3Key=f"{renamed}.zip"))

    def _rename(self, old: str) -> None:
        for file in (self._assets, self.folder / "manifest.json"):
            file.write_text(file.read_text().replace(old, _other(old)))


def _other(digest: str) -> str:
    return hashlib.sha256(digest.encode()).hexdigest()
