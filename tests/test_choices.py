"""A closed choice takes a member or its value, and says what is allowed otherwise, wherever a user
makes one.

A mistyped name is met with the known one that is most like it.
"""

import io
import re
from contextlib import redirect_stdout
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import torch

from seqlabel.batches.language import LanguageModelStream
from seqlabel.documents.document import Document, Spans
from seqlabel.documents.repairs import Repairs
from seqlabel.documents.schemes import Scheme, spans_to_tags
from seqlabel.documents.spans import Span
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import OptionError, choose, did_you_mean
from seqlabel.formats.datasets import read_token_rows
from seqlabel.models.language_model import WordLanguageModel
from seqlabel.models.model_configs import HeadConfig, LabelerConfig
from seqlabel.models.pretraining import pretrain
from seqlabel.models.tagging.engine import Arithmetic
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.nn.network_configs import (
    LanguageModelConfig,
    PieceModelConfig,
    Recurrence,
    WordModelConfig,
)
from seqlabel.nn.networks import build_language_model
from seqlabel.privacy.replacing.placeholders import Form
from seqlabel.privacy.replacing.policies import PolicyName, policy_named
from seqlabel.privacy.session import Session
from seqlabel.text.corpora import TokenArray
from seqlabel.text.tokenizers import Tokenizer, Words
from seqlabel.text.vocabulary import Vocabulary
from seqlabel.training.loop import Precision, TrainingOptions, fit
from seqlabel.training.progress import Display
from tests.keys import KEY


class Color(StrEnum):
    RED = "red"
    BLUE = "blue"


@pytest.mark.parametrize("found", ["blue", Color.BLUE])
def test_a_member_and_its_value_are_taken(found):
    assert choose(Color, "colour", found) is Color.BLUE


@pytest.mark.parametrize("found", ["green", "RED", "", None, 3, ["red"], {}], ids=repr)
def test_what_is_neither_is_refused_with_what_is_allowed(found):
    with pytest.raises(OptionError) as caught:
        choose(Color, "colour", found)
    assert str(caught.value) == f"colour: expected one of 'red', 'blue', got {found!r}."


ENCODER = WordModelConfig(words=3, buckets=16, embedding=4, hidden=4, cutoffs=(2,))
VOCABULARY = Vocabulary(["xxunk", "xxpad", "a"])
TAGS = TagSet("upos", ("A", "B"))
SPANS = TagSet("ner", ("A",), Scheme.BIO)
TEXT = "user=ann;ip=10.0.0.1"
DOCUMENT = Document.from_words(
    ["x", "y", "z"], spans={"ner": Spans((Span(0, 2, "A"), Span(2, 3, "A")))}
)


def labeler(**options):
    return Labeler(
        LabelerConfig(ENCODER, (HeadConfig(TAGS),), hidden=3, language="xx"), VOCABULARY, **options
    )


def loaded(arithmetic):
    with TemporaryDirectory() as folder:
        labeler().save(Path(folder) / "labeler")
        return Labeler.load(Path(folder) / "labeler", arithmetic=arithmetic).inference.arithmetic


def words_on(words):
    made = Labeler.on(WordLanguageModel(ENCODER, VOCABULARY), [TAGS], words=words, language="xx")
    return made.config.words, made.tokenize(TEXT).words


def token_rows(scheme):
    repairs = Repairs()
    rows = [
        {"tokens": ["x", "y"], "ner_tags": ["B-A", "I-A"]},
        {"tokens": ["x", "y"], "ner_tags": ["I-A", "I-A"]},
    ]
    return list(
        read_token_rows(rows, spans={"ner": "ner_tags"}, scheme=scheme, repairs=repairs)
    ), repairs.tags


def shown(display):
    """What a training prints, without its figures."""
    if display == "notebook":
        pytest.importorskip("IPython", reason="needs ipykernel")
    torch.manual_seed(0)
    model = build_language_model(LanguageModelConfig(vocabulary=4, embedding=2, hidden=2, layers=1))
    stream = LanguageModelStream(TokenArray([0, 1, 2, 3] * 8), batch_size=2, bptt=4)
    with redirect_stdout(io.StringIO()) as out:
        list(fit(model, stream, options=TrainingOptions(epochs=1, device="cpu"), display=display))
    return re.sub(r"[0-9.:]+", "0", out.getvalue())


def restored(form):
    session = Session()
    replace = session.replacements()
    placeholder = replace('Ann "Lee"', "PERSON")
    stream = session.stream(form=form)
    return session.restore(placeholder, form=form).text, stream.feed(placeholder) + stream.close()


def policy(name):
    if name == "encrypt":
        pytest.importorskip("cryptography", reason="needs seqlabel-rnn[pii]")
    keyed = name in ("hash", "pseudonym", "encrypt")
    return type(policy_named(name, key=KEY if keyed else None))


# Where a user makes each choice, and what comes of it.
USES = {
    "TagSet": (Scheme, lambda scheme: TagSet("ner", ("A",), scheme).scheme),
    "TagSet.of": (Scheme, lambda scheme: TagSet.of([DOCUMENT], "ner", scheme=scheme).scheme),
    "spans_to_tags": (Scheme, lambda scheme: spans_to_tags(DOCUMENT.spans["ner"].spans, 3, scheme)),
    "read_token_rows": (Scheme, token_rows),
    "Labeler": (Arithmetic, lambda arithmetic: labeler(arithmetic=arithmetic).inference.arithmetic),
    "Labeler.load": (Arithmetic, loaded),
    "Labeler.on, words": (Words, words_on),
    "Tokenizer": (Words, lambda words: Tokenizer("xx", words)(TEXT).words),
    "LanguageModelConfig": (
        Recurrence,
        lambda name: LanguageModelConfig(4, 2, 2, recurrence=name).recurrence,
    ),
    "WordModelConfig": (
        Recurrence,
        lambda name: WordModelConfig(3, 16, 4, 4, (2,), recurrence=name).recurrence,
    ),
    "PieceModelConfig": (
        Recurrence,
        lambda name: PieceModelConfig(3, 4, 4, (2,), recurrence=name).recurrence,
    ),
    "TrainingOptions": (
        Precision,
        lambda precision: TrainingOptions(precision=precision).precision,
    ),
    "fit": (Display, shown),
    "Session": (Form, restored),
    "policy_named": (PolicyName, policy),
}
every_use = pytest.mark.parametrize(("options", "use"), USES.values(), ids=USES)


@every_use
def test_a_value_does_what_its_member_does(options, use):
    wanted = [use(member) for member in options]
    for member, one in zip(options, wanted, strict=True):
        found = use(member.value)
        assert found == one
        assert type(found) is type(one)
    # What comes of it tells members apart.
    assert any(one != wanted[0] for one in wanted[1:])


@every_use
@pytest.mark.parametrize("wrong", ["loud", 1], ids=repr)
def test_another_value_is_refused_with_what_is_allowed(options, use, wrong):
    allowed = ", ".join(repr(member.value) for member in options)
    with pytest.raises(OptionError) as caught:
        use(wrong)
    assert str(caught.value).endswith(f": expected one of {allowed}, got {wrong!r}.")


@pytest.mark.parametrize(
    ("found", "most", "said"),
    [
        ("EMIAL", 1, "Did you mean 'EMAIL'?"),
        ("person", 1, "Did you mean 'Person'?"),
        ("phone", 1, "Did you mean 'phone_number'?"),
        ("de", 3, "Did you mean 'de_DE' or 'de_AT'?"),
        ("xyz", 3, ""),
        ("", 1, ""),
    ],
)
def test_a_mistyped_name_is_met_with_the_nearest_known_ones(found, most, said):
    known = (name for name in ("EMAIL", "Person", "phone_number", "de_AT", "de_DE"))
    assert did_you_mean(found, known, most=most) == said


def test_pretraining_refuses_a_display_before_it_reads(tmp_path):
    with pytest.raises(OptionError, match=r"^display: .*'loud'"):
        pretrain(iter([["a"]]), tmp_path, display="loud")
    assert not list(tmp_path.iterdir())
