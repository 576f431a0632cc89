"""The public names of seqlabel, imported only when they are first used; no logic lives here.

A recurrent language model reads text, word by word, and its head can be swapped: it predicts the next word, labels
every word, or labels the document. Start with `seqlabel.LanguageModel` and `seqlabel.fit`, or, to label words with a
model of your own, with `seqlabel.Labeler` and `seqlabel.fine_tune`, or, to take private data out of texts, with
`seqlabel.PrivateFinder` and `seqlabel.redact`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqlabel.checkpoints import Checkpoints as Checkpoints
    from seqlabel.classifier import Classifier as Classifier
    from seqlabel.documents import Document as Document
    from seqlabel.errors import CheckpointError as CheckpointError
    from seqlabel.errors import DataError as DataError
    from seqlabel.errors import OptionError as OptionError
    from seqlabel.errors import SeqlabelError as SeqlabelError
    from seqlabel.finder import find_learning_rate as find_learning_rate
    from seqlabel.finding import PrivateFinder as PrivateFinder
    from seqlabel.finding import redact as redact
    from seqlabel.fine_tuning import calibrate as calibrate
    from seqlabel.fine_tuning import fine_tune as fine_tune
    from seqlabel.fine_tuning import fine_tune_classifier as fine_tune_classifier
    from seqlabel.formats import read_documents as read_documents
    from seqlabel.generation import Sampling as Sampling
    from seqlabel.generation import generate as generate
    from seqlabel.inspection import show_batch as show_batch
    from seqlabel.inspection import summary as summary
    from seqlabel.labeler import HeadConfig as HeadConfig
    from seqlabel.labeler import Labeler as Labeler
    from seqlabel.language_model import LanguageModel as LanguageModel
    from seqlabel.language_model import WordLanguageModel as WordLanguageModel
    from seqlabel.metrics import score_categories as score_categories
    from seqlabel.metrics import score_spans as score_spans
    from seqlabel.metrics import score_tags as score_tags
    from seqlabel.models import LanguageModelConfig as LanguageModelConfig
    from seqlabel.models import SequenceModel as SequenceModel
    from seqlabel.readers import read_columns as read_columns
    from seqlabel.readers import read_conllu as read_conllu
    from seqlabel.readers import read_spans as read_spans
    from seqlabel.report import Report as Report
    from seqlabel.schedules import OneCycle as OneCycle
    from seqlabel.schemes import Span as Span
    from seqlabel.stream_redaction import StreamRedactor as StreamRedactor
    from seqlabel.streaming import StreamLabeler as StreamLabeler
    from seqlabel.streams import EvaluationStream as EvaluationStream
    from seqlabel.streams import LanguageModelStream as LanguageModelStream
    from seqlabel.tag_sets import TagSet as TagSet
    from seqlabel.training import TrainingOptions as TrainingOptions
    from seqlabel.training import evaluate as evaluate
    from seqlabel.training import fit as fit
    from seqlabel.vocabulary import Vocabulary as Vocabulary

__version__ = "1.0.0.dev0"

_HOME = {
    "CheckpointError": "errors",
    "Checkpoints": "checkpoints",
    "Classifier": "classifier",
    "DataError": "errors",
    "Document": "documents",
    "EvaluationStream": "streams",
    "HeadConfig": "labeler",
    "Labeler": "labeler",
    "LanguageModel": "language_model",
    "LanguageModelConfig": "models",
    "LanguageModelStream": "streams",
    "OneCycle": "schedules",
    "OptionError": "errors",
    "PrivateFinder": "finding",
    "Report": "report",
    "Sampling": "generation",
    "SeqlabelError": "errors",
    "SequenceModel": "models",
    "Span": "schemes",
    "StreamLabeler": "streaming",
    "StreamRedactor": "stream_redaction",
    "TagSet": "tag_sets",
    "TrainingOptions": "training",
    "Vocabulary": "vocabulary",
    "WordLanguageModel": "language_model",
    "calibrate": "fine_tuning",
    "evaluate": "training",
    "find_learning_rate": "finder",
    "fine_tune": "fine_tuning",
    "fine_tune_classifier": "fine_tuning",
    "fit": "training",
    "generate": "generation",
    "read_columns": "readers",
    "read_conllu": "readers",
    "read_documents": "formats",
    "read_spans": "readers",
    "redact": "finding",
    "score_categories": "metrics",
    "score_spans": "metrics",
    "score_tags": "metrics",
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
