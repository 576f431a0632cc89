from seqlabel.batches.language import EvaluationStream as EvaluationStream
from seqlabel.batches.language import LanguageModelStream as LanguageModelStream
from seqlabel.batches.two_ways import FeaturedWords as FeaturedWords
from seqlabel.batches.two_ways import PieceTokens as PieceTokens
from seqlabel.batches.two_ways import TwoWayStream as TwoWayStream
from seqlabel.batches.windows import RowEnd as RowEnd
