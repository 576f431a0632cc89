"""The training loop and what it needs: objectives, schedules, checkpoints, resuming and progress.

Start with `fit`. Models with vocabularies, and `fine_tune`, are in `seqlabel.models`.
"""

from seqlabel.names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__)
