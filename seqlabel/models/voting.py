"""The votes of words and word pairs for a document's label, fitted in closed form beside a trained classifier."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from seqlabel.documents.document import Document
from seqlabel.models.classifier import Classifier
from seqlabel.names import LateModule
from seqlabel.scores.calibration import LOWEST_TEMPERATURE, fit_temperature
from seqlabel.text.hashing import hash_ngrams

if TYPE_CHECKING:
    from scipy import sparse
    from sklearn import svm
else:
    # A second, which a training of words and spans need not wait for.
    sparse, svm = map(LateModule, ("scipy.sparse", "sklearn.svm"))

_SHARES = [0.0, *(2.0**power for power in range(-4, 6))]
_COST = 3.0
"""The cost of a document on the wrong side of the linear SVM, in rows of the length 1 at most."""
_FEWEST_DOCUMENTS = 2
"""An n-gram that fewer training documents have gets no vote."""


def _ngram_matrix(classifier: Classifier, documents: Sequence[Document]) -> "sparse.csr_matrix":
    """Which n-grams each document has, (documents, buckets)."""
    ids = [hash_ngrams(document.words, classifier.config.buckets) for document in documents]
    starts = np.concatenate([[0], np.cumsum([len(one) for one in ids])])
    shape = len(documents), classifier.config.buckets
    return sparse.csr_matrix((np.ones(starts[-1], dtype=np.float64), np.concatenate(ids), starts), shape=shape)


def label_ids(classifier: Classifier, documents: Sequence[Document]) -> npt.NDArray[np.int64]:
    """Find the label of each document: its category with the highest score.

    Args:
        classifier: The classifier that knows the labels.
        documents: Documents with its layer.

    Returns:
        The ids of the labels, (documents,).
    """
    config = classifier.config
    scores = [document.categories[config.layer] for document in documents]
    return np.array([config.labels.index(max(one, key=one.__getitem__)) for one in scores])


def fit_votes(classifier: Classifier, documents: Sequence[Document]) -> None:
    """Fit the votes of each label: a linear SVM on n-grams weighted by log-count ratios (Wang and Manning 2012).

    The roots of the ratios serve, and rows are divided as in `WordVotes`: on reviews that is worth a point over plain
    ratios, and two where 200 documents are labelled.

    Args:
        classifier: A classifier with votes, which are changed in place.
        documents: Documents with its layer.
    """
    has, gold = _ngram_matrix(classifier, documents), label_ids(classifier, documents)
    frequent = np.asarray(has.sum(axis=0)).ravel() >= _FEWEST_DOCUMENTS
    rows = has.multiply(1 / np.sqrt(np.maximum(np.diff(has.indptr), 1))[:, None]).tocsr()
    weights, bias = [], []
    for label in range(len(classifier.config.labels)):
        inside = gold == label
        shares = [1 + np.asarray(has[chosen].sum(axis=0)).ravel() for chosen in (inside, ~inside)]
        ratio = np.log(shares[0] / shares[0].sum()) - np.log(shares[1] / shares[1].sum())
        scale = np.where(frequent, np.sign(ratio) * np.sqrt(np.abs(ratio)), 0.0)
        machine = svm.LinearSVC(C=_COST, random_state=0).fit(rows.multiply(scale).tocsr(), inside)
        weights.append(scale * machine.coef_[0])
        bias.append(machine.intercept_[0])
    votes = classifier.module.votes
    assert votes is not None
    votes.weights.copy_(torch.from_numpy(np.stack(weights, axis=1)))
    votes.bias.copy_(torch.tensor(bias))


def choose_share(classifier: Classifier, dev: Sequence[Document]) -> None:
    """Set the votes' share, and the temperature, to what fits `dev` best, in cross-entropy.

    Without a temperature of its own each share would be judged by how sure it makes the sum.

    Args:
        classifier: A classifier with votes, which is changed in place.
        dev: Held-out documents with its layer.
    """
    votes = classifier.module.votes
    assert votes is not None
    gold = label_ids(classifier, dev)
    votes.share.fill_(0.0)
    classifier.set_temperature(1.0)
    found = [document.categories[classifier.config.layer] for document in classifier(dev)]
    chances = np.array([[one[label] for label in classifier.config.labels] for one in found])
    logs = np.log(chances.clip(1e-30))
    added = votes(classifier.ngrams([document.words for document in dev])).cpu().double().numpy()
    choices = []
    for share in _SHARES:
        logits = logs + share * added
        temperature = fit_temperature(logits, gold)
        # Where every document is right, nothing is known of how sure to be.
        temperature = 1.0 if temperature < 1.01 * LOWEST_TEMPERATURE else temperature
        loss = functional.cross_entropy(torch.from_numpy(logits / temperature), torch.from_numpy(gold))
        choices.append((float(loss), share, temperature))
    _, share, temperature = min(choices)
    votes.share.fill_(share)
    classifier.set_temperature(temperature)
