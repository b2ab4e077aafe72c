"""The `tandem` command: what an operator runs, against AWS or, with `--endpoint-url`, an embedded one alike."""

import signal
import sys
from collections.abc import Sequence
from importlib.metadata import version

from cyclopts import App, CycloptsError, Parameter

from command.commands import COMMANDS, Command
from command.failures import one_line
from command.usage import told
from operations.errors import OperationError, RealAwsError, WrongInputError

STATUSES = (
    "exit status: 0 done or healthy; 1 failed or unknown; 2 cannot start (usage, credentials, settings); "
    "3 degraded, or part of it is left to do; 130 interrupted"
)


def application() -> App:
    """Return what reads the command line. A command is imported when it is run, or when its own help is asked for."""
    app = App(
        name="tandem",
        help="Operate a stage of Tandem: its state, its failover, its drill.",
        help_epilogue=STATUSES,
        help_format="plaintext",
        version=lambda: f"tandem {version('tandem')}",
        # a flag is given or it is not: there is no --no-force
        default_parameter=Parameter(negative=()),
        suppress_keyboard_interrupt=False,
        exit_on_error=False,
        print_error=False,
        result_action="return_value",
    )
    for command in COMMANDS:
        app.command(command.target, name=command.name, help=_help(command))
    app.register_install_completion_command(help="have the shell complete commands and options")
    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit status as `STATUSES` says."""
    typed = sys.argv[1:] if arguments is None else list(arguments)
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was started is ended first
    try:
        return int(application()(typed) or 0)
    except CycloptsError as error:
        return _failed(told(error), status=2)
    except RealAwsError as error:
        return _failed(f"tandem: {error}", status=2)
    except (WrongInputError, OperationError) as error:
        usage = type(error) is WrongInputError
        see = f" (see tandem {typed[0]} --help)" if usage else ""  # no help renews credentials or a Region
        status = 2 if isinstance(error, WrongInputError) else 1
        return _failed(f"tandem: {' '.join(str(error).split())}{see}", status=status)
    except KeyboardInterrupt:
        return _failed("tandem: interrupted: running the command again continues it", status=130)
    except Exception as error:
        line = one_line(error)  # of a call whose failure nobody has a better word for
        if line is None:
            raise
        return _failed(f"tandem: {line}", status=1)
    finally:
        signal.signal(signal.SIGTERM, before)


def _failed(line: str, *, status: int) -> int:
    print(line, file=sys.stderr)
    return status


def _help(command: Command) -> str:
    return "\n".join((command.text, "", "For example", *(f"  {example}" for example in command.examples)))


if __name__ == "__main__":
    sys.exit(main())
