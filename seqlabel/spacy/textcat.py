"""The trainable pipe `seqlabel_textcat`, which writes one category of several for a whole Doc.

A trained labeler that only labels is in `pipe`.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Model

from seqlabel.documents.categories import Categories
from seqlabel.documents.label_sets import LabelSet
from seqlabel.documents.tag_sets import MISSING
from seqlabel.errors import DataError, choose
from seqlabel.models.model_configs import HeadConfig
from seqlabel.nn.heads.categories import Pooled
from seqlabel.spacy.annotations import Existing, Place, Target
from seqlabel.spacy.doc_words import DocWords
from seqlabel.spacy.trainable import CLASSIFIER, TrainableLabeler


class SeqlabelTextcat(TrainableLabeler):
    """Labels whole Docs, whatever their length, with one of several categories: `cats`.

    Gold categories are, as in spaCy's `textcat`, 1 for the right one and 0 for others.
    """

    _layer = "category"
    _gold_labels = "labels of `doc.cats`"
    _architecture = CLASSIFIER

    @property
    def _places(self) -> list[Place]:
        return [Place(Target.CATS)]

    def _head(
        self, labels: Sequence[str], get_examples: Callable[[], Iterable[Example]]
    ) -> LabelSet | HeadConfig:
        # Words do not vote: votes are fitted on all documents at once, and spaCy trains batch by
        # batch.
        return HeadConfig(Categories(self._layer, tuple(labels)), Pooled(buckets=0))

    def _labels_in(self, reference: Doc) -> Iterable[str]:
        return reference.cats

    def _gold(self, example: Example, words: DocWords) -> npt.NDArray[np.int64]:
        cats = example.reference.cats
        between = [value for value in cats.values() if value not in (0.0, 1.0)]
        if between:
            raise DataError(
                f"{self.name}: expected a gold value of 1 for the right category and 0 for the "
                f"others, got {between[0]!r}. Choose one category."
            )
        right = [label for label, value in cats.items() if value]
        if len(right) > 1:
            raise DataError(
                f"{self.name}: expected one gold category that is 1, got {len(right)}, "
                f"{right[0]!r} and {right[1]!r} among them. Choose one, or train spaCy's "
                "textcat_multilabel."
            )
        if not right:
            self.repairs.undecided += bool(cats)
            return np.array([MISSING])
        (label,) = right
        if label not in self.labels:
            raise DataError(
                f"{self.name}: expected one of the {len(self.labels)} labels as gold category, "
                f"got {label!r}. Correct it, or initialize with it."
            )
        return np.array([self.labels.index(label)])


@Language.factory(
    "seqlabel_textcat",
    assigns=["doc.cats"],
    default_config={"model": {"@architectures": "seqlabel.RecurrentClassifier.v1"}},
    default_score_weights={"cats_score": 1.0},
)
def create_textcat(
    nlp: Language,
    name: str,
    model: Model[list[Doc], Any],
    existing: str = "override",
) -> SeqlabelTextcat:
    """Make `seqlabel_textcat` of a config.

    Args:
        nlp: The pipeline.
        name: The name of the component.
        model: The layers.
        existing: How to treat existing categories: `keep`, `override` or `clear`.

    Returns:
        The pipe.

    Raises:
        OptionError: For an unknown policy and for another architecture.

    Example:
        >>> import spacy
        >>> from spacy.training import Example
        >>> nlp = spacy.blank("en")
        >>> pipe = nlp.add_pipe("seqlabel_textcat")
        >>> gold = {"cats": {"poem": 1.0, "news": 0.0}}
        >>> examples = [Example.from_dict(nlp.make_doc('Roses are red.'), gold)]
        >>> optimizer = nlp.initialize(lambda: examples)
        >>> sorted(nlp.update(examples, sgd=optimizer))
        ['seqlabel_textcat']
        >>> pipe.labels
        ('news', 'poem')
    """
    return SeqlabelTextcat(
        nlp.vocab, model, name, existing=choose(Existing, "existing", existing), settings={}
    )
