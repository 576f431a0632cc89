"""The trainable pipe `seqlabel_textcat`, which writes one category of several for a whole Doc.

A trained classifier that only labels is in `pipe`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Model

from seqlabel.documents.tag_sets import MISSING
from seqlabel.errors import DataError, choose
from seqlabel.names import LateModule
from seqlabel.spacy.annotations import Existing, Place, Target, write_categories
from seqlabel.spacy.doc_words import DocWords
from seqlabel.spacy.trainable import CLASSIFIER, TrainableLabeler

if TYPE_CHECKING:
    from seqlabel.models.classifier import Classifier
    from seqlabel.spacy import learning
else:
    learning = LateModule("seqlabel.spacy.learning")


class SeqlabelTextcat(TrainableLabeler["Classifier"]):
    """Labels whole Docs, whatever their length, with one of several categories: `cats`.

    Gold categories are, as in spaCy's `textcat`, 1 for the right one and 0 for others.
    """

    _layer = "category"
    _gold_labels = "labels of `doc.cats`"
    _architecture = CLASSIFIER

    @property
    def _places(self) -> list[Place]:
        return [Place(Target.CATS)]

    def set_annotations(self, docs: Sequence[Doc], predictions: Sequence[Mapping[str, float]]) -> None:
        """Write categories; see `WorkingPipe`."""
        for doc, found in zip(docs, predictions, strict=True):
            write_categories(doc, found, existing=self.existing)

    def _start(self, labels: Sequence[str], docs: Callable[[], Iterable[Doc]], language: str) -> "Classifier":
        return learning.start_classifier(self.model, labels, docs)

    def _labels_in(self, reference: Doc) -> Iterable[str]:
        return reference.cats

    def _gold(self, example: Example, words: DocWords) -> int:
        cats = example.reference.cats
        between = [value for value in cats.values() if value not in (0.0, 1.0)]
        if between:
            raise DataError(
                f"{self.name}: Found the gold value {between[0]!r} of a category. It is 1 for the right one and 0 for "
                f"others, so choose one."
            )
        right = [label for label, value in cats.items() if value]
        if len(right) > 1:
            raise DataError(
                f"{self.name}: Found {len(right)} gold categories that are 1, {right[0]!r} and {right[1]!r} among "
                f"them. They exclude each other, so choose one, or train spaCy's textcat_multilabel."
            )
        if not right:
            self.repairs.undecided += bool(cats)
            return MISSING
        (label,) = right
        if label not in self.labels:
            raise DataError(
                f"{self.name}: Found the category {label!r}, which is not among the {len(self.labels)} labels. Correct "
                f"it, or initialise with it."
            )
        return self.labels.index(label)

    def _train(self, words: Sequence[DocWords], gold: Sequence[int], drop: float) -> float:
        return learning.train_categories(self._part(), words, gold, drop)


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
    return SeqlabelTextcat(nlp.vocab, model, name, existing=choose(Existing, "existing", existing), settings={})
