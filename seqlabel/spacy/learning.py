"""How a trainable pipe begins and learns: fresh heads on an encoder, gradients of a batch of Docs.

Nothing is stepped here: the optimizer is thinc's, through `shim`.

Shapes: words.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain, islice
from typing import Any

import numpy as np
import torch
from spacy.tokens import Doc
from thinc.api import Model

from seqlabel.batches.windows import Cut, groups_of
from seqlabel.documents.label_sets import LabelSet, Unit
from seqlabel.documents.tag_sets import MISSING
from seqlabel.models.document_heads import MEASURED_DOCUMENTS, standardize
from seqlabel.models.folders import ModelKind, find_folder, read_kind
from seqlabel.models.language_model import LanguageModel, WordLanguageModel, load_language_model
from seqlabel.models.model_configs import HeadConfig
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.nn.threads import use_one_thread_after_fork
from seqlabel.spacy.doc_words import DocWords, doc_cuts, strings_of
from seqlabel.spacy.running import documents_of
from seqlabel.training.batch_sizes import BATCH_WORDS, BatchUse

Docs = Callable[[], Iterable[Doc]]


def start_labeler(
    model: Model[Any, Any],
    head: LabelSet | HeadConfig,
    docs: Docs,
    *,
    further: Sequence[HeadConfig] = (),
    language: str = "xx",
) -> Labeler:
    """Put a head on the encoder that a model's attributes name.

    Args:
        model: The thinc model, whose attributes are `encoder` and, for a head of words, `hidden`
            and `word_dropout`.
        head: The head, or its labels; one of documents has measured the encoder's states.
        docs: Gives the Docs that the labeler will learn from, whose words an untrained encoder has.
        further: Further heads of words.
        language: The language whose tokeniser the labeler has.

    Returns:
        The labeler; on a labeler as encoder, the head keeps what it knows of shared tags, and
        labels of spans have the labeler's scheme.

    Raises:
        CheckpointError: If the encoder is neither a language model nor a labeler.
    """
    encoder = model.attrs["encoder"]
    is_labeler = encoder is not None and read_kind(find_folder(encoder)) is ModelKind.LABELER
    # spaCy seeds torch, by the config of the training.
    labeler = Labeler.on(
        encoder if is_labeler else _language_model(encoder, docs),
        [head, *further],
        hidden=None if is_labeler else model.attrs.get("hidden"),
        word_dropout=model.attrs.get("word_dropout"),
        dropout=0.0,
        language=language,
        seed=None,
    )
    if labeler.tag_sets[0].unit is Unit.DOCUMENT:
        documents = chain.from_iterable(documents_of([doc]) for doc in docs())
        standardize(labeler, list(islice(filter(len, documents), MEASURED_DOCUMENTS)))
    return labeler


def _language_model(encoder: str | None, docs: Docs) -> LanguageModel | WordLanguageModel:
    if encoder is not None:
        return load_language_model(encoder)
    return WordLanguageModel.fresh(
        {t.text for doc in docs() for t in doc if not t.text.isspace()}, seed=None
    )


def train_labels(
    labeler: Labeler, docs: Sequence[DocWords], gold: Sequence[np.ndarray[Any, Any]], drop: float
) -> float:
    """Add up the gradients of the loss of a labeler's heads; nothing is stepped.

    Args:
        labeler: The labeler.
        docs: The words of each Doc; one without words gives no gradient.
        gold: The gold ids of each Doc's words, (words,), or of the Doc, (1,); `MISSING` gives no
            gradient. With several heads, (heads, words).
        drop: The dropout rate.

    Returns:
        The loss in nats per word or Doc.
    """
    of_documents = labeler.tag_sets[0].unit is Unit.DOCUMENT
    lengths_of_docs = [len(words.keys) for words in docs]
    pairs = zip(gold, lengths_of_docs, strict=True)
    known = sum(
        int((np.atleast_2d(ids) >= 0).any(axis=0).sum())
        for ids, length in pairs
        if length or not of_documents
    )
    cuts = doc_cuts(docs, labeler.config.rows)
    if of_documents:
        # Whole Docs in place of windows: the head reads a Doc to its end.
        whole = enumerate(lengths_of_docs)
        cuts = [
            Cut(doc, 0, 0, length, length) for doc, length in whole if length and gold[doc][0] >= 0
        ]
    use_one_thread_after_fork()
    module = labeler.module.train()
    module.dropout.rate = drop
    device = next(module.parameters()).device
    use = BatchUse.DOCUMENTS if of_documents else BatchUse.PIPES
    groups = groups_of(cuts, BATCH_WORDS[use].on(device)) if known else ()
    total = 0.0
    for group in groups:
        lengths = torch.tensor([cut.last - cut.first for cut in group])
        if of_documents:
            wanted = torch.tensor([[int(gold[cut.doc][0]) for cut in group]])
        else:
            wanted = torch.full((len(labeler.tag_sets), len(group), int(lengths.max())), MISSING)
            for row, cut in enumerate(group):
                own = np.atleast_2d(gold[cut.doc])[:, cut.labeled]
                wanted[:, row, cut.inside] = torch.from_numpy(own)
        inputs = labeler.words(strings_of(docs, group)).to(device)
        loss = module(inputs, lengths.to(device), list(wanted.to(device))).sum() / known
        torch.autograd.backward(loss)
        total += float(loss.detach())
    return total
