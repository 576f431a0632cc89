"""The trainable pipe `seqlabel_tagger`, which writes `tag_` or `pos_`.

A trained labeler that only labels is in `pipe`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Model

from seqlabel.errors import choose
from seqlabel.spacy.annotations import Existing, Place, Target, check_labels
from seqlabel.spacy.doc_words import DocWords
from seqlabel.spacy.trainable import WordLabeler


class Attribute(StrEnum):
    """The attribute that a tagger writes."""

    TAG = "tag"
    """`Token.tag_`, fine tags."""
    POS = "pos"
    """`Token.pos_`, universal parts of speech."""


class SeqlabelTagger(WordLabeler):
    """Tags words: `tag_` or `pos_`, as its config's `attribute` says. White space gets `_SP` or
    `SPACE`.

    Probabilities are in `Doc.user_data["seqlabel", "tag_"]` or `"pos_"`, one per token.
    """

    _gold_labels = 'tags (`token.tag_`, or `token.pos_` with `attribute = "pos"`)'

    @property
    def target(self) -> Target:
        """Where tags are written."""
        return Target(f"{self.cfg['attribute']}_")

    @property
    def _places(self) -> list[Place]:
        return [Place(self.target)]

    @property
    def _layer(self) -> str:  # type: ignore[override]
        # As labelers call it, so that one that is the encoder gives its head too.
        return "upos" if self.target is Target.POS else "xpos"

    def _check_labels(self, labels: Sequence[Any]) -> None:
        super()._check_labels(labels)
        check_labels(self.target, self._layer, labels)

    def _labels_in(self, reference: Doc) -> Iterable[str]:
        strings = reference.vocab.strings
        numbers = np.unique(reference.to_array(self.cfg["attribute"].upper())).tolist()
        return (strings[number] for number in numbers if number)

    def _gold(self, example: Example, words: DocWords) -> npt.NDArray[np.int64]:
        keys = example.reference.to_array(self.cfg["attribute"].upper()).tolist()
        # Once: spaCy compares both Docs again each time that it is asked for their alignment.
        alignment = example.alignment.x2y
        # White space has a tag that is not this pipe's business.
        aligned = [alignment[token].tolist() for token in words.tokens.tolist()]
        pieces = Counter(chain.from_iterable(aligned))
        # The gold word that each word is, and no other word a part of.
        whole = [gold[0] if len(gold) == 1 and pieces[gold[0]] == 1 else None for gold in aligned]
        if any(keys):
            self.repairs.words += whole.count(None)
        strings = example.reference.vocab.strings
        return self._ids(
            None if gold is None or not keys[gold] else strings[keys[gold]] for gold in whole
        )


@Language.factory(
    "seqlabel_tagger",
    assigns=["token.tag", "token.pos"],
    default_config={"model": {"@architectures": "seqlabel.RecurrentLabeler.v1"}},
    # Without those of `pos_`: a score that is weighed and not measured is 0.00 in the card of a
    # packaged pipeline.
    default_score_weights={"tag_acc": 1.0},
)
def create_tagger(
    nlp: Language,
    name: str,
    model: Model[list[Doc], Any],
    attribute: str = "tag",
    existing: str = "keep",
) -> SeqlabelTagger:
    """Make `seqlabel_tagger` of a config.

    spaCy knows one default of a factory's score weights, that of `tag`: for `pos`,
    `training.score_weights` of the config needs `tag_acc = null` and `pos_acc = 1.0`.

    Args:
        nlp: The pipeline.
        name: The name of the component.
        model: The layers.
        attribute: `tag` or `pos`.
        existing: How to treat existing tags: `keep`, `override` or `clear`.

    Returns:
        The pipe.

    Raises:
        OptionError: For an unknown value and for another architecture.

    Example:
        >>> import spacy
        >>> from spacy.training import Example
        >>> nlp = spacy.blank("en")
        >>> pipe = nlp.add_pipe("seqlabel_tagger")
        >>> gold = {"tags": ["PRP", "VBZ", "."]}
        >>> examples = [Example.from_dict(nlp.make_doc('She reads.'), gold)]
        >>> optimizer = nlp.initialize(lambda: examples)
        >>> sorted(nlp.update(examples, sgd=optimizer))
        ['seqlabel_tagger']
        >>> pipe.labels
        ('.', 'PRP', 'VBZ')
    """
    settings = {"attribute": choose(Attribute, "attribute", attribute).value}
    return SeqlabelTagger(
        nlp.vocab, model, name, existing=choose(Existing, "existing", existing), settings=settings
    )
