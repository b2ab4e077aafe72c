"""The documentation site leads to every page, makes its reference anew, and fetches nothing from another host."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import yaml

from scripts.site import constructs_page, on_page_markdown, public_modules, whole

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SITE: dict[str, Any] = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
MADE = {"reference/api.md", "reference/constructs.md"}
"""Pages that are made while the site is built."""


def pages(navigation: list[Any]) -> list[str]:
    """Every page of a navigation, in its order."""
    leaves: list[str] = []
    for entry in navigation:
        below = list(entry.values()) if isinstance(entry, dict) else entry
        leaves += [below] if isinstance(below, str) else pages(below)
    return leaves


def test_the_navigation_leads_to_every_page_once() -> None:
    led_to = pages(whole(SITE["nav"], DOCS))
    assert sorted(led_to) == sorted([*MADE, *(str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md"))])


def test_every_module_with_a_public_face_is_on_the_page_of_constructs() -> None:
    library = ROOT / "constructs" / "tandem"
    public = {
        path.relative_to(library.parent).with_suffix("").as_posix().replace("/", ".")
        for path in library.rglob("*.py")
        if path.stem != "__init__"
        and any(
            isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
            for node in ast.parse(path.read_text(encoding="utf-8")).body
        )
    }
    assert public
    assert set(public_modules(library)) == public


def test_the_page_of_constructs_asks_for_each_module_s_docstrings(monkeypatch: Any) -> None:
    monkeypatch.chdir(ROOT)
    assert re.findall(r"^::: (\S+)$", constructs_page(), re.MULTILINE) == public_modules()


def test_a_link_out_of_the_documentation_becomes_its_words_and_no_other_does() -> None:
    text = "[how](../CONTRIBUTING.md), [runbook](../runbook.md), [code](../../constructs/tandem/keys.py)"
    assert on_page_markdown(text) == "how, [runbook](../runbook.md), code"


def test_the_site_fetches_no_font_and_its_lock_has_hashes_and_no_address() -> None:
    assert SITE["theme"]["font"] is False
    lock = (ROOT / "requirements" / "docs.txt").read_text(encoding="utf-8")
    pinned = re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE)[1:]
    assert pinned
    assert [line.split()[0] for line in pinned if "--hash=sha256:" not in line] == []
    assert "://" not in lock
