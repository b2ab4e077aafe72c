"""Somebody else's service, deployed into the embedded AWS as its page says, goes on when a Region of it is lost."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from contract.patterns import EMBEDDED_ACCOUNT
from drills.embedded.cdk import CdkCli
from drills.embedded.control import Control
from drills.embedded.isolation import ROOT, isolated_environment
from drills.embedded.process import EmbeddedAws
from examples.notes.app import AWAY, HOME, TABLE
from operations.deployment import Regions
from tests.scenarios.operations import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REGIONS = Regions(primary=HOME, secondary=AWAY)


class Notes:
    """The deployed service, as whoever may invoke its functions and read its table sees it."""

    def __init__(self, url: str) -> None:
        self.control = Control(url)
        session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test")  # noqa: S106 - loopback only
        once = Config(retries={"total_max_attempts": 1})
        self._functions = {each: session.client("lambda", each, endpoint_url=url, config=once) for each in REGIONS.both}
        self._tables = {each: session.client("dynamodb", each, endpoint_url=url, config=once) for each in REGIONS.both}

    def write(self, region: str, note: str) -> None:
        """Have a Region's function write; raises BotoCoreError where the Region does not answer."""
        payload = json.dumps({"id": note, "text": "buy milk"})
        answer = self._functions[region].invoke(FunctionName="notes", Payload=payload)
        assert "FunctionError" not in answer, answer["Payload"].read()

    def has(self, region: str, note: str) -> bool:
        """Whether a Region's replica holds the note."""
        return "Item" in self._tables[region].get_item(TableName=TABLE, Key={"pk": {"S": note}})


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notes]:
    work: Path = tmp_path_factory.mktemp("notes")
    with EmbeddedAws(REGIONS, state=ROOT / "build" / "tests" / "notes", lag_milliseconds=20) as aws:
        app = f"{sys.executable} -m examples.notes.app"
        command = ["cdk", "synth", "--quiet", "--app", app, "--output", str(work / "cdk.out")]
        context = ["-c", f"account={EMBEDDED_ACCOUNT}"]
        subprocess.run([*command, *context], cwd=ROOT, env=isolated_environment(None), check=True, capture_output=True)
        bootstrap = ["cdk", "bootstrap", *(f"aws://{EMBEDDED_ACCOUNT}/{region}" for region in REGIONS.both)]
        subprocess.run(bootstrap, cwd=work, env=isolated_environment(aws.url), check=True, capture_output=True)
        CdkCli(aws.url, work).deploy()
        yield Notes(aws.url)


def test_notes_that_were_taken_outlive_the_region_that_took_them_and_new_ones_reach_it_when_it_is_back(
    notes: Notes,
) -> None:
    notes.write(HOME, "before")
    until(lambda: notes.has(AWAY, "before"), "the note did not reach the other Region")
    notes.control.lose(HOME)
    with pytest.raises(BotoCoreError):
        notes.write(HOME, "nowhere")
    assert notes.has(AWAY, "before")
    notes.write(AWAY, "meanwhile")
    notes.control.restore(HOME)
    until(lambda: notes.has(HOME, "meanwhile"), "what was written meanwhile did not reach the Region that is back")
    notes.write(HOME, "after")
    until(lambda: notes.has(AWAY, "after"), "the Region that is back does not serve")
    assert not notes.has(AWAY, "nowhere")
