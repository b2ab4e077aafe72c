"""Hooks of the documentation site, which make its reference while it is built, so that none can be stale.

MkDocs calls them by their names (https://www.mkdocs.org/user-guide/configuration/#hooks), in the checkout's root.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

CONSTRUCTS = Path("constructs/tandem")
REST = "..."
"""An entry of the navigation that stands for all pages of the folder of the entry before it."""

OUTWARD = re.compile(r"\[([^\]]+)\]\((?:\.\./)+(?:[A-Z]+\.md|LICENSE|[a-z]+/)[^)]*\)")


def public_modules(folder: Path = CONSTRUCTS) -> list[str]:
    """The modules of the library that have a public face: those with `__all__`."""
    modules = sorted(path for path in folder.rglob("*.py") if path.stem != "__init__")
    return [
        ".".join(path.relative_to(folder.parent).with_suffix("").parts)
        for path in modules
        if re.search(r"^__all__\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]


def constructs_page() -> str:
    """The page on which mkdocstrings writes the signature and docstrings of each public construct."""
    head = "# Constructs\n\nThe parts of the stacks, which other CDK apps may use too.\n"
    return "\n".join([head, *(f"::: {module}\n" for module in public_modules())])


def api_page(description: Path) -> str:
    """The API's description as a page of Markdown, with an example of each request and answer."""
    from openapidocs.mk.v3 import OpenAPIV3DocumentationHandler  # noqa: PLC0415 - the site's environment alone has it
    from openapidocs.utils.source import read_from_source  # noqa: PLC0415 - likewise

    document = read_from_source(str(description))
    page: str = OpenAPIV3DocumentationHandler(document, style="MKDOCS", source=str(description)).write()
    return page


def whole(navigation: list[Any], docs: Path) -> list[Any]:
    """The navigation with every `REST` replaced by the pages of that folder, in the order of their names."""
    entries: list[Any] = []
    for entry in navigation:
        if entry == REST:
            index = Path(entries[-1])
            entries += [
                str(index.parent / path.name)
                for path in sorted((docs / index.parent).glob("*.md"))
                if path.name != index.name
            ]
        elif isinstance(entry, dict):
            entries.append(
                {title: whole(below, docs) if isinstance(below, list) else below for title, below in entry.items()}
            )
        else:
            entries.append(entry)
    return entries


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Fill in the navigation."""
    config.nav = whole(config.nav or [], Path(config.docs_dir))
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of the reference."""
    from mkdocs.structure.files import File  # noqa: PLC0415 - the site's environment alone has it

    for name, content in {
        "api": api_page(Path(config.docs_dir) / "openapi.yaml"),
        "constructs": constructs_page(),
    }.items():
        files.append(File.generated(config, f"reference/{name}.md", content=content))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Leave of a link to a file of the checkout that is no page its words: the site does not have the file."""
    return OUTWARD.sub(r"\1", markdown)
