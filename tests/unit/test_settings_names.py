from __future__ import annotations

import json
from pathlib import Path

import pytest
from aws_cdk import App

import app as tandem_app
from stacks.settings import SettingsError, load

SETTINGS = Path(__file__).parents[2] / "settings"
ACCOUNT = "000000000000"


def copy(tmp_path: Path, *, stage: str, file: str) -> Path:
    text = (SETTINGS / "prod.toml").read_text(encoding="utf-8").replace('stage = "prod"', f'stage = "{stage}"')
    (tmp_path / f"{file}.toml").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_plan_name_over_32_characters_is_refused_with_its_length(tmp_path: Path) -> None:
    stage = "a-stage-with-a-long-long-name"
    with pytest.raises(SettingsError, match=rf"tandem-{stage}.*36 characters.*32 are allowed"):
        load(stage, copy(tmp_path, stage=stage, file=stage), account=ACCOUNT)


def test_a_bucket_name_over_63_characters_is_refused_with_its_length(tmp_path: Path) -> None:
    stage = "a-stage-of-24-characters"
    with pytest.raises(SettingsError, match=r"bucket name.*63 are allowed"):
        load(stage, copy(tmp_path, stage=stage, file=stage), account=ACCOUNT)


def test_a_file_that_names_another_stage_is_refused_for_two_would_share_their_names(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="it must be 'copy', as the file is named"):
        load("copy", copy(tmp_path, stage="prod", file="copy"), account=ACCOUNT)


def test_documents_stay_in_their_region_when_replication_is_none(tmp_path: Path) -> None:
    text = (SETTINGS / "staging.toml").read_text(encoding="utf-8")
    text = text.replace('replication = "basic"', 'replication = "none"')
    (tmp_path / "staging.toml").write_text(text, encoding="utf-8")
    context = json.loads((SETTINGS.parent / "cdk.json").read_text(encoding="utf-8"))["context"]
    app = App(context=context)
    tandem_app.build(app, load("staging", tmp_path, account=ACCOUNT))
    paths = {construct.node.path for construct in app.node.find_all()}
    assert "PrimaryRegionStack/Documents/Bucket" in paths
    assert "PrimaryRegionStack/Documents/Target" not in paths
    assert "SecondaryRegionStack/ReverseReplication" not in paths
