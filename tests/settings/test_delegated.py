"""A zone that the stage creates is delegated from the beginning where whoever deploys it says so, as a drill does."""

from __future__ import annotations

from pathlib import Path

import pytest

from stacks.settings.stage import load

ROOT = Path(__file__).parents[2]
ACCOUNT = "000000000000"
NAME = 'name = "staging.tandem.example.com"'


def zone_of(folder: Path, *, delegated: bool) -> str | None:
    domain = load("staging", folder, account=ACCOUNT, delegated=delegated).domain
    return domain.zone if domain else None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("", "delegated"),
        ('zone = "created"', "delegated"),
        ('zone = "delegated"', "delegated"),
        ('zone = "imported"\nhosted_zone_id = "Z0123456789"', "imported"),
        ('zone = "child"\nhosted_zone_id = "Z0123456789"\nparent_name = "tandem.example.com"', "child"),
    ],
)
def test_only_a_zone_that_the_stage_creates_is_taken_for_delegated(tmp_path: Path, given: str, expected: str) -> None:
    text = (ROOT / "settings" / "staging.toml").read_text(encoding="utf-8")
    (tmp_path / "staging.toml").write_text(text.replace(NAME, f"{NAME}\n{given}"), encoding="utf-8")
    assert zone_of(tmp_path, delegated=True) == expected
    assert zone_of(tmp_path, delegated=False) == (expected if "delegated" in given or "id" in given else "created")


def test_a_stage_without_a_domain_has_none_to_delegate(tmp_path: Path) -> None:
    text = (ROOT / "settings" / "staging.toml").read_text(encoding="utf-8")
    (tmp_path / "staging.toml").write_text(text.replace(f"[domain]\n{NAME}", ""), encoding="utf-8")
    assert zone_of(tmp_path, delegated=True) is None
