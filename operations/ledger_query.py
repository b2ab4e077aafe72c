"""Ask a Region's ledger over the RDS Data API, which needs no way into the VPC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from contract.database import DATABASE
from contract.parameters import DATABASE_SECRET_ARN
from operations.errors import OperationError

if TYPE_CHECKING:
    from operations.deployment import Deployment
    from operations.endpoint import Endpoint


def query(endpoint: Endpoint, deployment: Deployment, region: str, statement: str, **values: str) -> list[list[Any]]:
    """Run a query on a Region's ledger through the RDS Data API and return its rows.

    AWS refuses this on a cluster that is not the writer; the embedded AWS answers on both.
    """
    try:
        answer = endpoint.data_api(region).execute_statement(
            resourceArn=deployment.cluster_arn(region),
            secretArn=deployment.get(region, DATABASE_SECRET_ARN),
            database=DATABASE,
            sql=statement,
            parameters=[{"name": name, "value": {"stringValue": value}} for name, value in values.items()],
        )
    except (BotoCoreError, ClientError) as error:
        raise OperationError(f"the ledger of {region} could not be read: {error}") from error
    return [[next(iter(cell.values()), None) for cell in row] for row in answer.get("records", [])]
