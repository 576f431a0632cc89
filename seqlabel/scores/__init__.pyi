from seqlabel.scores.metrics import SpanScore as SpanScore
from seqlabel.scores.metrics import score_categories as score_categories
from seqlabel.scores.metrics import score_spans as score_spans
from seqlabel.scores.metrics import score_tags as score_tags
