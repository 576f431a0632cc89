"""The command `seqlabel`; a call of `seqlabel hook` that a warm process answers needs nothing else
of the library.
"""

import gc
import io
import os
import sys

from seqlabel.integrations import agent_hook

_COLLECT_AFTER = 150_000
"""How many objects are made before the collector looks for cycles; a start of `redact` makes
97,000.
"""


def main() -> None:
    """Run the command line."""
    arguments = sys.argv[2:]
    if sys.argv[1:2] == ["hook"] and agent_hook.SERVE not in arguments:
        reply, event = agent_hook.ask(arguments, sys.stdin.buffer.read)
        if reply is not None:
            sys.stderr.buffer.write(reply.errors)
            sys.stdout.buffer.write(reply.output)
            sys.stdout.flush()
            sys.exit(reply.status)
        if event is not None:
            # It was read, and is read again by the command.
            sys.stdin = io.TextIOWrapper(io.BytesIO(event), encoding="utf-8")
    # Nearly all that a start makes stays until the end. The default, 700, has the collector walk
    # over it all the time.
    gc.set_threshold(_COLLECT_AFTER, *gc.get_threshold()[1:])
    # pydantic would look for plugins in the metadata of all packages that are installed.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # Importing it takes ten times as long as the call above.
    from seqlabel.cli import main as whole_command

    try:
        whole_command()
    finally:
        # The interpreter collects once more before it ends, which takes a tenth of a start and
        # frees no file.
        gc.freeze()


if __name__ == "__main__":
    main()
