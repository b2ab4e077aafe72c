from __future__ import annotations

from typing import TYPE_CHECKING

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
