from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aws_cdk.assertions import Match

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.assertions import Template

    Stage = Callable[[str], dict[str, Template]]


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


def test_only_stages_that_retain_data_lock_vaults_and_back_up_continuously(templates: Stage) -> None:
    for stage, retained in (("prod", True), ("staging", False), ("dev", False)):
        primary = templates(stage)["PrimaryRegionStack"]
        (vault,) = primary.find_resources("AWS::Backup::BackupVault").values()
        assert ("LockConfiguration" in vault["Properties"]) is retained
        assert vault["DeletionPolicy"] == ("Retain" if retained else "Delete")
        assert ("EnableContinuousBackup" in str(primary.find_resources("AWS::Backup::BackupPlan"))) is retained


def test_every_region_opts_in_to_what_it_backs_up(templates: Stage) -> None:
    for name in ("PrimaryRegionStack", "SecondaryRegionStack"):
        assert "updateRegionSettings" in str(templates("prod")[name].find_resources("Custom::AWS"))


VAULT = "AWS::Backup::BackupVault"
CONTENTS = "Custom::TandemVaultContents"


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
    statements = policy["Properties"]["PolicyDocument"]["Statement"]
    actions = {action for each in statements for action in _list(each["Action"]) if not action.startswith("logs:")}
    assert actions == {
        "backup:ListRecoveryPointsByBackupVault",
        "backup:DeleteRecoveryPoint",
        "rds:DeleteDBClusterSnapshot",
    }
    assert all(each["Resource"] != "*" for each in statements)


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
