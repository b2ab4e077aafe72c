"""What GitHub runs and asks: the workflows pin what they use, and everything that they call exists."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
PINNED = re.compile(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def read(path: Path) -> dict[str, Any]:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


def steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in read(path)["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_every_action_is_pinned_by_hash_and_names_its_version(workflow: Path) -> None:
    used = [line.split("uses:", 1)[1].strip() for line in workflow.read_text().splitlines() if "uses:" in line]
    assert used
    assert [action for action in used if not PINNED.fullmatch(action)] == []


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_only_read_and_ends(workflow: Path) -> None:
    document = read(workflow)
    assert document["permissions"] == {"contents": "read"}
    assert all(job["timeout-minutes"] <= 60 for job in document["jobs"].values())


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_the_make_targets_of_a_workflow_exist(workflow: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = [name for step in steps(workflow) for name in re.findall(r"\bmake ([a-z-]+)", step.get("run", ""))]
    assert [name for name in targets if not re.search(rf"^{name}:", makefile, re.MULTILINE)] == []


def test_tests_run_on_the_oldest_python_that_the_project_takes_and_on_the_functions_own() -> None:
    versions = read(ROOT / ".github" / "workflows" / "test.yml")["jobs"]["test"]["strategy"]["matrix"]["python"]
    oldest = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"].removeprefix(">=")
    functions = (ROOT / "constructs" / "tandem" / "functions.py").read_text()
    deployed = re.search(r"Runtime\.PYTHON_(\d)_(\d+)", functions)
    assert deployed is not None
    assert versions == [oldest, f"{deployed[1]}.{deployed[2]}"]


def test_updates_of_dependencies_wait_for_a_cooldown() -> None:
    updates = read(ROOT / ".github" / "dependabot.yml")["updates"]
    assert {update["package-ecosystem"] for update in updates} == {"pip", "npm", "github-actions"}
    assert all(update["cooldown"]["default-days"] >= 7 for update in updates)


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.stem)
def test_an_issue_form_has_a_name_and_a_question_that_must_be_answered(form: Path) -> None:
    document = read(form)
    assert document["name"]
    assert document["description"]
    assert any(part.get("validations", {}).get("required") for part in document["body"])


def test_the_hooks_call_tools_that_the_locks_hold() -> None:
    pinned = (ROOT / "requirements" / "project.txt").read_text()
    hooks = read(ROOT / ".pre-commit-config.yaml")["repos"][0]["hooks"]
    packages = {"lint-imports": "import-linter"}
    tools = [hook["entry"].split()[0].rsplit("/", 1)[-1] for hook in hooks]
    assert [tool for tool in tools if not re.search(rf"^{packages.get(tool, tool)}==", pinned, re.MULTILINE)] == []
