"""The public names of seqlabel, imported only when they are first used; no logic lives here.

A recurrent language model reads text, word by word, and its head can be swapped: it predicts the next word, labels
every word, or labels the document. Start with `seqlabel.LanguageModel` and `seqlabel.fit`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqlabel.checkpoints import Checkpoints as Checkpoints
    from seqlabel.errors import CheckpointError as CheckpointError
    from seqlabel.errors import DataError as DataError
    from seqlabel.errors import OptionError as OptionError
    from seqlabel.errors import SeqlabelError as SeqlabelError
    from seqlabel.finder import find_learning_rate as find_learning_rate
    from seqlabel.generation import Sampling as Sampling
    from seqlabel.generation import generate as generate
    from seqlabel.inspection import show_batch as show_batch
    from seqlabel.inspection import summary as summary
    from seqlabel.language_model import LanguageModel as LanguageModel
    from seqlabel.models import LanguageModelConfig as LanguageModelConfig
    from seqlabel.models import SequenceModel as SequenceModel
    from seqlabel.schedules import OneCycle as OneCycle
    from seqlabel.streams import EvaluationStream as EvaluationStream
    from seqlabel.streams import LanguageModelStream as LanguageModelStream
    from seqlabel.training import TrainingOptions as TrainingOptions
    from seqlabel.training import evaluate as evaluate
    from seqlabel.training import fit as fit
    from seqlabel.vocabulary import Vocabulary as Vocabulary

__version__ = "0.1.0"

_HOME = {
    "CheckpointError": "errors",
    "Checkpoints": "checkpoints",
    "DataError": "errors",
    "EvaluationStream": "streams",
    "LanguageModel": "language_model",
    "LanguageModelConfig": "models",
    "LanguageModelStream": "streams",
    "OneCycle": "schedules",
    "OptionError": "errors",
    "Sampling": "generation",
    "SeqlabelError": "errors",
    "SequenceModel": "models",
    "TrainingOptions": "training",
    "Vocabulary": "vocabulary",
    "evaluate": "training",
    "find_learning_rate": "finder",
    "fit": "training",
    "generate": "generation",
    "show_batch": "inspection",
    "summary": "inspection",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> object:
    """Import a public name's module on first use, so that `import seqlabel` costs no torch."""
    if name not in _HOME:
        raise AttributeError(f"module 'seqlabel' has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f"seqlabel.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
