"""What heads of documents learn outside gradients: the mean of states, and the votes of words and
word pairs.

The layer and the votes themselves are in `nn`; `fine_tuning` calls what is here.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from seqlabel.documents.categories import best_category
from seqlabel.documents.document import Document
from seqlabel.documents.label_sets import Unit
from seqlabel.models.model_configs import HeadConfig
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.names import LateModule
from seqlabel.nn.heads.categories import Pooled
from seqlabel.nn.layers import evaluating
from seqlabel.nn.moving import moved
from seqlabel.nn.networks import TagHead
from seqlabel.nn.pooling import PooledLayer
from seqlabel.scores.calibration import LOWEST_TEMPERATURE, fit_temperature
from seqlabel.text.hashing import hash_ngrams

if TYPE_CHECKING:
    from scipy import sparse
    from sklearn import svm
else:
    # A second, which a training of words and spans need not wait for.
    sparse, svm = map(LateModule, ("scipy.sparse", "sklearn.svm"))

MEASURED_DOCUMENTS = 300
"""Training documents from which a fresh head knows its units' means."""
_MEASURED_WORDS = 16_384
_SHARES = [0.0, *(2.0**power for power in range(-4, 6))]
_COST = 3.0
"""The cost of a document on the wrong side of the linear SVM, in rows of the length 1 at most."""
_FEWEST_DOCUMENTS = 2
"""An n-gram that fewer training documents have gets no vote."""


def heads_of_documents(labeler: Labeler) -> list[tuple[HeadConfig, TagHead]]:
    """List the heads of a labeler that label whole documents.

    Args:
        labeler: The labeler.

    Returns:
        The numbers and the network of each.
    """
    pairs = zip(labeler.config.heads, labeler.module.tag_heads, strict=True)
    return [(config, head) for config, head in pairs if config.tag_set.unit is Unit.DOCUMENT]


@torch.no_grad()
def standardize(labeler: Labeler, documents: Sequence[Document]) -> None:
    """Let fresh heads of documents measure the mean and spread of the encoder's states
    (`PooledLayer`).

    Args:
        labeler: The labeler; heads that have measured states already are left as they are.
        documents: Some hundreds of documents of the kind that is to be labelled; without one that
            has words nothing is measured.
    """
    layers = [cast(PooledLayer, head.output) for _, head in heads_of_documents(labeler)]
    fresh = [layer for layer in layers if isinstance(layer, PooledLayer) and not layer.mean.any()]
    rows = [document.words for document in documents]
    if not fresh or not any(rows):
        return
    pooled = []
    device = next(labeler.module.parameters()).device
    with evaluating(labeler.module):
        for group in _groups(rows, _MEASURED_WORDS):
            words = [rows[number] for number in group]
            lengths = moved(torch.tensor([len(row) for row in words]), device)
            pooled.append(labeler.module.pooled(labeler.words(words).to(device), lengths))
    for layer in fresh:
        layer.standardize(torch.cat(pooled))


def _groups(rows: Sequence[Sequence[str]], words: int) -> Iterator[list[int]]:
    """Group the numbers of rows of similar length by about `words` words, longest first; empty rows
    are left out.
    """
    order = sorted(
        (number for number, row in enumerate(rows) if row), key=lambda number: len(rows[number])
    )
    while order:
        count = max(words // len(rows[order[-1]]), 1)
        yield order[-count:]
        del order[-count:]


def has_votes(head: HeadConfig) -> bool:
    """Return whether the words of a document vote in a head.

    Args:
        head: The head's numbers.

    Returns:
        Whether they do.
    """
    return isinstance(head.kind, Pooled) and head.kind.buckets > 0


def label_ids(head: HeadConfig, documents: Sequence[Document]) -> npt.NDArray[np.int64]:
    """Find the label of each document: its category with the highest score.

    Args:
        head: The head that knows the labels.
        documents: Documents with its layer.

    Returns:
        The ids of the labels, (documents,).
    """
    labels = head.tag_set.labels
    ids = [
        labels.index(best_category(document.categories[head.tag_set.layer]))
        for document in documents
    ]
    return np.array(ids, dtype=np.int64)


def fit_votes(labeler: Labeler, layer: str, documents: Sequence[Document]) -> None:
    """Fit the votes of each label: a linear SVM on n-grams weighted by log-count ratios (Wang and
    Manning 2012).

    The roots of the ratios serve, and rows are divided as in `Pooled`: on reviews that is worth a
    point over plain ratios, and two where 200 documents are labelled.

    Args:
        labeler: A labeler, which is changed in place.
        layer: A layer of categories whose head has votes.
        documents: Documents with the layer.
    """
    head = labeler.config.head(layer)
    gold = label_ids(head, documents)
    has = _ngram_matrix(cast(Pooled, head.kind).buckets, documents)
    frequent = np.asarray(has.sum(axis=0)).ravel() >= _FEWEST_DOCUMENTS
    rows = has.multiply(1 / np.sqrt(np.maximum(np.diff(has.indptr), 1))[:, None]).tocsr()
    weights = []
    bias = []
    for label in range(len(head.tag_set.labels)):
        inside = gold == label
        shares = [1 + np.asarray(has[chosen].sum(axis=0)).ravel() for chosen in (inside, ~inside)]
        ratio = np.log(shares[0] / shares[0].sum()) - np.log(shares[1] / shares[1].sum())
        scale = np.where(frequent, np.sign(ratio) * np.sqrt(np.abs(ratio)), 0.0)
        machine = svm.LinearSVC(C=_COST, random_state=0).fit(rows.multiply(scale).tocsr(), inside)
        weights.append(scale * machine.coef_[0])
        bias.append(machine.intercept_[0])
    votes = _weights_of(labeler, layer)
    votes["votes"].copy_(torch.from_numpy(np.stack(weights, axis=1)))
    votes["bias"].copy_(torch.tensor(bias))


def _ngram_matrix(buckets: int, documents: Sequence[Document]) -> "sparse.csr_matrix":
    """Which n-grams each document has, (documents, buckets)."""
    ids = [hash_ngrams(document.words, buckets) for document in documents]
    starts = np.concatenate([[0], np.cumsum([len(numbers) for numbers in ids])])
    shape = len(documents), buckets
    return sparse.csr_matrix(
        (np.ones(starts[-1], dtype=np.float64), np.concatenate(ids), starts), shape=shape
    )


def _weights_of(labeler: Labeler, layer: str) -> dict[str, torch.Tensor]:
    """The weights next to the layer of a head."""
    return labeler.module.tag_heads[labeler.config.layers.index(layer)].weights


def fit_decision(labeler: Labeler, layer: str, dev: Sequence[Document]) -> None:
    """Set the temperature of a head of documents, and the share of its votes, to what fits `dev`
    best.

    What fits is measured in cross-entropy. Without a temperature of its own each share would be
    judged by how sure it makes the sum.

    Args:
        labeler: A labeler, which is changed in place.
        layer: A layer of categories.
        dev: Held-out documents with the layer.
    """
    head = labeler.config.head(layer)
    gold = label_ids(head, dev)
    weights = _weights_of(labeler, layer)
    if has_votes(head):
        weights["share"].fill_(0.0)
    labeler.config = labeler.config.with_head(layer, temperature=1.0)
    probabilities = np.concatenate(labeler.probabilities(dev, layer)).astype(np.float64)
    logs = np.log(probabilities.clip(1e-30))

    shares = [0.0]
    added = np.zeros_like(logs)
    if has_votes(head):
        arrays = {name: tensor.detach().cpu().numpy() for name, tensor in weights.items()}
        added = (
            cast(Pooled, head.kind)
            .votes([document.words for document in dev], arrays)
            .astype(np.float64)
        )
        shares = _SHARES

    choices = []
    for share in shares:
        logits = logs + share * added
        temperature = fit_temperature(logits, gold)
        # Where every document is right, nothing is known of how sure to be.
        temperature = 1.0 if temperature < 1.01 * LOWEST_TEMPERATURE else temperature
        loss = functional.cross_entropy(
            torch.from_numpy(logits / temperature), torch.from_numpy(gold)
        )
        choices.append((float(loss), share, temperature))

    _, share, temperature = min(choices)
    if has_votes(head):
        weights["share"].fill_(share)
    labeler.config = labeler.config.with_head(layer, temperature=temperature)
