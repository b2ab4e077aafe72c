"""How ARC Region switch is spoken: Smithy RPC v2 over CBOR, which boto3 uses, or AWS JSON 1.0.

Both are read and written with botocore's own codecs and service model, so that the shapes are AWS's.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import RpcV2CBORParser
from botocore.serialize import RpcV2CBORSerializer
from botocore.utils import parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.region_switch.errors import RegionSwitchError

MODEL = ServiceModel(Loader().load_service_model("arc-region-switch", "service-2"), "arc-region-switch")
_PATH = "/service/ArcRegionSwitch/operation/"
_TARGET = "ArcRegionSwitch."


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Codec:
    """One request's operation, and how its input, answer and errors are written."""

    operation: str
    cbor: bool

    def read(self, body: bytes) -> dict[str, Any]:
        """The input of the operation."""
        if not body:
            return {}
        if not self.cbor:
            return dict(json.loads(body))
        parser: Any = RpcV2CBORParser(timestamp_parser=parse_timestamp)
        return dict(parser.parse_data_item(parser.get_peekable_stream_from_bytes(body)))

    def answer(self, result: Mapping[str, Any]) -> Answer:
        """The operation's result."""
        if not self.cbor:
            return self._json(200, result)
        shape: Any = MODEL.operation_model(self.operation).output_shape
        serializer: Any = RpcV2CBORSerializer()
        known = {key: value for key, value in result.items() if key in shape.members and value is not None}
        return self._cbor(200, serializer._serialize_body_params(known, shape))

    def error(self, error: RegionSwitchError) -> Answer:
        """An error, named as the service names it."""
        fields = {"__type": f"com.amazonaws.arcregionswitch#{error.code}", "message": str(error)}
        if not self.cbor:
            return self._json(error.status, fields)
        serializer: Any = RpcV2CBORSerializer()
        body = bytearray([0xA0 + len(fields)])  # a map of two
        for text in [each for pair in fields.items() for each in pair]:
            serializer._serialize_type_string(body, text, None, None)
        return self._cbor(error.status, bytes(body))

    @staticmethod
    def _cbor(status: int, body: bytes) -> Answer:
        return Answer(status, {"content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}, body)

    @staticmethod
    def _json(status: int, fields: Mapping[str, Any]) -> Answer:
        body = json.dumps(fields, default=_seconds).encode()
        return Answer(status, {"content-type": "application/x-amz-json-1.0"}, body)


def codec_of(path: str, headers: Mapping[str, str]) -> Codec | None:
    """The codec of a request, or None when it is not for Region switch."""
    operation, cbor = "", path.startswith(_PATH)
    if cbor:
        operation = path.removeprefix(_PATH)
    elif headers.get("x-amz-target", "").startswith(_TARGET):
        operation = headers["x-amz-target"].removeprefix(_TARGET)
    return Codec(operation, cbor) if operation in MODEL.operation_names else None


def _seconds(value: object) -> float:
    if isinstance(value, dt.datetime):
        return value.timestamp()
    raise TypeError(f"{type(value).__name__} is not written")
