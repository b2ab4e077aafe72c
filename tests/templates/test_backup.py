from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App
from aws_cdk.assertions import Annotations, Match, Template

import app as tandem_app
from contract.removal import REMOVAL_TAG, REMOVED_WITH_STACK
from stacks import composition
from stacks.settings.stage import load
from stacks.settings.tables import Backup
from tests.templates.conftest import CONTEXT

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

    Stage = Callable[[str], dict[str, Template]]

VAULT = "AWS::Backup::BackupVault"
CONTENTS = "Custom::TandemVaultContents"


def rules(template: Template) -> dict[str, dict[str, Any]]:
    """The backup rules of a stack, by name."""
    return {
        rule["RuleName"]: rule
        for plan in template.find_resources("AWS::Backup::BackupPlan").values()
        for rule in plan["Properties"]["BackupPlan"]["BackupPlanRule"]
    }


@pytest.mark.parametrize(
    ("stack", "vault"),
    [
        ("PrimaryRegionStack", "arn:aws:backup:us-west-2:000000000000:backup-vault:tandem-copies-{stage}"),
        ("SecondaryRegionStack", "arn:aws:backup:us-east-1:000000000000:backup-vault:tandem-backup-{stage}"),
    ],
)
@pytest.mark.parametrize("stage", ["staging", "prod"])
def test_a_day_s_points_are_kept_for_35_days_and_copied_to_the_other_region(
    templates: Stage, stage: str, stack: str, vault: str
) -> None:
    daily = rules(templates(stage)[stack])["daily"]
    assert daily["ScheduleExpression"] == "cron(0 5 * * ? *)"
    assert daily["Lifecycle"]["DeleteAfterDays"] == 35
    [copy] = daily["CopyActions"]
    assert copy["DestinationBackupVaultArn"] == vault.format(stage=stage)
    assert copy["Lifecycle"]["DeleteAfterDays"] == 35


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_an_hour_s_points_are_kept_for_a_day_and_not_copied_because_each_is_charged_in_full(
    templates: Stage, stage: str
) -> None:
    hourly = rules(templates(stage)["PrimaryRegionStack"])["hourly"]
    assert hourly["ScheduleExpression"] == "cron(0 * * * ? *)"
    assert hourly["Lifecycle"]["DeleteAfterDays"] == 1
    assert not hourly.get("CopyActions")


@cache
def prod_with(*, lock: bool, copy_hourly: bool) -> list[Stack]:
    """Prod's stacks with these settings of its backups, composed once."""
    settings = load("prod", tandem_app.SETTINGS, account="000000000000")
    changed = settings.model_copy(update={"backup": Backup(copy_hourly=copy_hourly, lock=lock)})
    return composition.build(App(context={**CONTEXT, "stage": "prod"}), changed)


def test_who_must_has_the_hour_s_points_copied_too() -> None:
    for stack in prod_with(lock=True, copy_hourly=True)[1:]:
        [copy] = rules(Template.from_stack(stack))["hourly"]["CopyActions"]
        assert copy["Lifecycle"]["DeleteAfterDays"] == 1


def test_a_lock_that_nobody_can_take_off_after_three_days_is_told_by_synthesis_and_left_out_by_a_setting() -> None:
    for lock in (True, False):
        stacks = prod_with(lock=lock, copy_hourly=True)
        told = Annotations.from_stack(stacks[1]).find_info("*", Match.string_like_regexp("for 3 days after"))
        assert bool(told) is lock
        assert "LockConfiguration" in str(Template.from_stack(stacks[1]).to_json()) or not lock


def test_nothing_is_copied_where_there_is_no_other_region(templates: Stage) -> None:
    for plan in templates("dev")["PrimaryRegionStack"].find_resources("AWS::Backup::BackupPlan").values():
        assert not any(rule.get("CopyActions") for rule in plan["Properties"]["BackupPlan"]["BackupPlanRule"])


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_every_vault_refuses_other_accounts_and_in_prod_everybody_who_would_delete(
    templates: Stage, stage: str
) -> None:
    vaults = [
        vault["Properties"]
        for template in templates(stage).values()
        for vault in template.find_resources(VAULT).values()
    ]
    assert len(vaults) == (1 if stage == "dev" else 3)
    for vault in vaults:
        foreign, *locked = vault["AccessPolicy"]["Statement"]
        assert foreign["Effect"] == "Deny"
        assert foreign["Condition"] == {"StringNotEquals": {"aws:PrincipalAccount": "000000000000"}}
        assert [each["Effect"] for each in locked] == (["Deny"] if stage == "prod" else [])
        assert ("backup:DeleteRecoveryPoint" in str(locked)) is (stage == "prod")
        lock = {"MinRetentionDays": 1, "MaxRetentionDays": 365, "ChangeableForDays": 3}
        assert vault.get("LockConfiguration") == (lock if stage == "prod" else None)


def test_only_stages_that_retain_data_lock_vaults_and_back_up_continuously(templates: Stage) -> None:
    for stage, retained in (("prod", True), ("staging", False), ("dev", False)):
        primary = templates(stage)["PrimaryRegionStack"]
        (vault,) = primary.find_resources("AWS::Backup::BackupVault").values()
        assert ("LockConfiguration" in vault["Properties"]) is retained
        assert vault["DeletionPolicy"] == ("RetainExceptOnCreate" if retained else "Delete")
        assert ("EnableContinuousBackup" in str(primary.find_resources("AWS::Backup::BackupPlan"))) is retained


def test_every_region_opts_in_to_what_it_backs_up(templates: Stage) -> None:
    for name in ("PrimaryRegionStack", "SecondaryRegionStack"):
        assert "updateRegionSettings" in str(templates("prod")[name].find_resources("Custom::AWS"))


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_vaults_are_emptied_before_they_go_where_a_stage_can_be_destroyed(templates: Stage, stage: str) -> None:
    for template in templates(stage).values():
        emptied = template.find_resources(CONTENTS).values()
        names = [each["Properties"]["VaultName"]["Fn::GetAtt"][0] for each in emptied]
        assert sorted(names) == ([] if stage == "prod" else sorted(template.find_resources(VAULT)))


@pytest.mark.parametrize("stage", ["dev", "staging"])
def test_emptying_a_vault_is_answered_for_by_cdks_provider_and_not_by_our_function(
    templates: Stage, stage: str
) -> None:
    for template in templates(stage).values():
        for contents in template.find_resources(CONTENTS).values():
            [server, _] = contents["Properties"]["ServiceToken"]["Fn::GetAtt"]
            served = template.find_resources("AWS::Lambda::Function")[server]["Properties"]
            assert served["Handler"] == "framework.onEvent"
            assert served["Timeout"] > 840, "it waits for our function"


@pytest.mark.parametrize("stage", ["dev", "staging"])
def test_the_plan_goes_before_the_vault_is_emptied_or_it_would_fill_it_again(templates: Stage, stage: str) -> None:
    primary = templates(stage)["PrimaryRegionStack"]
    [contents] = primary.find_resources(CONTENTS)
    for plan in primary.find_resources("AWS::Backup::BackupPlan").values():
        assert contents in plan["DependsOn"]


def test_emptying_a_vault_may_look_at_that_vault_and_delete_recovery_points_only(templates: Stage) -> None:
    primary = templates("staging")["PrimaryRegionStack"]
    [policy] = [
        each for name, each in primary.find_resources("AWS::IAM::Policy").items() if name.startswith("VaultEmptierRole")
    ]
    statements = [
        each
        for each in policy["Properties"]["PolicyDocument"]["Statement"]
        if not all(action.startswith(("logs:", "xray:")) for action in _list(each["Action"]))
    ]
    actions = {action for each in statements for action in _list(each["Action"])}
    assert actions == {
        "backup:ListRecoveryPointsByBackupVault",
        "backup:ListTags",
        "backup:DeleteRecoveryPoint",
        "rds:DeleteDBClusterSnapshot",
    }
    assert all(each["Resource"] != "*" for each in statements)


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_a_vault_is_marked_for_removal_where_nothing_is_retained(templates: Stage, stage: str) -> None:
    for template in templates(stage).values():
        for vault in template.find_resources("AWS::Backup::BackupVault").values():
            mark = vault["Properties"].get("BackupVaultTags", {}).get(REMOVAL_TAG)
            assert mark == (None if stage == "prod" else REMOVED_WITH_STACK)


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
