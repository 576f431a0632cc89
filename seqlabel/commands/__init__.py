"""What any command is made of: options from a dataclass or a file, messages, exit statuses, the
record of a run.

The command `seqlabel` and the recipes are made of it; no subcommand is here.
"""

from seqlabel.names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__)
