"""What an operator or a client needs to find, in each Region's parameter store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_ssm as ssm
from constructs import Construct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract.names import Names

__all__ = ["Parameters"]


class Parameters(Construct):
    """One parameter, `/tandem/<stage>/<key>`, for each of `values`."""

    def __init__(self, scope: Construct, construct_id: str, *, names: Names, values: Mapping[str, str]) -> None:
        super().__init__(scope, construct_id)
        for key, value in values.items():
            ssm.StringParameter(
                self,
                "".join(part.capitalize() for part in key.split("-")),
                parameter_name=names.parameter(key),
                string_value=value,
            )
