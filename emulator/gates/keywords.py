"""Every keyword of CloudFormation's schemas: what is evaluated, and why the others are not.

`tests/aws_says_no/test_keywords.py` looks for every keyword of every schema, so that a new one is decided here.
"""

from __future__ import annotations

EVALUATED = frozenset(
    {"$ref", "additionalProperties", "allOf", "anyOf", "const", "dependencies", "dependentExcluded", "enum", "else"}
    | {"dependentRequired", "enumCaseInsensitive", "exclusiveMaximum", "exclusiveMinimum", "format", "if", "items"}
    | {"maxItems", "maxLength", "maxProperties", "maxUniqueItems", "maximum", "minItems", "minLength", "minimum"}
    | {"minProperties", "multipleOf", "not", "oneOf", "pattern", "patternProperties", "prefixItems", "properties"}
    | {"required", "requiredOr", "requiredXor", "then", "type", "uniqueItems", "uniqueKeys"}
)
"""Keywords that constrain a value."""

OF_RESOURCES = frozenset(
    {"conditionalCreateOnlyProperties", "createOnlyProperties", "primaryIdentifier", "readOnlyProperties", "tagging"}
    | {"definitions", "replacementStrategy"}
)
"""Keywords of a whole type that updates, replacements and tags are judged by."""

NOT_EVALUATED = {
    "$comment": "a remark",
    "$schema": "names the language of the schema",
    "additionalIdentifiers": "other names of a resource, for imports",
    "arrayType": "whether a list keeps its order and repetitions: nothing is refused by it",
    "default": "what AWS assumes, which MiniStack has to know by itself",
    "deprecatedProperties": "AWS still takes them",
    "description": "a remark",
    "documentationUrl": "a remark",
    "examples": "a remark",
    "handlers": "the permissions of CloudFormation's own handlers",
    "insertionOrder": "whether order matters when a list is compared: nothing is refused by it",
    "lifecycle": "of the type's publication",
    "propertyTransform": "how a value that AWS changed is compared with the template's, for drift",
    "relationshipRef": "which type an identifier belongs to: that it exists is not checked",
    "resourceLink": "where the console shows it",
    "sourceUrl": "a remark",
    "taggable": "an older form of tagging",
    "title": "a remark",
    "typeConfiguration": "settings of third parties' types",
    "typeName": "the type's name",
    "writeOnlyProperties": "what a description leaves out",
}
"""Keywords that constrain no value, each with what it is."""
