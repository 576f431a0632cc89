"""The trainable pipe `seqlabel_ner`, which writes entities and, with probabilities, a span group.

A trained labeler that only labels is in `pipe`.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Optional

import numpy as np
import numpy.typing as npt
from spacy.attrs import ENT_IOB
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Model

from seqlabel.batches.windows import FoundTags
from seqlabel.documents.overlaps import longest_spans
from seqlabel.documents.schemes import Scheme, spans_to_tags
from seqlabel.documents.spans import Span
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import choose
from seqlabel.models.model_configs import HeadConfig
from seqlabel.nn.heads.crf import CRF
from seqlabel.spacy.annotations import Existing, write_entities, write_group
from seqlabel.spacy.doc_words import DocWords, on_tokens, word_spans, words_of
from seqlabel.spacy.trainable import LABELER, LABELER_MODEL, WordLabeler, check_architecture


class SeqlabelNer(WordLabeler):
    """Finds entities, with a conditional random field over BIOES: `ents`, and, with probabilities, a span group.

    The group, `spans_key` in the config, has all that was found, also what gave way to entities that were there
    before, beside what `existing` keeps of the group; its `attrs["scores"]` has the probabilities.
    """

    _gold_labels = "labels of `doc.ents`"
    _fewest = 1

    def set_annotations(self, docs: Sequence[Doc], predictions: Sequence[FoundTags]) -> None:
        """Write entities and the span group; see `WorkingPipe`."""
        tag_set, key = self._tag_set(), self.cfg["spans_key"]
        for doc, found in zip(docs, predictions, strict=True):
            words = words_of(doc)
            spans = on_tokens(word_spans(found, tag_set), words.tokens, words.after)
            write_entities(doc, spans.spans, existing=self.existing)
            if key is not None:
                write_group(doc, key, spans, existing=self.existing)

    def _head(self, labels: Sequence[str]) -> HeadConfig:
        return HeadConfig(TagSet("ner", tuple(labels), Scheme.BIOES), CRF())

    def _labels_in(self, reference: Doc) -> Iterable[str]:
        return (entity.label_ for entity in reference.ents)

    def _gold(self, example: Example, words: DocWords) -> npt.NDArray[np.int64]:
        reference = example.reference
        tags: list[str | None] = [None] * len(words.keys)
        if not reference.has_annotation("ENT_IOB"):
            return self._ids(tags)
        spans = []
        # Once: spaCy compares both Docs anew each time that it is asked for their alignment.
        alignment = example.alignment.y2x
        for entity in reference.ents:
            touched = alignment[entity.start : entity.end]
            start, end = _word_range(words, touched)
            if start == end:
                self.repairs.lost += 1
                continue
            spans.append(Span(start, end, entity.label_))
            covered = example.predicted[int(words.tokens[start]) : int(words.tokens[end - 1]) + 1]
            self.repairs.moved += "".join(covered.text.split()) != "".join(entity.text.split())
        kept = longest_spans(spans)
        self.repairs.overlapping += len(spans) - len(kept)
        tags = list(spans_to_tags(kept, len(tags), Scheme.BIOES))
        for place in np.flatnonzero(reference.to_array(ENT_IOB) == 0).tolist():
            start, end = _word_range(words, alignment[place : place + 1])
            tags[start:end] = [None if tag == "O" else tag for tag in tags[start:end]]
        return self._ids(tags)


def _word_range(words: DocWords, tokens: npt.NDArray[np.int64]) -> tuple[int, int]:
    """The words that some tokens are, half-open; none where they are white space."""
    if not len(tokens):
        return 0, 0
    start, end = np.searchsorted(words.tokens, [tokens.min(), tokens.max() + 1]).tolist()
    return start, end


@Language.factory(
    "seqlabel_ner",
    assigns=["doc.ents", "token.ent_iob", "token.ent_type", "doc.spans"],
    default_config={
        "model": LABELER_MODEL,
        "existing": "keep",
        "spans_key": "seqlabel_ner",
        "scorer": {"@scorers": "seqlabel.ner_scorer.v1"},
    },
    default_score_weights={
        "ents_f": 1.0,
        "ents_p": 0.0,
        "ents_r": 0.0,
        "ents_per_type": None,
        "ents_calibration_error": None,
    },
)
def create_ner(
    nlp: Language,
    name: str,
    model: Model[list[Doc], Any],
    existing: str,
    spans_key: Optional[str],  # noqa: UP045
    scorer: Optional[Callable[..., dict[str, Any]]],  # noqa: UP045
) -> SeqlabelNer:
    """Make `seqlabel_ner` of a config.

    Args:
        nlp: The pipeline.
        name: The name of the component.
        model: The layers.
        existing: How to treat existing entities: `keep`, `override` or `clear`.
        spans_key: The span group with probabilities; None for none.
        scorer: The scorer of the pipe.

    Returns:
        The pipe.

    Raises:
        OptionError: For an unknown policy and for another architecture.
    """
    check_architecture(model, LABELER, pipe=name)
    settings = {"spans_key": spans_key}
    return SeqlabelNer(
        nlp.vocab, model, name, existing=choose(Existing, "existing", existing), scorer=scorer, settings=settings
    )
