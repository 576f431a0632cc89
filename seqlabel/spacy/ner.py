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

from seqlabel.documents.label_sets import LabelSet
from seqlabel.documents.overlaps import longest_spans
from seqlabel.documents.schemes import Scheme, spans_to_tags
from seqlabel.documents.spans import Span
from seqlabel.documents.tag_sets import FEW_SPANS, TagSet, scheme_for
from seqlabel.errors import choose
from seqlabel.models.model_configs import HeadConfig
from seqlabel.spacy.annotations import Existing, Place, Target
from seqlabel.spacy.doc_words import DocWords
from seqlabel.spacy.trainable import WordLabeler


class SeqlabelNer(WordLabeler):
    """Finds entities, with a conditional random field: `ents`, and, with probabilities, a span
    group.

    Its tags are BIO where the examples have fewer than 100 entities, else BIOES, as `TagSet.of`
    has it; those of a labeler as encoder keep their scheme.

    The group, `spans_key` in the config, has all that was found, also what gave way to entities
    that were there before, next to what `existing` keeps of the group; its `attrs["scores"]` has
    the probabilities.
    """

    _layer = "ner"
    _gold_labels = "labels of `doc.ents`"
    _fewest = 1

    @property
    def _places(self) -> list[Place]:
        key = self.cfg["spans_key"]
        return [Place(Target.ENTS), *([] if key is None else [Place(Target.SPANS, key)])]

    def _labels_in(self, reference: Doc) -> Iterable[str]:
        return (entity.label_ for entity in reference.ents)

    def _head(
        self, labels: Sequence[str], get_examples: Callable[[], Iterable[Example]]
    ) -> LabelSet | HeadConfig:
        spans = 0
        for example in get_examples():
            spans += len(example.reference.ents)
            if spans >= FEW_SPANS:
                break
        # Given labels, `initialize` may get a Doc without any, which does not say how many the
        # training will have.
        scheme = scheme_for(spans) if spans else Scheme.BIOES
        return TagSet(self._layer, tuple(labels), scheme)

    def _gold(self, example: Example, words: DocWords) -> npt.NDArray[np.int64]:
        reference = example.reference
        tags: list[str | None] = [None] * len(words.keys)
        if not reference.has_annotation("ENT_IOB"):
            return self._ids(tags)
        spans = []
        # Once: spaCy compares both Docs again each time that it is asked for their alignment.
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
        (tag_set,) = self._part().tag_sets
        assert isinstance(tag_set, TagSet)
        assert tag_set.scheme is not None
        tags = list(spans_to_tags(kept, len(tags), tag_set.scheme))
        for token in np.flatnonzero(reference.to_array(ENT_IOB) == 0).tolist():
            start, end = _word_range(words, alignment[token : token + 1])
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
    default_config={"model": {"@architectures": "seqlabel.RecurrentLabeler.v1"}},
    default_score_weights={"ents_f": 1.0, "ents_p": 0.0, "ents_r": 0.0, "ents_per_type": None},
)
def create_ner(
    nlp: Language,
    name: str,
    model: Model[list[Doc], Any],
    existing: str = "keep",
    spans_key: Optional[str] = "seqlabel_ner",  # noqa: UP045
) -> SeqlabelNer:
    """Make `seqlabel_ner` of a config.

    Args:
        nlp: The pipeline.
        name: The name of the component.
        model: The layers.
        existing: How to treat existing entities: `keep`, `override` or `clear`.
        spans_key: The span group with probabilities; None for none.

    Returns:
        The pipe.

    Raises:
        OptionError: For an unknown policy and for another architecture.

    Example:
        >>> import spacy
        >>> from spacy.training import Example
        >>> nlp = spacy.blank("en")
        >>> pipe = nlp.add_pipe("seqlabel_ner")
        >>> gold = {"entities": [(0, 12, "PERSON"), (22, 28, "GPE")]}
        >>> examples = [Example.from_dict(nlp.make_doc('Ada Lovelace lived in London.'), gold)]
        >>> optimizer = nlp.initialize(lambda: examples)
        >>> sorted(nlp.update(examples, sgd=optimizer))
        ['seqlabel_ner']
        >>> pipe.labels
        ('GPE', 'PERSON')
    """
    settings = {"spans_key": spans_key}
    return SeqlabelNer(
        nlp.vocab, model, name, existing=choose(Existing, "existing", existing), settings=settings
    )
