"""Tiny models and texts for the tests of spaCy pipes."""

import os
import pickletools
import random
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
import spacy
import torch
from spacy.tokens import Doc, DocBin, Span
from spacy.training import Example
from spacy.util import fix_random_seed
from thinc.api import Adam

from seqlabel.batches.windows import FoundTags
from seqlabel.documents.schemes import Scheme
from seqlabel.documents.tag_sets import TagSet
from seqlabel.models.model_configs import HeadConfig, LabelerConfig
from seqlabel.nn.heads.crf import CRF
from seqlabel.nn.network_configs import WordModelConfig
from seqlabel.spacy.shim import shim_of
from seqlabel.text.vocabulary import Vocabulary
from tests import labelers
from tests.labelers import ENCODER, VOCABULARY, random_labeler

HEADS = (
    HeadConfig(TagSet("upos", ("NOUN", "VERB", "X"))),
    HeadConfig(TagSet("ner", ("A", "B"), Scheme.BIOES), CRF()),
    HeadConfig(TagSet("chunks", ("NP",), Scheme.BIO)),
    HeadConfig(TagSet("form", ("1", "2"))),
)
PIPES = ["seqlabel_tagger", "seqlabel_ner", "seqlabel_textcat"]
WORDS = [*labelers.WORDS, "on", "."]


def tiny_labeler(heads=HEADS, *, encoder=ENCODER, seed=0):
    """A labeler with weights large enough that words far away are felt, so that labels differ from
    word to word.
    """
    labeler = random_labeler(LabelerConfig(encoder, heads, hidden=5), VOCABULARY, seed=seed)
    vary_labels(labeler)
    return labeler


@torch.no_grad()
def vary_labels(labeler):
    """Weigh the states more, and have no tag likelier than another over all words, so that every
    label is found.
    """
    words = random.Random(0).choices(WORDS, k=50)
    states = labeler.module.hidden(labeler.words([words]), torch.tensor([len(words)]))[0]
    for head in labeler.module.heads:
        head.output.weight.mul_(3)
        head.output.bias.copy_(-head.output.weight @ states.mean(dim=0))


def some_texts(count=30, *, seed=0, longest=14):
    """Texts of random words, some empty, some of white space, some with white space between
    words.
    """
    chance = random.Random(seed)
    texts = []
    for _ in range(count):
        words = chance.choices(WORDS, k=chance.randint(0, longest))
        texts.append(
            "".join(word + chance.choice([" ", " ", " ", "\n", "  ", "\t "]) for word in words)
        )
    return ["", " ", "\n \t", "cat", *texts]


def annotation(doc):
    """All that a pipe may have written, without probabilities."""
    tokens = [
        (t.text, t.idx, t.pos_, t.tag_, t.ent_iob_, t.ent_type_, t.ent_kb_id_, t.ent_id_)
        for t in doc
    ]
    trees = [(t.head.i, t.dep_, t.is_sent_start) for t in doc]
    groups = {key: [(s.start, s.end, s.label_) for s in group] for key, group in doc.spans.items()}
    extension = [t._.form for t in doc] if any(key[1] == "form" for key in doc.user_data) else None
    return tokens, trees, groups, sorted(doc.cats), extension


def scores(doc):
    """All probabilities in a Doc, one after another."""
    found = [
        score for _, group in sorted(doc.spans.items()) for score in group.attrs.get("scores", ())
    ]
    for key, value in sorted(doc.user_data.items(), key=str):
        if key[0] == "seqlabel" and key[1] != "redacted":
            found += [float(score) for score in value if score == score]
        elif key[1].endswith("_score"):
            found.append(value)
    return [*found, *(score for _, score in sorted(doc.cats.items()))]


def assert_same(found, expected, tolerance=1e-5):
    """Identical annotation, probabilities to a tolerance."""
    found, expected = list(found), list(expected)
    assert list(map(annotation, found)) == list(map(annotation, expected))
    for one, other in zip(found, expected, strict=True):
        here, there = scores(one), scores(other)
        assert len(here) == len(there)
        assert max((abs(a - b) for a, b in zip(here, there, strict=True)), default=0.0) <= tolerance


NAMES = ["Ann", "Bob", "Cleo", "Eve Lund", "Finn Berg"]
TOWNS = ["Oslo", "Rome", "Bonn", "New Delhi"]


def tiny_encoder(folder):
    """A language model that has read nothing, saved to a folder."""
    vocabulary = Vocabulary(["xxunk", "xxpad", ".", "visited", "left", "saw", "Ann", "again"])
    config = WordModelConfig(
        words=len(vocabulary), buckets=512, embedding=16, hidden=12, cutoffs=(4,)
    )
    labelers.tiny_encoder(config, vocabulary).save(folder)
    return str(folder)


def gold_docs(vocab, count, *, seed=0):
    """Sentences with tags, parts of speech, entities and categories that can be told from the
    words.
    """
    chance = random.Random(seed)
    docs = []
    for _ in range(count):
        name, town = chance.choice(NAMES).split(), chance.choice(TOWNS).split()
        words = [
            *name,
            chance.choice(["visited", "left", "saw"]),
            *town,
            chance.choice(["again", "often"]),
            ".",
        ]
        pos = ["PROPN"] * len(name) + ["VERB"] + ["PROPN"] * len(town) + ["ADV", "PUNCT"]
        doc = Doc(vocab, words=words, tags=[f"t{one}" for one in pos], pos=pos)
        start = len(name) + 1
        doc.ents = [Span(doc, 0, len(name), "PER"), Span(doc, start, start + len(town), "LOC")]
        doc.cats = {"north": float(town == ["Oslo"]), "south": float(town != ["Oslo"])}
        docs.append(doc)
    return docs


def gold_trees(vocab, count, *, seed=0):
    """Docs of two of those sentences, with heads, relations and parts of speech."""
    sentences = gold_docs(vocab, 2 * count, seed=seed)
    docs = []
    for first, second in zip(sentences[::2], sentences[1::2], strict=True):
        words, pos, heads, deps = [], [], [], []
        for sentence in (first, second):
            verb = [token.pos_ for token in sentence].index("VERB")
            relations = (
                ["nsubj"] * verb
                + ["ROOT"]
                + ["obj"] * (len(sentence) - verb - 3)
                + ["advmod", "punct"]
            )
            heads += [len(words) + verb] * len(sentence)
            deps += relations
            words += [token.text for token in sentence]
            pos += [token.pos_ for token in sentence]
        docs.append(Doc(vocab, words=words, pos=pos, heads=heads, deps=deps))
    return docs


def examples(nlp, count=60, *, seed=0):
    """Those sentences as examples with the words given."""
    return [
        Example(
            Doc(nlp.vocab, words=[t.text for t in doc], spaces=[bool(t.whitespace_) for t in doc]),
            doc,
        )
        for doc in gold_docs(nlp.vocab, count, seed=seed)
    ]


def is_pickle(data):
    try:
        list(pickletools.genops(data))
    except Exception:
        return b"torch._utils" in data or b"numpy.core" in data
    return True


PROCESSES = """
# Nothing is imported outside of this, because a process that is spawned reads the file too.
if __name__ == "__main__":
    import socket
    import sys
    import warnings
    from multiprocessing import get_context

    import spacy
    import torch

    sys.path.insert(0, {root!r})
    # Registers the factory where the installed entry points are older.
    import seqlabel.spacy.parser
    from tests.spacy_models import assert_same, process_texts, save_docs

    def refuse(*arguments, **named):
        raise OSError("no network")

    socket.socket.connect = socket.create_connection = refuse
    warnings.simplefilter("ignore", DeprecationWarning)
    torch.set_num_threads(2)
    nlp = spacy.load({folder!r})
    texts = process_texts()
    # Threads of its own in the parent are what a forked child waits for.
    expected = list(nlp.pipe(texts))
    save_docs(expected, {docs!r})
    for method in {methods!r}:
        spacy.language.mp = get_context(method)
        assert_same(nlp.pipe(texts, n_process=2, batch_size=12), expected)
        print(method)
"""


def process_texts():
    """Short texts, and some that are long enough for torch to share the work among threads."""
    return [*some_texts(), *some_texts(6, seed=1, longest=400)]


def save_docs(docs, path):
    DocBin(docs=docs, store_user_data=True).to_disk(path)


def assert_same_in_processes(folder, methods=("fork", "spawn")):
    """A process that loads a pipeline without a network says what this one says, and so do two
    processes of its own.

    They are forked and spawned, and do not hang.
    """
    with tempfile.TemporaryDirectory() as place:
        script, docs = Path(place) / "script.py", Path(place) / "docs.spacy"
        root = str(Path(__file__).parents[1])
        script.write_text(
            PROCESSES.format(root=root, folder=str(folder), docs=str(docs), methods=methods)
        )
        assert run_in_time([sys.executable, str(script)]).split() == list(methods)
        nlp = spacy.load(folder)
        assert_same(DocBin().from_disk(docs).get_docs(nlp.vocab), list(nlp.pipe(process_texts())))


def run_in_time(command, seconds=1200):
    """What a command prints; it is killed with all its children if it hangs, and a slow machine has
    time enough.
    """
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        found, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        pytest.fail("the processes hang")
    assert process.returncode == 0
    return found


def blank(encoder, *pipes, **config):
    """A pipeline of trainable pipes."""
    nlp = spacy.blank("en")
    for name in pipes or PIPES:
        model = (
            {"encoder": encoder}
            if name == "seqlabel_textcat"
            else {"encoder": encoder, "hidden": 12}
        )
        nlp.add_pipe(name, config={"model": model, **config})
    return nlp


def train(nlp, data, steps=60, *, sgd=None, begin=True, size=12):
    """Some updates; the optimizer."""
    fix_random_seed(0)
    if begin:
        nlp.initialize(lambda: data)
    sgd = sgd or Adam(0.02, L2=0.0)
    for step in range(steps):
        start = size * step % len(data)
        nlp.update(data[start : start + size], sgd=sgd, drop=0.1)
    return sgd


def weights(nlp, pipe):
    """A copy of all weights of a pipe."""
    return {
        n: t.clone() for n, t in shim_of(nlp.get_pipe(pipe).model).part.module.state_dict().items()
    }


def equal(one, other):
    """Whether two copies of weights are the same."""
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def random_tags(chance, count, tag_set):
    """Tags of words drawn by chance, with scores."""
    ids = np.array([chance.randrange(len(tag_set.tags)) for _ in range(count)], dtype=np.int64)
    return FoundTags(ids, np.array([chance.random() for _ in range(count)], dtype=np.float32))
