from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from stacks.settings import Settings, SettingsError, load

ROOT = Path(__file__).parents[2]
ACCOUNT = "000000000000"

MISTAKES = {
    "unknown key": ("retain = true", "retain = true\nretian = true", "retian is not a known key"),
    "overlapping networks": ('cidr = "10.41.0.0/16"', 'cidr = "10.40.128.0/17"', "overlaps"),
    "not a network": ('cidr = "10.41.0.0/16"', 'cidr = "10.41.0.0/99"', "10.41.0.0/99"),
    "same region twice": ('secondary = "us-west-2"', 'secondary = "us-east-1"', "is the primary"),
    "witness outside the region set": ('witness = "us-east-2"', 'witness = "eu-west-1"', "same set"),
    "witness is a replica": ('witness = "us-east-2"', 'witness = "us-west-2"', "third region"),
    "bad domain": ('name = "tandem.example.com"', 'name = "tandem..com"', "tandem..com"),
    "plan name too long": ('stage = "prod"', 'stage = "production-of-the-east"', "production-of-the-east"),
    "zone of another region": ('"us-west-2c"', '"us-east-1c"', "is not in us-west-2"),
    "wrong type": ("readers = 1", 'readers = "one"', "readers"),
    "not toml": ('stage = "prod"', "stage = prod", "not TOML"),
    "missing table": ('[documents]\nreplication = "time-control"', "", "documents is missing"),
}


def edited(tmp_path: Path, old: str, new: str) -> Path:
    text = (ROOT / "settings" / "prod.toml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "prod.toml").write_text(text.replace(old, new), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_every_stage_loads(stage: str) -> None:
    assert load(stage, ROOT / "settings", account=ACCOUNT).stage == stage


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line_that_names_file_and_cause(mistake: str, tmp_path: Path) -> None:
    old, new, expected = MISTAKES[mistake]
    folder = edited(tmp_path, old, new)
    with pytest.raises(SettingsError) as error:
        load("prod", folder, account=ACCOUNT)
    message = str(error.value)
    assert "\n" not in message
    assert str(folder / "prod.toml") in message
    assert expected in message


def test_a_stage_without_settings_names_those_that_have_some() -> None:
    with pytest.raises(SettingsError, match="dev, prod, staging"):
        load("test", ROOT / "settings", account=ACCOUNT)


def test_a_path_is_not_a_stage() -> None:
    with pytest.raises(SettingsError, match="is not a name"):
        load("../prod", ROOT / "settings", account=ACCOUNT)


def test_settings_cannot_be_changed_after_loading() -> None:
    settings: Settings = load("dev", ROOT / "settings", account=ACCOUNT)
    with pytest.raises(ValueError, match="frozen"):
        settings.retain = True


def test_a_real_deploy_without_an_account_exits_with_2_and_one_line() -> None:
    done = subprocess.run([sys.executable, "app.py"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "account is missing" in done.stderr
    assert len(done.stderr.splitlines()) == 1
