"""The trainable pipe `seqlabel_parser`, which writes heads, relations and the sentences that agree
with them.

A trained labeler that only labels is in `pipe`; how trees are written to Docs is in `tree_writer`.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Model

from seqlabel.documents.document import BEGINS, CONTINUES, SENTENCE, TREE
from seqlabel.documents.label_sets import LabelSet
from seqlabel.documents.relation_sets import RelationSet
from seqlabel.documents.tag_sets import MISSING, TagSet
from seqlabel.documents.trees import Trees
from seqlabel.errors import choose
from seqlabel.models.model_configs import HeadConfig, head_config
from seqlabel.spacy.annotations import Existing, Place, Target
from seqlabel.spacy.doc_words import DocWords
from seqlabel.spacy.noun_chunks import use_universal_noun_chunks
from seqlabel.spacy.running import documents_of
from seqlabel.spacy.trainable import WordLabeler
from seqlabel.spacy.tree_writer import ROOT


class SeqlabelParser(WordLabeler):
    """Finds the dependency tree of each sentence: `head` and `dep_`, by a biaffine head.

    A second head finds the sentences of Docs that have none; those that a Doc has stay, and trees
    are inside them. Probabilities of arcs are in `Doc.user_data["seqlabel", "dep_"]`, one per
    token.
    """

    _layer = TREE
    _further_heads = (head_config(TagSet(SENTENCE, (BEGINS, CONTINUES))),)
    _gold_labels = "relations (`token.dep_`, with `token.head`)"

    @property
    def _places(self) -> list[Place]:
        return [Place(Target.DEP)]

    def _labels_in(self, reference: Doc) -> Iterable[str]:
        if not reference.has_annotation("DEP"):
            return ()
        # Roots are `ROOT` in spaCy, `root` in treebanks.
        return (
            ROOT if token.head == token else token.dep_
            for token in reference
            if token.dep and not token.is_space
        )

    def _head(
        self, labels: Sequence[str], get_examples: Callable[[], Iterable[Example]]
    ) -> LabelSet | HeadConfig:
        return RelationSet(TREE, tuple(labels), ROOT)

    def _gold(self, example: Example, words: DocWords) -> npt.NDArray[np.int64]:
        """The ids of arcs and of starts of sentences, (2, words)."""
        (document,) = documents_of([example.predicted])
        untyped: Any = example
        of_tokens = untyped.get_aligned_sent_starts()
        starts = [of_tokens[token] for token in words.tokens.tolist()]
        known = bool(starts) and starts[0] is not None
        sentences = tuple(index for index, begins in enumerate(starts) if begins or index == 0)
        begins = np.full(len(starts), MISSING)
        if known:
            # In the order of the labels, `B` and `I`.
            begins[:] = 1
            begins[list(sentences)] = 0

        place_of = {token: index for index, token in enumerate(words.tokens.tolist())}
        heads, relations = untyped.get_aligned_parse(projectivize=False)
        own_heads: list[int | None] = []
        own_relations: list[str | None] = []
        for token in place_of:
            head = heads[token]
            own_heads.append(None if head is None else place_of.get(head))
            own_relations.append(relations[token] or None)
        if example.reference.has_annotation("DEP"):
            self.repairs.words += own_heads.count(None)
        else:
            own_heads = [None] * len(own_heads)
        trees = Trees(tuple(own_heads), tuple(own_relations))
        document = document.with_layers(trees={TREE: trees}, sentences=sentences)
        ids = self._part().tag_sets[0].encode(document)
        assert ids is not None
        return np.stack([ids, begins])


@Language.factory(
    "seqlabel_parser",
    assigns=["token.dep", "token.head", "token.is_sent_start", "doc.sents"],
    default_config={"model": {"@architectures": "seqlabel.RecurrentLabeler.v1"}},
    default_score_weights={
        "dep_uas": 0.5,
        "dep_las": 0.5,
        "dep_las_per_type": None,
        "sents_p": None,
        "sents_r": None,
        "sents_f": 0.0,
    },
)
def create_parser(
    nlp: Language,
    name: str,
    model: Model[list[Doc], Any],
    existing: str = "keep",
) -> SeqlabelParser:
    """Make `seqlabel_parser` of a config, and let `Doc.noun_chunks` read universal relations.

    Args:
        nlp: The pipeline.
        name: The name of the component.
        model: The layers.
        existing: How to treat an existing tree: `keep`, `override` or `clear`.

    Returns:
        The pipe.

    Raises:
        OptionError: For an unknown policy and for another architecture.

    Example:
        >>> import spacy
        >>> from spacy.training import Example
        >>> nlp = spacy.blank("en")
        >>> pipe = nlp.add_pipe("seqlabel_parser")
        >>> gold = {"heads": [1, 1, 1], "deps": ["nsubj", "ROOT", "punct"]}
        >>> examples = [Example.from_dict(nlp.make_doc('She reads.'), gold)]
        >>> optimizer = nlp.initialize(lambda: examples)
        >>> sorted(nlp.update(examples, sgd=optimizer))
        ['seqlabel_parser']
        >>> pipe.labels
        ('ROOT', 'nsubj', 'punct')
    """
    use_universal_noun_chunks(nlp.vocab)
    return SeqlabelParser(
        nlp.vocab, model, name, existing=choose(Existing, "existing", existing), settings={}
    )
