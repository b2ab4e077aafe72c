"""The example of a rollout in docs/pipeline.md calls what there is, in the right order, and stores no key."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from command.cli import application
from tests.github.test_workflows import PINNED

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "pipeline.md").read_text(encoding="utf-8")


def example() -> dict[str, Any]:
    [block] = re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    document = yaml.safe_load(block)
    assert isinstance(document, dict)
    return document


JOBS = example()["jobs"]
SCRIPTS = [(name, step["run"]) for name, job in JOBS.items() for step in job["steps"] if "run" in step]


def test_regions_are_changed_one_after_the_other_and_each_bakes_before_the_next() -> None:
    assert [(name, job.get("needs")) for name, job in JOBS.items()] == [
        ("staging", None),
        ("secondary", "staging"),
        ("primary", "secondary"),
    ]
    for name, stack in (("secondary", "SecondaryRegionStack"), ("primary", "PrimaryRegionStack")):
        scripts = [script for job, script in SCRIPTS if job == name]
        [deploy] = [number for number, script in enumerate(scripts) if f"STACK={stack}" in script]
        assert "tandem status --stage prod" in scripts[deploy + 1]
        assert "sleep 60" in scripts[deploy + 1]
        assert JOBS[name]["environment"] == "production"


def test_a_rollout_has_no_key_and_no_more_than_a_token_of_its_own() -> None:
    assert example()["permissions"] == {"contents": "read"}
    assert all(job["permissions"] == {"contents": "read", "id-token": "write"} for job in JOBS.values())
    assert "secrets." not in TEXT


def test_every_action_of_the_example_is_pinned() -> None:
    used = [line.split("uses:", 1)[1].strip() for line in TEXT.splitlines() if "uses:" in line]
    assert len(used) == 2
    assert all(PINNED.fullmatch(action) for action in used)


@pytest.mark.parametrize(("name", "script"), SCRIPTS)
def test_every_script_of_the_example_is_one_that_bash_takes(name: str, script: str) -> None:
    checked = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False)  # noqa: S607
    assert checked.returncode == 0, (name, checked.stderr)


def test_every_command_and_target_of_the_example_exists() -> None:
    scripts = "\n".join(script for _, script in SCRIPTS)
    typed = re.findall(r"\.venv/bin/tandem ([^|>\n]+?)(?: (?:>|\|\|) .*)?$", scripts, re.MULTILINE)
    assert len(typed) >= 5
    for command in typed:
        application().parse_args(shlex.split(command))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"\bmake ([a-z-]+)", scripts))
    assert {name for name in targets if not re.search(rf"^{name}:", makefile, re.MULTILINE)} == set()
    composed = (ROOT / "stacks" / "composition.py").read_text(encoding="utf-8")
    assert all(f'"{stack}"' in composed for stack in re.findall(r"STACK=(\w+)", scripts))
