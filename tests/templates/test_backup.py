from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aws_cdk.assertions import Match

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]

VAULT = "AWS::Backup::BackupVault"
CONTENTS = "Custom::TandemVaultContents"


def test_ledger_and_journal_are_backed_up_hourly_with_a_copy_in_the_other_region(templates: Stage) -> None:
    templates("prod")["PrimaryRegionStack"].has_resource_properties(
        "AWS::Backup::BackupPlan",
        {
            "BackupPlan": Match.object_like(
                {
                    "BackupPlanRule": [
                        Match.object_like(
                            {
                                "ScheduleExpression": "cron(0 * * * ? *)",
                                "CopyActions": [
                                    Match.object_like(
                                        {
                                            "DestinationBackupVaultArn": "arn:aws:backup:us-west-2:000000000000:"
                                            "backup-vault:tandem-copies-prod"
                                        }
                                    )
                                ],
                            }
                        )
                    ]
                }
            )
        },
    )


@pytest.mark.parametrize("stage", ["staging", "prod"])
def test_the_secondarys_backups_are_copied_to_the_primarys_vault(templates: Stage, stage: str) -> None:
    plans = templates(stage)["SecondaryRegionStack"].find_resources("AWS::Backup::BackupPlan").values()
    [hourly] = [
        rule
        for plan in plans
        for rule in plan["Properties"]["BackupPlan"]["BackupPlanRule"]
        if rule["RuleName"] == "hourly"
    ]
    [copy] = hourly["CopyActions"]
    vault = f"arn:aws:backup:us-east-1:000000000000:backup-vault:tandem-backup-{stage}"
    assert copy["DestinationBackupVaultArn"] == vault
    assert copy["Lifecycle"]["DeleteAfterDays"] == 35


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
        names = [each["Properties"]["Vault"]["Fn::GetAtt"][0] for each in emptied]
        assert sorted(names) == ([] if stage == "prod" else sorted(template.find_resources(VAULT)))


@pytest.mark.parametrize("stage", ["dev", "staging"])
def test_the_plan_goes_before_the_vault_is_emptied_or_it_would_fill_it_again(templates: Stage, stage: str) -> None:
    primary = templates(stage)["PrimaryRegionStack"]
    [contents] = primary.find_resources(CONTENTS)
    for plan in primary.find_resources("AWS::Backup::BackupPlan").values():
        assert contents in plan["DependsOn"]


def test_emptying_a_vault_may_list_that_vault_and_delete_recovery_points_only(templates: Stage) -> None:
    primary = templates("staging")["PrimaryRegionStack"]
    [policy] = [
        each for name, each in primary.find_resources("AWS::IAM::Policy").items() if name.startswith("VaultEmptier")
    ]
    statements = [
        each
        for each in policy["Properties"]["PolicyDocument"]["Statement"]
        if not all(action.startswith(("logs:", "xray:")) for action in _list(each["Action"]))
    ]
    actions = {action for each in statements for action in _list(each["Action"])}
    assert actions == {
        "backup:ListRecoveryPointsByBackupVault",
        "backup:DeleteRecoveryPoint",
        "rds:DeleteDBClusterSnapshot",
    }
    assert all(each["Resource"] != "*" for each in statements)


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
