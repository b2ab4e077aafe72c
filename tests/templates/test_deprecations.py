from __future__ import annotations

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_dynamodb as dynamodb


def test_a_deprecated_property_of_the_cdk_fails_the_tests() -> None:
    stack = Stack(App(), "Stack")
    key = dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING)
    with pytest.raises(RuntimeError, match="deprecated"):
        dynamodb.Table(stack, "Table", partition_key=key, point_in_time_recovery=True)
