"""Every name of MiniStack that the emulator reads or replaces: the only module that touches MiniStack.

MiniStack has no public seams, and its next version may rename what stands here. `missing` therefore looks for every
name before anything is served, so that another version is refused with a list instead of failing half way through a
deployment. MiniStack reads the environment when it is imported: a name imports its module when it is first asked for,
never before. Constants begin with MiniStack's module; `Name.why` says what the emulator needs the name for.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, MutableMapping
from contextlib import AbstractContextManager
from importlib import metadata
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from emulator.ministack_name import Attribute, Key, Name

if TYPE_CHECKING:
    from collections.abc import Iterator


def missing() -> list[str]:
    """The paths of the names that the installed MiniStack does not have, in the order in which they stand here."""
    return [each.path for each in names() if not each.exists()]


def names() -> Iterator[Name[Any]]:
    """Every name that stands in this module."""
    for value in globals().values():
        yield from (each for each in (value if isinstance(value, tuple) else (value,)) if isinstance(each, Name))


def is_installed() -> bool:
    """Whether this interpreter's environment has MiniStack; it is not imported to find out."""
    return find_spec("ministack") is not None


def version() -> str:
    """The installed MiniStack's version; raises PackageNotFoundError where none is installed."""
    return metadata.version("ministack")


Call = Name[Callable[..., Any]]
Handler = Name[Callable[..., Coroutine[Any, Any, Any]]]
Resources = Name[MutableMapping[Any, Any]]
Actions = Name[dict[str, Callable[[Any], Any]]]

# ---- the server and what a request names ----
APP = Name[Any]("app:app", "the ASGI app that serves every API")
APP_API_HOST = Name[Any]("app:_EXECUTE_API_RE", "the host names under which an API of API Gateway answers")
APP_ENFORCE_API = Handler("app:_enforce_execute_api", "signed requests to APIs are checked for Region, host and body")
APP_BUCKET_OF_HOST = Call("app:_extract_s3_vhost_bucket", "the bucket that a request's host names")
APP_PARSE_API_URL = Call("app:_parse_execute_api_url", "which requests are meant for an API of API Gateway")
APP_PARSE_FUNCTION_URL = Call("app:_parse_lambda_url", "which requests are meant for a function's URL")
APP_ACCOUNT_OF_KEY = Call("app:_request_account_scope", "the account that an access key belongs to")
APP_CUSTOM_DOMAIN = Call("app:_resolve_custom_domain_request", "which requests are meant for an API by its own domain")
APP_PIN_ORIGIN = Call("app:pin_request_origin", "loopback counts as TLS for `aws:SecureTransport`")
ROUTER_ACCESS_KEY = Call("core.router:extract_access_key_id", "who calls Region switch")
ROUTER_SIGNED_REGION = Call("core.router:extract_signed_region", "which Region a request is signed for")
RESPONSES_ACCOUNT = Call("core.responses:get_account_id", "the account whose request is being served")
RESPONSES_REGION = Call("core.responses:get_region", "the Region whose request is being served")
RESPONSES_SCOPE = Call("core.responses:request_scope", "work for an account and Region outside a request")
RESPONSES_SET_ACCOUNT = Call("core.responses:set_request_account_id", "looking up resources before MiniStack does")
RESPONSES_JSON_ERROR = Call("core.responses:error_response_json", "an error in the form of the JSON protocols")
RESPONSES_GLOBAL_DATA = Attribute("core.responses:AccountScopedDict._data", "global resources of every account")
RESPONSES_DATA = Attribute("core.responses:AccountRegionScopedDict._data", "resources of every account and Region")
ARN_PARSE = Call("core.arn:parse_arn", "the table that a stream belongs to")

# ---- IAM and STS ----
IAM_RESOURCE_OF = Call("core.iam_actions:extract_resource_arn", "resources that MiniStack takes for `*` are named")
IAM_AUTH_ERROR = Name[type[Any]]("core.iam_evaluator:AuthError", "a key that logs nobody in to a database")
IAM_CONTEXT = Call("core.iam_evaluator:EvalContext", "a login to a database as a request that policies judge")
IAM_IS_ROOT_KEY = Call("core.iam_evaluator:_is_root_key", "MiniStack checks no signature of the keys that it names")
IAM_IS_ROOT = Call("core.iam_evaluator:is_root_access_key", "the root user's keys are two, not every unknown one")
IAM_PARSE_POLICY = Call("core.iam_evaluator:parse_policy_document", "a policy is parsed once, not for each request")
IAM_ORGANIZATION = Call("core.iam_evaluator:_principal_org_id", "the organization in the root user's identity")
IAM_SIGNED_REQUEST = Name[Any]("core.iam_evaluator:_signed_request", "the request as its signature covers it")
IAM_ENFORCE = Call("core.iam_evaluator:enforce", "every refusal is logged; Region switch asks for its own requests")
IAM_EVALUATE = Call("core.iam_evaluator:evaluate", "whether policies allow `rds-db:connect`")
IAM_PIN_BODY = Call("core.iam_evaluator:pin_signed_body", "the body of a request to Region switch")
IAM_PIN_REQUEST = Call("core.iam_evaluator:pin_signed_request", "the head of a request to Region switch")
IAM_IDENTITY = Call("core.iam_evaluator:resolve_caller_identity", "the root user has an identity of its own")
IAM_PRINCIPAL = Call("core.iam_evaluator:resolve_principal", "whose key signed a database's token")
SIGV4_PARSE = Call("core.sigv4:parse_header_signature", "what a request to an API is signed for")
STS_SESSIONS = Resources("services.sts:_sessions", "a function's credentials last as long as its environment")

# ---- functions ----
WORKER_SPAWN = Call("core.lambda_runtime:Worker._spawn", "Python environments are forked from a template")
WORKER_INVOKE = Call("core.lambda_runtime:Worker.invoke", "one thread calls a forked environment")
WORKER_PROCESS = Attribute("core.lambda_runtime:Worker._proc", "forked by the emulator, and killed with its Region")
WORKER_CALL_LOCK = Attribute("core.lambda_runtime:Worker._lock", "one invocation at a time")
WORKER_START = Attribute("core.lambda_runtime:Worker._start_time", "when a forked environment became ready")
LAMBDA_SCRIPT = Name[str]("core.lambda_runtime:_PYTHON_WORKER_SCRIPT", "what a forked environment runs")
LAMBDA_RESERVED = Name[frozenset[str]]("core.lambda_runtime:_RESERVED_RUNTIME_ENV_VARS", "no function may set these")
LAMBDA_LOCK = Name[AbstractContextManager[Any]]("core.lambda_runtime:_lock", "guards the list of environments")
LAMBDA_WORKERS = Name[dict[str, list[Any]]]("core.lambda_runtime:_workers", "the environments that a loss kills")
LAMBDA_CREDENTIALS = Call("core.lambda_runtime:execution_credentials", "what an environment signs with")
LAMBDA_END_WORKERS = Call("core.lambda_runtime:invalidate_worker", "environments end in their own Region alone")
LAMBDA_END_WORKERS_TOO = Call("services.lambda_svc:invalidate_worker", "the same function, imported there by name")
LAMBDA_FILTER = Call("services.lambda_svc:_apply_filter_criteria", "which records a stream's mapping delivers")
LAMBDA_EMIT_LOGS = Call("services.lambda_svc:_emit_lambda_logs", "metrics are taken out of functions' logs")
LAMBDA_EXECUTE = Call("services.lambda_svc:_execute_function", "a stream's batch is handed to its function")
LAMBDA_FUNCTIONS = Resources("services.lambda_svc:_functions", "a template's reserved concurrency is set")
LAMBDA_INVOKE_ASYNC = Call("services.lambda_svc:invoke_async_with_retry", "events wait in a queue as Lambda's do")
LAMBDA_RECORD_OF_ARN = Call("services.lambda_svc:_get_func_record_for_ref", "the function that an event is for")
LAMBDA_EXECUTION_RECORD = Call("services.lambda_svc:_execution_record_for_config", "the same, as it is executed")
LAMBDA_CONCURRENCY = Name[int]("services.lambda_svc:_ACCOUNT_CONCURRENCY_CAP", "how many invocations run at once")
LAMBDA_ACQUIRE = Call("services.lambda_svc:_acquire_execution_slot", "invocations are counted by account and Region")
LAMBDA_RELEASE = Call("services.lambda_svc:_release_execution_slot", "the same")
LAMBDA_THROTTLED = Call("services.lambda_svc:_throttle_response", "a throttle is told in Lambda's words")
LAMBDA_RESERVE = Call("services.lambda_svc:_put_function_concurrency", "a Region keeps 100 without a reservation")
LAMBDA_WARM = Call("services.lambda_svc:_execute_function_warm", "timeouts and errors are told in Lambda's words")
LAMBDA_HANDLE = Handler("services.lambda_svc:handle_request", "events that are too large are refused")
LAMBDA_RECORD_OF = Call("services.lambda_svc:_get_func_record_for_qualifier", "the function of a stream's mapping")
LAMBDA_MAPPINGS = Call("services.lambda_svc:_iter_all_esms", "every event source mapping")
LAMBDA_POLL_STREAMS = Call("services.lambda_svc:_poll_dynamodb_streams", "the emulator delivers streams itself")
LAMBDA_FUNCTION_URL = Call("services.lambda_svc:resolve_function_url", "the Region of a function's URL")

# ---- API Gateway, Backup, CloudFormation ----
APIGATEWAY_VARIABLES = Call("services.apigateway:_get_stage_variables", "a stage's variables in every event")
APIGATEWAY_DOMAINS = Resources("services.apigateway_v1:_domain_names", "the custom domains of a Region")
APIGATEWAY_DOMAIN_SCOPE = Call("services.apigateway_v1:find_domain_scope", "one domain has an API in two Regions")
APIGATEWAY_CREATE_DOMAIN = Call("services.apigateway:_create_domain_name", "a pending certificate is refused")
APIGATEWAY_UPDATE_DOMAIN = Call("services.apigateway:_update_domain_name", "a pending certificate is refused")
APIGATEWAY_ERROR = Call("services.apigateway:_apigw_error", "an error in the form of API Gateway")
APIGATEWAY_STAGES = Resources("services.apigateway:_stages", "rate and burst of a stage's routes")
APIGATEWAY_PATH_PARAMETERS = Call("services.apigateway:_extract_path_params", "two paths are compared once")
APIGATEWAY_ROUTE_OF = Call("services.apigateway:_match_route", "the route that a request takes")
APIGATEWAY_EXECUTE = Handler("services.apigateway:handle_execute", "requests over 10 MB are refused")
APIGATEWAY_PROXY = Handler("services.apigateway:_invoke_lambda_proxy", "an integration's own timeout")
APIGATEWAY_PREFLIGHT = Call("services.apigateway:_cors_preflight_response", "preflights are answered as AWS does")
LAMBDA_AS_ANSWER = Call(
    "services.lambda_svc:lambda_execute_result_to_api_proxy_response", "a function's failure is API Gateway's 500"
)
APIGATEWAY_SCOPE_OF = Call("services.apigateway:find_api_scope", "account and Region of an API")
APIGATEWAY_AUTHORIZATION = Call("services.apigateway:route_authorization_type", "which routes want a signature")
APIGATEWAY_RUN = Handler("services.apigateway:run_reentrant", "an event is completed before its function gets it")
BACKUP_JOBS = Resources("services.backup:_jobs", "a job names the recovery point that it made")
BACKUP_HANDLE = Handler("services.backup:handle_request", "Region settings, which MiniStack lacks")
CFN_HANDLERS = Name[dict[str, dict[str, Callable[..., Any]]]](
    "services.cloudformation.provisioners:_RESOURCE_HANDLERS", "types are added, completed, guarded and recorded"
)
CFN_PHYSICAL_NAME = Call("services.cloudformation.provisioners:_physical_name", "names that a template leaves out")
CFN_ON_THREAD = Call("services.cloudformation.stacks:_runs_on_worker_thread", "handlers that call back over HTTP")
CFN_STACKS = Resources("services.cloudformation:_stacks", "whether a stack is settled, and what it imports")
CFN_EXPORTS = Resources("services.cloudformation:_exports", "an export in use neither changes nor goes")
CFN_IMPORTS = Call("services.cloudformation.handlers:_imported_export_names", "which exports a stack uses")
CFN_CREATE = Call("services.cloudformation.stacks:_provision_resource", "a resource is checked before it is made")
CFN_NESTED_CREATE = Call("services.cloudformation.provisioners:_provision_resource", "the same, in nested stacks")
CFN_NESTED_UPDATE = Call("services.cloudformation.provisioners:_update_resource", "the same, in nested stacks")
CFN_NESTED_TEMPLATE = Call(
    "services.cloudformation.provisioners:_check_nested_stack_capabilities", "a nested template is checked first"
)
CFN_PARAMETERS = tuple(
    Call(f"services.cloudformation.{module}:_resolve_parameters", "parameters are those that the template has")
    for module in ("engine", "handlers", "changesets")
)
CFN_TEMPLATES = tuple(
    Call(f"services.cloudformation.{module}:validate_template_support", "a template is checked before it is a stack")
    for module in ("handlers", "changesets")
)
CFN_UPDATE = Call("services.cloudformation.stacks:_update_resource", "a change is checked before it is made")
CFN_OUTPUTS = Call("services.cloudformation.stacks:_resolve_stack_outputs", "what a stack exports is settled last")
CFN_RECREATION = Call("services.cloudformation.provisioners:_property_recreation", "which changes replace a resource")
CFN_RECREATION_TOO = Call("services.cloudformation.stacks:_property_recreation", "the same, imported there by name")
CFN_REPLACING = Call("services.cloudformation.provisioners:_replacing_change", "whether a change replaces a resource")
CFN_REPLACING_TOO = Call("services.cloudformation.stacks:_replacing_change", "the same, imported there by name")
CFN_CONDITIONS = tuple(
    Call(f"services.cloudformation.{module}:_evaluate_conditions", "joins are made before conditions compare them")
    for module in ("engine", "changesets", "handlers", "stacks")
)
CLOUD_CONTROL_HANDLE = Handler("services.cloudcontrol:handle_request", "deletions reach CloudFormation's providers")
CFN_HANDLE = Handler("services.cloudformation:handle_request", "answers wait until a stack is settled")

# ---- CloudWatch and EventBridge ----
CLOUDWATCH_ALARMS = Resources("services.cloudwatch:_alarms", "the alarms that a clock evaluates")
CLOUDWATCH_CALC_STATS = Call("services.cloudwatch:_calc_stats", "statistics of a period's points")
CLOUDWATCH_STAT_VALUE = Call("services.cloudwatch:_stat_value", "the statistic that an alarm asks for")
CLOUDWATCH_DIMENSIONS = Call("services.cloudwatch:_dims_from_list", "an alarm's dimensions")
CLOUDWATCH_DIMENSIONS_KEY = Call("services.cloudwatch:_dims_key", "the series of these dimensions")
CLOUDWATCH_ACT = Call("services.cloudwatch:_dispatch_alarm_actions", "an alarm's actions")
CLOUDWATCH_EVALUATE_ALL = Call("services.cloudwatch:_evaluate_all_alarms", "MiniStack's evaluation is switched off")
CLOUDWATCH_EVALUATE_PARENTS = Call("services.cloudwatch:_evaluate_parent_alarms", "composite alarms follow")
CLOUDWATCH_TRANSITION = Call("services.cloudwatch:_transition_composite", "EventBridge is told of composite alarms")
CLOUDWATCH_METRICS = Resources("services.cloudwatch:_metrics", "the points of a series")
CLOUDWATCH_HISTORY = Call("services.cloudwatch:_record_history", "an alarm's history")
CLOUDWATCH_RECORD = Call("services.cloudwatch:record_metric", "metrics that functions' logs declare")
EVENTBRIDGE_INVOKE = Call("services.eventbridge:_invoke_target", "no rule of a lost Region reaches its target")
EVENTBRIDGE_TO_LAMBDA = Call("services.eventbridge:_dispatch_to_lambda", "functions are invoked asynchronously")
SNS_TO_LAMBDA = Call("services.sns:_deliver_to_lambda", "the same")
EVENTBRIDGE_PUT = Call("services.eventbridge:_put_events", "EventBridge is told of an alarm's change")

# ---- DynamoDB and S3 ----
DYNAMODB_LOCK = Name[AbstractContextManager[Any]]("services.dynamodb:_lock", "guards items while a write arrives")
DYNAMODB_SET_ITEM = Call("services.dynamodb:_set_item", "every write, which late reads do not see at once")
DYNAMODB_REMOVE_ITEM = Call("services.dynamodb:_remove_item", "every deletion, likewise")
DYNAMODB_REPLICAS = Call("services.dynamodb:_replica_group", "the Regions of a global table")
DYNAMODB_REPLICATE = Call("services.dynamodb:_replicate_write", "writes travel late, or not at all")
DYNAMODB_DESCRIPTION = Call("services.dynamodb:_table_description", "a table's consistency mode and witness")
DYNAMODB_TABLES = Resources("services.dynamodb:_tables", "consistency mode, witness and stream of a table")
DYNAMODB_HANDLE = Handler("services.dynamodb:handle_request", "strong tables refuse without a majority")
DYNAMODB_RESERVED = Name[frozenset[str]]("services._dynamodb_keywords:AWS_KEYWORDS", "an empty table refuses them, too")
DYNAMODB_BACK_UP = Call("services.dynamodb:_create_backup", "a recovery point of a table holds its items")
DYNAMODB_BACKUPS = Resources("services.dynamodb:_backups", "it is AWS Backup's, and no backup of DynamoDB's own")
DYNAMODB_RESTORE = Call("services.dynamodb:_restore_table_from_backup", "a table is restored from it")
DYNAMODB_STREAM_START = Call("services.dynamodb:stream_start_position", "the oldest record of a stream")
DYNAMODB_STREAM_END = Call("services.dynamodb:stream_end_position", "where a stream ends now")
DYNAMODB_STREAM_RECORDS = Call("services.dynamodb:stream_records_since", "the next batch of a stream")
KMS_KEYS = Resources("services.kms:_keys", "what a disabled key encrypts is refused")
S3_ERROR = Call("services.s3:_error", "an error in the form of S3")
S3_WRITE_ENCRYPTION = Call("services.s3:_resolve_sse_write_headers", "no object is written with a disabled key")
S3_READ_ENCRYPTION = Call("services.s3:_check_sse_read_headers", "no object is read whose key is disabled")
SNS_TOPICS = Resources("services.sns:_topics", "the key of a topic")
SNS_PUBLISH = Call("services.sns:_publish", "nothing is published with a disabled key")
SNS_PUBLISH_BATCH = Call("services.sns:_publish_batch", "the same")
SNS_ERROR = Call("services.sns:_error", "an error in the form of SNS")
S3_BUCKETS = Resources("services.s3:_buckets", "the Region that a bucket belongs to")
S3_REPLICATE = Call("services.s3:_maybe_replicate", "objects travel late, or not at all")
S3_REPLICATION_RULE = Call("services.s3:_replication_rule_for", "which objects are replicated")

# ---- EC2 and RDS ----
EC2_ACTIONS = Actions("services.ec2:_ACTION_MAP", "which properties the API reads")
RDS_ACTIONS = Actions("services.rds:_ACTION_MAP", "PostgreSQL follows clusters; which properties the API reads")
RDS_CLUSTERS = Name[Any]("services.rds:_clusters", "the clusters that nodes stand behind")
RDS_GLOBAL_CLUSTERS = Resources("services.rds:_global_clusters", "which cluster is the writer")
RDS_ERROR = Call("services.rds:_error", "a switchover that is refused")
RDS_PARAMETER = Call("services.rds:_p", "a parameter of a request to RDS")
RDS_CLUSTER = Call("services.rds:_resolve_cluster", "a cluster by name or ARN")
RDS_GLOBAL_CLUSTER = Call("services.rds:_resolve_global_cluster", "a global cluster by name or ARN")
RDS_SYNC_ENDPOINTS = Call("services.rds:_sync_cluster_endpoints", "endpoints lead to the node")
RDS_PASSWORD = Key("services.rds:_MasterUserPassword", "the master user's password")
RDS_ENDPOINT = Key("services.rds:_shared_endpoint", "where a cluster's node listens")
RDS_HOST_PORT = Key("services.rds:_shared_host_port", "its port")
RDS_CONTAINER = Key("services.rds:_shared_container_id", "MiniStack must not start a container of its own")
RDS_CONTAINER_READY = Key("services.rds:_shared_container_ready", "the same")
RDS_INTERNAL_ADDRESS = Key("services.rds:_shared_internal_address", "where the Data API connects")
RDS_INTERNAL_PORT = Key("services.rds:_shared_internal_port", "the same")
RDS_STORAGE_READY = Key("services.rds:_shared_storage_initialized", "MiniStack must not initialize the node again")
RDS_DATA_HANDLE = Handler("services.rds_data:handle_request", "slow SQL stays off the event loop")
RDS_DATA_STUB = Call("services.rds_data:_stub_execute", "no answer is made up where no instance takes statements")
RDS_DATA_ERROR = Call("services.rds_data:_error", "the same")
RDS_TOKEN_ERROR = Name[type[Any]]("core.rds_iam:RdsIamTokenError", "why a database's token is refused")
RDS_VERIFY_TOKEN = Call("core.rds_iam:verify_rds_iam_token", "whether a database's token is genuine")

# ---- ACM and Route 53 ----
ACM_CERTIFICATES = Resources("services.acm:_certificates", "a certificate is pending until it is validated")
ACM_VALIDATION = Call("services.acm:_validation_options", "the record that validates a name")
ACM_SHAPE = Call("services.acm:_cert_shape", "a description looks whether the record stands")
ACM_LIST = Call("services.acm:_list_certificates", "a list does, too")
ACM_REQUEST = Call("services.acm:_request_certificate", "a certificate that was asked for is pending")
ROUTE53_FIND = Call("services.route53:_find", "an element of a request's XML")
ROUTE53_FIND_ALL = Call("services.route53:_findall", "elements of a request's XML")
ROUTE53_CHECKS = Resources("services.route53:_health_checks", "what is checked")
ROUTE53_PARSE_CHECK = Call("services.route53:_parse_health_check_config", "lists of a health check are kept")
ROUTE53_FIRST_RECORDS = Call("services.route53:_default_records", "a zone that stands before a stage does")
ROUTE53_RECORDS = Resources("services.route53:_records", "what DNS answers")
ROUTE53_ZONES = Resources("services.route53:_zones", "the zones that DNS answers for")


def get_account_id() -> str:
    """The account whose request is being served."""
    return str(RESPONSES_ACCOUNT.value())


def get_region() -> str:
    """The Region whose request is being served."""
    return str(RESPONSES_REGION.value())


def request_scope(account: str, region: str) -> AbstractContextManager[Any]:
    """A context in which MiniStack works for this account and Region, as it does during a request."""
    scope: AbstractContextManager[Any] = RESPONSES_SCOPE.value(account, region)
    return scope


def everywhere(resources: Any) -> dict[Any, Any]:
    """Resources of all accounts and Regions by their whole key, where MiniStack shows those of the request's own."""
    attribute = RESPONSES_GLOBAL_DATA if isinstance(resources, RESPONSES_GLOBAL_DATA.owner) else RESPONSES_DATA
    data: dict[Any, Any] = attribute.of(resources)
    return data
