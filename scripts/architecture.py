"""Draw docs/images/architecture.svg from a stage's templates: what no stack holds is not in the picture.

Run `python -m scripts.architecture ASSEMBLY > docs/images/architecture.svg` with the folder of a stage of two Regions.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

STACKS = {"PrimaryRegionStack": "Primary Region", "SecondaryRegionStack": "Secondary Region"}
WIDTH, REGION, TOP, ROW, STORE = 1040, 440, 130, 44, 148
STORES = {"Journal": "DynamoDB, global", "Ledger": "Aurora PostgreSQL", "Documents": "S3, versioned"}
STYLE = (
    "text{fill:#223}.head{font-weight:bold}.small{font-size:12px;fill:#445}.region{fill:#f4f6fa;stroke:#8894aa}"
    ".box{fill:#fff;stroke:#334;stroke-width:1.2}.shared{fill:#fdf6e6;stroke:#b58a2a;stroke-width:1.2}"
    ".flow{stroke:#334;fill:none;stroke-width:1.3;marker-end:url(#end)}"
    ".copy{stroke:#2a6db5;fill:none;stroke-width:1.6;stroke-dasharray:6 4;marker-end:url(#end)}"
    ".both{marker-start:url(#end)}.middle{text-anchor:middle}"
)
Resources = dict[str, dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Function:
    """A function of a stack: what calls it, and which stores it reaches."""

    role: str
    callers: tuple[str, ...]
    reads_stream: bool
    reads_journal: bool
    writes_journal: bool
    reaches_ledger: bool


def referred(value: Any) -> Iterator[str]:
    """Every logical id that a part of a template refers to."""
    if isinstance(value, dict):
        if "Ref" in value:
            yield value["Ref"]
        if "Fn::GetAtt" in value:
            yield value["Fn::GetAtt"][0]
        for below in value.values():
            yield from referred(below)
    elif isinstance(value, list):
        for below in value:
            yield from referred(below)


def of_type(resources: Resources, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The resources of a type, by logical id."""
    return ((key, each.get("Properties", {})) for key, each in resources.items() if each["Type"] == name)


def functions(resources: Resources) -> list[Function]:
    """The stack's own functions, which are those with a name, sorted by it."""
    named = {key: each for key, each in of_type(resources, "AWS::Lambda::Function") if "FunctionName" in each}
    return sorted((_function(resources, key, each) for key, each in named.items()), key=lambda each: each.role)


def _function(resources: Resources, key: str, properties: dict[str, Any]) -> Function:
    called = {"API": "AWS::ApiGatewayV2::Integration", "alarm": "AWS::SNS::Subscription"}
    callers = [word for word, kind in called.items() if _refers(resources, kind, key)]
    for _, rule in of_type(resources, "AWS::Events::Rule"):
        if key in set(referred(rule.get("Targets"))):
            callers.append(re.sub(r"rate\((?:1 )?(.+)\)", r"every \1", rule.get("ScheduleExpression", "an event")))
    callers += ["deployment" for name, each in resources.items() if name != key and _is_custom(resources, each, key)]
    allowed = _on_the_journal(resources, set(referred(properties.get("Role"))))
    return Function(
        role=str(properties["FunctionName"]).split("-")[1],
        callers=tuple(dict.fromkeys(callers)),
        reads_stream=_refers(resources, "AWS::Lambda::EventSourceMapping", key),
        reads_journal=bool({"dynamodb:Query", "dynamodb:Scan"} & allowed),
        writes_journal="dynamodb:PutItem" in allowed,
        reaches_ledger="VpcConfig" in properties,
    )


def _on_the_journal(resources: Resources, roles: set[str]) -> set[str]:
    """What the policies of a function's role let it do with the journal's table and its indexes."""
    policies = [each for _, each in of_type(resources, "AWS::IAM::Policy") if roles & set(referred(each.get("Roles")))]
    statements = [statement for each in policies for statement in each["PolicyDocument"]["Statement"]]
    journal = [each for each in statements if re.search(r":table/[\w-]*journal", json.dumps(each["Resource"]))]
    lists = [[each["Action"]] if isinstance(each["Action"], str) else each["Action"] for each in journal]
    return {action for actions in lists for action in actions}


def _refers(resources: Resources, kind: str, key: str) -> bool:
    return any(key in set(referred(each)) for _, each in of_type(resources, kind))


def _is_custom(resources: Resources, resource: dict[str, Any], key: str) -> bool:
    """Whether a custom resource of ours has the function called, by CDK's provider or directly."""
    if not resource["Type"].startswith("Custom::Tandem"):
        return False
    served = set(referred(resource["Properties"].get("ServiceToken")))
    return key in served or any(key in set(referred(resources.get(each, {}).get("Properties"))) for each in served)


def stores(stacks: Mapping[str, Resources]) -> dict[str, str]:
    """How each store is copied between the Regions: `both` ways, `over` to the other one, or not at all."""
    everything: Resources = {f"{name}.{key}": each for name, stack in stacks.items() for key, each in stack.items()}
    replicas = max(len(each["Replicas"]) for _, each in of_type(everything, "AWS::DynamoDB::GlobalTable"))
    copied = [each for _, each in of_type(everything, "AWS::S3::Bucket") if "ReplicationConfiguration" in each]
    return {
        "Journal": "both" if replicas > 1 else "",
        "Ledger": "over" if any(of_type(everything, "AWS::RDS::GlobalCluster")) else "",
        "Documents": "both" if "putBucketReplication" in json.dumps(everything) else "over" if copied else "",
    }


def text(x: float, y: float, words: str, kind: str = "") -> str:
    """A line of text."""
    return f'<text x="{x:g}" y="{y:g}"' + (f' class="{kind}"' if kind else "") + f">{escape(words)}</text>"


def box(x: float, y: float, width: float, height: float, kind: str = "box") -> str:
    """A rectangle."""
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="5" class="{kind}"/>'


def region(title: str, stack: Resources, *, left: bool, rows: int) -> Iterator[str]:
    """A Region's functions on its outer side, its stores on its inner side, and what flows between them."""
    x = 16 if left else WIDTH - 16 - REGION
    outer, inner = (x + 14, x + 276) if left else (x + 204, x + 14)
    from_function, to_store = (outer + 222, inner) if left else (outer, inner + STORE)
    yield box(x, TOP, REGION, rows * ROW + 60, "region")
    yield text(x + 14, TOP + 24, title, "head")
    middles = {name: TOP + 70 + number * (rows * ROW - 60) / 2 for number, name in enumerate(STORES)}
    for name, words in STORES.items():
        yield box(inner, middles[name] - 24, STORE, 48)
        yield text(inner + 10, middles[name] - 4, name, "head") + text(inner + 10, middles[name] + 14, words, "small")
    for number, each in enumerate(functions(stack)):
        y = TOP + 40 + number * ROW
        yield box(outer, y, 222, 36)
        yield text(outer + 10, y + 15, each.role)
        callers = ", ".join((*each.callers, *(["the journal's stream"] * each.reads_stream)))
        yield text(outer + 10, y + 30, callers or "when it is invoked", "small")
        ends = [(middles["Journal"], False)] * each.writes_journal + [(middles["Journal"], True)] * (
            each.reads_stream or each.reads_journal
        )
        for middle, back in [*ends, *([(middles["Ledger"], False)] * each.reaches_ledger)]:
            yield flow((from_function, y + 18), (to_store, middle), back=back)


def flow(start: tuple[float, float], end: tuple[float, float], *, back: bool) -> str:
    """An arrow from a function to a store, or back."""
    (x1, y1), (x2, y2) = (end, start) if back else (start, end)
    middle = (x1 + x2) / 2
    return f'<path d="M{x1:g} {y1:g}C{middle:g} {y1:g} {middle:g} {y2:g} {x2:g} {y2:g}" class="flow"/>'


def picture(stacks: Mapping[str, Resources]) -> str:
    """The whole picture as SVG."""
    rows = max(len(functions(stacks[name])) for name in STACKS)
    bottom = TOP + rows * ROW + 60
    head = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + 112}"'
    marker = '<marker id="end" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7"'
    lines = [
        f'<svg {head} font-family="Helvetica, Arial, sans-serif" font-size="14">',
        "<title>Two Regions with their functions and stores, what flows between them, and what is copied</title>",
        f'<defs>{marker} orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="#334"/></marker>',
        f"<style>{STYLE}</style></defs>",
        f'<rect width="{WIDTH}" height="{bottom + 112}" fill="#fff"/>',
        *_above(stacks),
    ]
    for name, title in STACKS.items():
        lines += region(f"{title}: {name}", stacks[name], left=name == next(iter(STACKS)), rows=rows)
    for number, (name, way) in enumerate(stores(stacks).items()):
        y = TOP + 70 + number * (rows * ROW - 60) / 2
        if way:
            lines.append(f'<path d="M442 {y:g}H598" class="copy{" both" * (way == "both")}"/>')
            lines.append(text(WIDTH / 2, y - 8, f"{name.lower()} copied", "small middle"))
    lines += _below(stacks["GlobalStack"], bottom + 16)
    return "\n".join([*lines, "</svg>", ""])


def _above(stacks: Mapping[str, Resources]) -> Iterator[str]:
    records = sum(1 for stack in stacks.values() for _ in of_type(stack, "AWS::Route53::RecordSet"))
    checks = sum(1 for stack in stacks.values() for _ in of_type(stack, "AWS::Route53::HealthCheck"))
    yield box(300, 14, 440, 58, "shared")
    yield text(318, 38, f"Route 53: one name, {records} failover records", "head")
    yield text(318, 58, f"{checks} health checks decide which Region a client is sent to", "small")
    yield flow((420, 72), (236, TOP), back=False)
    yield flow((620, 72), (804, TOP), back=False)


def _below(stack: Resources, y: float) -> Iterator[str]:
    names = [f"{each.role} ({', '.join(each.callers)})" if each.callers else each.role for each in functions(stack)]
    yield box(300, y, 724, 82, "shared")
    yield text(318, y + 25, "GlobalStack, in the secondary Region", "head")
    yield text(318, y + 47, "hosted zone, key, global database", "small")
    yield text(318, y + 67, f"functions: {', '.join(names)}", "small")


def read(assembly: Path) -> dict[str, Resources]:
    """The resources of each of the stage's templates."""
    files = {name: assembly / f"{name}.template.json" for name in (*STACKS, "GlobalStack")}
    return {name: json.loads(file.read_text(encoding="utf-8"))["Resources"] for name, file in files.items()}


if __name__ == "__main__":
    sys.stdout.write(picture(read(Path(sys.argv[1]))))
