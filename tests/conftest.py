"""Provide every stage's app, composed as the app composes it, and give tests that share a stage to one worker."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from xdist.scheduler import LoadFileScheduling

os.environ["JSII_DEPRECATED"] = "fail"  # read when aws_cdk is imported

from aws_cdk import App

import app as tandem_app
from stacks import composition, inputs
from stacks.settings.stage import load

if TYPE_CHECKING:
    from collections.abc import Callable

hypothesis.settings.register_profile("tandem", deadline=None)  # a busy machine is no fault of the code
hypothesis.settings.load_profile("tandem")

ROOT = Path(__file__).parent.parent
ACCOUNT = "000000000000"
LONGEST_FIRST = ("scenarios", "examples", "templates", "model", "changes", "lifecycle", "api")
"""Folders whose tests wait for an embedded AWS, a database or CDK: begun last, the others would wait for them."""
SYNTHESIZING = (
    "tests/changes/test_exports.py",
    "tests/compliance/",
    "tests/examples/test_notes.py",
    "tests/extending/test_settings.py",
    "tests/settings/test_settings_names.py",
    "tests/snapshot/",
    "tests/templates/",
)
"""What has CDK compose a stage: a process takes four times as long for its first, so one process does all of it."""


class _OneWorkerPerStage(LoadFileScheduling):  # type: ignore[misc] # it comes without types
    """Gives a file's tests to one worker, and those of all files that use the same deployed stage, or that use CDK."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        if file.startswith(SYNTHESIZING):
            return "what CDK composes"
        if file.startswith("tests/changes/"):
            return "the stage that changes"
        shared = file.startswith("tests/scenarios/") and file != "tests/scenarios/test_rollout.py"
        return "the shared stage" if shared else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    """Deploy the shared stage once, and begin with it: files go out in the order of their tests."""
    config.option.loadscopereorder = False
    return _OneWorkerPerStage(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest first; which order the rest has makes no difference."""

    def place(item: pytest.Item) -> int:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        return LONGEST_FIRST.index(folder) if folder in LONGEST_FIRST else len(LONGEST_FIRST)

    items.sort(key=place)


@pytest.fixture(scope="session")
def compose() -> Callable[[str], App]:
    """A new app of a stage, with the context of cdk.json, which a bare `App` does not read."""
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]

    def make(stage: str) -> App:
        app = App(context={**context, "stage": stage, "account": ACCOUNT})
        settings = load(stage, tandem_app.SETTINGS, account=ACCOUNT)
        composition.build(app, settings)
        composition.check(app, settings)
        return app

    return make


@pytest.fixture(scope="session")
def synthesized(compose: Callable[[str], App]) -> Callable[[str], Path]:
    """The cloud assembly of a stage, which every rule pack passed: one for all workers, and for the next run too.

    It is synthesized anew when anything that it depends on changed. Nobody may change it.
    """
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]

    @cache
    def find(stage: str) -> Path:
        folder = Path(tempfile.gettempdir()) / "tandem-synthesized"
        folder.mkdir(exist_ok=True)
        digest = inputs.digest(ROOT, {**context, "stage": stage, "account": ACCOUNT}, os.environ)
        assembly = folder / stage
        with (folder / f"{stage}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not inputs.unchanged(assembly, digest):
                shutil.rmtree(assembly, ignore_errors=True)
                shutil.copytree(compose(stage).synth().directory, assembly)
                inputs.record(assembly, digest)
        return assembly

    return find
