"""The `tandem` command: what an operator runs, against AWS or, with `--endpoint-url`, an embedded one alike."""

from __future__ import annotations

import signal
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from command.arguments import STATUSES, Parser, invocation
from command.bake import add_bake
from command.changes import add_changes
from command.clean_failed import add_clean_failed
from command.compare import add_compare
from command.drill import add_drill
from command.evidence import add_evidence
from command.failover import add_failover
from command.failures import one_line
from command.ledger import add_ledger
from command.play import add_play
from command.preflight import add_preflight
from command.report import add_report
from command.status import add_status
from operations.errors import OperationError, RealAwsError, WrongInputError

if TYPE_CHECKING:
    from collections.abc import Sequence


def parser() -> Parser:
    """Return what reads the command line."""
    top = Parser(
        prog="tandem", description="Operate a stage of Tandem: its state, its failover, its drill.", epilog=STATUSES
    )
    top.add_argument("--version", action="version", version=f"%(prog)s {version('tandem')}")
    commands = top.add_subparsers(dest="command", required=False, metavar="COMMAND", parser_class=Parser)
    each = (
        add_status,
        add_bake,
        add_changes,
        add_clean_failed,
        add_preflight,
        add_failover,
        add_ledger,
        add_compare,
        add_drill,
        add_play,
        add_evidence,
        add_report,
    )
    for add in each:
        add(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit status as `STATUSES` says, or exit with 2 when the input is wrong."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was started is ended first
    try:
        top = parser()
        typed = top.parse_args(arguments)
        if typed.command is None:
            top.print_help()
            return 0
        console = Console()
        # a command that needs no stage runs alone
        alone = "run_alone" in typed
        status: int = typed.run_alone(typed, console) if alone else typed.run(invocation(typed, console))
    except RealAwsError as error:
        print(f"tandem: {error}", file=sys.stderr)
        return 2
    except (WrongInputError, OperationError) as error:
        usage = type(error) is WrongInputError
        see = f" (see tandem {typed.command} --help)" if usage else ""  # no help renews credentials or a Region
        print(f"tandem: {' '.join(str(error).split())}{see}", file=sys.stderr)
        return 2 if isinstance(error, WrongInputError) else 1
    except (BotoCoreError, ClientError, OSError) as error:  # of a call whose failure nobody has a better word for
        print(f"tandem: {one_line(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("tandem: interrupted: running the command again continues it", file=sys.stderr)
        return 130
    else:
        return status
    finally:
        signal.signal(signal.SIGTERM, before)


if __name__ == "__main__":
    sys.exit(main())
