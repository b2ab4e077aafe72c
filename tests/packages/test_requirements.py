"""What the functions carry comes before what Lambda's runtime brings, so it must suit what the AWS SDK requires."""

from __future__ import annotations

from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PINNED = Path(__file__).parents[2] / "requirements" / "functions.txt"
SDK = ("boto3", "botocore", "s3transfer")


def pins() -> dict[str, str]:
    lines = (line.partition(";")[0].strip() for line in PINNED.read_text().splitlines())
    pairs = (line.split("==") for line in lines if "==" in line and not line.startswith("#"))
    return {canonicalize_name(name): version.strip() for name, version in pairs}


def test_nothing_that_is_packaged_breaks_what_the_sdk_or_another_packaged_library_requires() -> None:
    held = pins()
    assert "python-dateutil" in held
    checked = set()
    for dependent in (*SDK, "pg8000", "scramp", "python-dateutil"):
        for text in requires(dependent) or []:
            wanted = Requirement(text)
            name = canonicalize_name(wanted.name)
            if name in held and (wanted.marker is None or wanted.marker.evaluate({"extra": ""})):
                assert wanted.specifier.contains(held[name]), f"{dependent} requires {wanted}, packaged is {held[name]}"
                checked.add((dependent, name))
    assert ("botocore", "python-dateutil") in checked
