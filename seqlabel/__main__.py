"""The command `seqlabel`; a call of `seqlabel hook` that a warm process answers needs nothing else of the library."""

import io
import sys

from seqlabel.commands import warm_hook


def main() -> None:
    """Run the command line."""
    arguments = sys.argv[2:]
    if sys.argv[1:2] == ["hook"] and warm_hook.SERVE not in arguments:
        reply, event = warm_hook.ask(arguments, sys.stdin.buffer.read)
        if reply is not None:
            sys.stderr.buffer.write(reply.errors)
            sys.stdout.buffer.write(reply.output)
            sys.stdout.flush()
            sys.exit(reply.status)
        if event is not None:
            # It was read, and is read again by the command.
            sys.stdin = io.TextIOWrapper(io.BytesIO(event), encoding="utf-8")
    # Importing it takes ten times as long as the call above.
    from seqlabel.cli import main as whole_command

    whole_command()


if __name__ == "__main__":
    main()
