"""The CloudFormation resource types that MiniStack lacks, or whose properties it silently drops."""

from __future__ import annotations

from emulator import ministack
from emulator.cloudformation.resource_types.api_stages import register_api_stages
from emulator.cloudformation.resource_types.composite_alarms import register_composite_alarms
from emulator.cloudformation.resource_types.databases import register_databases
from emulator.cloudformation.resource_types.experiments import register_experiments
from emulator.cloudformation.resource_types.functions import register_functions
from emulator.cloudformation.resource_types.networks import register_networks
from emulator.cloudformation.resource_types.recovery import register_recovery
from emulator.cloudformation.resource_types.registry import HANDLERS
from emulator.cloudformation.resource_types.restore_tests import register_restore_tests
from emulator.cloudformation.resource_types.storage import register_storage


def install() -> None:
    """Register the handlers. They call back over HTTP, so they run on a worker thread, not on the event loop."""
    register_databases()
    register_storage()
    register_functions()
    register_networks()
    register_api_stages()
    register_composite_alarms()
    register_experiments()
    register_recovery()
    register_restore_tests()
    ministack.CFN_HANDLERS.value.update(HANDLERS)
    runs_on_worker = ministack.CFN_ON_THREAD.value
    ministack.CFN_ON_THREAD.replace(lambda resource_type: resource_type in HANDLERS or runs_on_worker(resource_type))
