from seqlabel.batches.language import EvaluationStream as EvaluationStream
from seqlabel.batches.language import LanguageModelStream as LanguageModelStream
from seqlabel.batches.language import TwoWayPieceStream as TwoWayPieceStream
from seqlabel.batches.language import TwoWayStream as TwoWayStream
