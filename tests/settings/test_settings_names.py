from __future__ import annotations

import json
from pathlib import Path

import pytest
from aws_cdk import App
from aws_cdk.assertions import Template

from command import cli
from contract.limits import PLAN_NAME_LIMIT
from contract.names import Names
from contract.patterns import is_stage
from stacks import composition
from stacks.settings.stage import SettingsError, load

SETTINGS = Path(__file__).parents[2] / "settings"
ACCOUNT = "000000000000"


def copy(tmp_path: Path, *, stage: str, file: str) -> Path:
    text = (SETTINGS / "prod.toml").read_text(encoding="utf-8").replace('stage = "prod"', f'stage = "{stage}"')
    (tmp_path / f"{file}.toml").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("stage", "taken"),
    [
        *((each, True) for each in ("ab", "dev", "a1", "eu-prod-2", "a-b-c-d-e-f-g-h1", "a" * 16)),
        *((each, False) for each in ("", "a", "1ab", "-ab", "ab-", "a--b", "Ab", "a_b", "ab\n", "aé", "a" * 17)),
    ],
)
def test_what_deploys_can_be_operated_and_nothing_else(
    stage: str, *, taken: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if taken:
        assert load(stage, copy(tmp_path, stage=stage, file=stage), account=ACCOUNT).stage == stage
        assert is_stage(stage)
        return
    with pytest.raises(SettingsError, match="is not a name: use 2 to 16"):
        load(stage, tmp_path, account=ACCOUNT)
    assert cli.main(["status", f"--stage={stage}"]) == 2
    assert "is not a stage: use 2 to 16" in capsys.readouterr().err


def test_whatever_is_named_after_the_longest_stage_fits() -> None:
    region, names = "ap-southeast-1", Names(stage="a" * 16, account=ACCOUNT)
    assert len(names.plan) <= PLAN_NAME_LIMIT  # ARC Region switch, CreatePlan
    assert len(names.documents_bucket(region)) <= 63  # S3, bucket naming rules
    assert len(names.cluster(region)) <= 63  # RDS, CreateDBCluster
    assert len(names.global_cluster) <= 63  # RDS, CreateGlobalCluster
    assert len(names.backup_vault) <= 50  # AWS Backup, CreateBackupVault
    assert len(names.copy_vault) <= 50
    for function in (
        "transactions",
        "health",
        "projector",
        "sweeper",
        "migrate",
        "canary",
        "capacity",
        "takeover",
        "recover",
        "verify",
        "stream",
    ):
        assert len(names.function(function)) <= 64  # Lambda, CreateFunction


def test_the_keys_policy_names_roles_by_no_more_than_cloudformation_keeps_of_a_long_stacks_name(
    tmp_path: Path,
) -> None:
    stage = "a-stage-of-16-ch"
    context = json.loads((SETTINGS.parent / "cdk.json").read_text(encoding="utf-8"))["context"]
    settings = load(stage, copy(tmp_path, stage=stage, file=stage), account=ACCOUNT)
    stacks = composition.build(App(context=context), settings)
    [key] = Template.from_stack(stacks[0]).find_resources("AWS::KMS::Key").values()
    [own] = [each for each in key["Properties"]["KeyPolicy"]["Statement"] if each.get("Sid") == "OwnRoles"]
    named = [each.partition("role/")[2] for each in own["Condition"]["ArnLike"]["aws:PrincipalArn"]]
    assert {each for each in named if each.startswith("tandem")} == {
        "tandem-global-a-stage-of*",
        "tandem-primary-a-stage-o*",
        "tandem-secondary-a-stage*",
    }


def test_a_file_that_names_another_stage_is_refused_for_two_would_share_their_names(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="it must be 'copy', as the file is named"):
        load("copy", copy(tmp_path, stage="prod", file="copy"), account=ACCOUNT)


def test_documents_stay_in_their_region_when_replication_is_none(tmp_path: Path) -> None:
    text = (SETTINGS / "staging.toml").read_text(encoding="utf-8")
    text = text.replace('replication = "basic"', 'replication = "none"')
    (tmp_path / "staging.toml").write_text(text, encoding="utf-8")
    context = json.loads((SETTINGS.parent / "cdk.json").read_text(encoding="utf-8"))["context"]
    app = App(context=context)
    composition.build(app, load("staging", tmp_path, account=ACCOUNT))
    paths = {construct.node.path for construct in app.node.find_all()}
    assert "PrimaryRegionStack/Documents/Bucket" in paths
    assert "PrimaryRegionStack/Documents/Target" not in paths
    assert "SecondaryRegionStack/ReverseReplication" not in paths
