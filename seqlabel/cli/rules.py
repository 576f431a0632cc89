"""The subcommand `seqlabel rules`: the rules that prove private values by their form; nothing is found."""

import json
from dataclasses import asdict

from seqlabel.cli.options import Json
from seqlabel.commands.console import messages


def rules(as_json: Json = False) -> None:
    """List the rules that find private values beside the model.

    Each has an id, which findings carry and `[rules] disable` in `seqlabel.toml` switches off.
    """
    with messages():
        from seqlabel.privacy.rules.table import rows

        for row in rows():
            if as_json:
                print(json.dumps(asdict(row), ensure_ascii=False))
                continue
            print(f"{row.id:<22} {row.label:<12} {row.description}\n{'':<36}{row.yes[0].splitlines()[0]}")
