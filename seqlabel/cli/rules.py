"""The subcommand `seqlabel rules`: the rules that prove private values by their form; nothing is
found here.
"""

import json
import textwrap
from dataclasses import asdict

from seqlabel.cli.options import Json
from seqlabel.commands.console import messages


def rules(as_json: Json = False) -> None:
    """List the rules that find private values besides the model, with examples.

    Each has an id, which findings carry and `[rules]` in `seqlabel.toml` switches off (`disable`)
    or names (`only`). Of an example it finds the part between « and »; it finds nothing in those
    after "not".
    """
    with messages():
        from seqlabel.privacy.rules.table import rows

        for row in rows():
            if as_json:
                print(json.dumps(asdict(row), ensure_ascii=False))
                continue
            print(f"{row.id}  {row.label}")
            print(textwrap.fill(row.description, 80, initial_indent="  ", subsequent_indent="  "))
            for example in (*row.yes, *(f"not {clean}" for clean in row.no)):
                print("    " + example.replace("\n", "\\n"))
