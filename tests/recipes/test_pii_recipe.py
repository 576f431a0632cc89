"""The recipe of private data: what it makes of real prose, what it leaves out, and a training from
files to a card.
"""

import importlib
import json
import lzma
import random
import re
import sys
from itertools import islice
from pathlib import Path

import pytest
import torch
import typer
from typer.testing import CliRunner

from seqlabel.commands.settings import command_of
from seqlabel.documents.document import Document, Spans
from seqlabel.documents.schemes import Scheme
from seqlabel.documents.spans import Span
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import OptionError
from seqlabel.models.fine_tuning import tagging_options
from seqlabel.models.language_model import WordLanguageModel
from seqlabel.models.model_configs import HeadConfig
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.nn.heads.softmax import Softmax
from seqlabel.nn.network_configs import WordModelConfig
from seqlabel.privacy.finding.finder import LAYER, PrivateFinder
from seqlabel.reports.metadata import read_metadata
from seqlabel.text.tokenizers import Words
from seqlabel.text.vocabulary import Vocabulary

for package in ("faker", "stdnum", "phonenumbers"):
    pytest.importorskip(package, reason="the generator needs seqlabel-rnn[pii]")

pytestmark = pytest.mark.end_to_end
ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "recipes"))
pii = importlib.import_module("pii")
pii_data = importlib.import_module("pii_data")
corpora, measuring, mixing = (
    importlib.import_module(f"pii_data.{name}") for name in ("corpora", "measuring", "mixing")
)
training = importlib.import_module("pii_data.training")

SENTENCES = [
    (
        ["Ann", "Moss", "met", "Bo", "in", "Oslo", "."],
        ["B-PER", "I-PER", "O", "B-PER", "O", "B-LOC", "O"],
    ),
    (["It", "has", "2", "doors", "and", "ann@example.org", "."], ["O"] * 7),
    (["Nothing", "is", "here", "."], ["O"] * 4),
]

POSTS = """@bo\tO
met\tO
Ann\tB-person
in\tO
May\tO
\t
Late\tB-product
News\tI-product
of\tO
#Oslo\tB-location
"""


def write_corpora(folder):
    for name in ("ud_english_ewt", "ner_english_ewt", "pii_anon", "wnut17"):
        (folder / name).mkdir(parents=True)
    for part in ("train", "dev", "test"):
        columns, treebank = [], []
        for words, tags in SENTENCES:
            for n, (word, tag) in enumerate(zip(words, tags, strict=True), 1):
                space = "_" if n + 1 < len(words) else "SpaceAfter=No"
                columns.append(f"{n}\t{word}\t{tag}\t-")
                treebank.append(f"{n}\t{word}\t_\tX\tX\t_\t{n - 1}\t_\t_\t{space}")
            columns.append("")
            treebank.append("")
        for name, lines in (
            (f"ner_english_ewt/{part}.iob2", columns),
            (f"ud_english_ewt/en_ewt-ud-{part}.conllu", treebank),
        ):
            (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "wnut17" / "wnut17train.conll").write_text(POSTS, encoding="utf-8")
    (folder / "web").mkdir()
    for name in ("law_dc_code", "speeches"):
        with lzma.open(folder / "web" / f"{name}.txt.xz", "wt", encoding="utf-8") as lines:
            lines.write("Ann Moss of Oakham has met Bo Reed and Al Fox of Leeds today.\n\nShort.\n")
    spans = [[4, 15, "SOCIAL_SECURITY_NUMBER"], [19, 29, "PERSON_NAME"]]
    rows = [{"text": f"SSN {n}36-90-4399 of Mr. Al Fox", "spans": spans} for n in range(1, 6)]
    for part in ("train", "dev"):
        (folder / "pii_anon" / f"{part}.jsonl").write_text(
            "\n".join(map(json.dumps, rows * 8)) + "\n", encoding="utf-8"
        )


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpora")
    write_corpora(folder)
    return folder


def invoke(*arguments):
    app = typer.Typer()
    app.command()(command_of(pii.main, pii.Settings))
    return CliRunner().invoke(app, [*map(str, arguments)])


def first(read):
    """The first texts of what is read, so that measuring takes no time."""
    return lambda *arguments, **options: islice(read(*arguments, **options), 30)


@pytest.fixture(scope="module")
def trained(data, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        for module, name in ((measuring, "hand_written"), (pii, "hand_written")):
            patch.setattr(module, name, first(getattr(module, name)))
        yield train_all(data, tmp_path_factory)


def train_all(data, tmp_path_factory):
    """Three trainings: without some styles, of all with a card, and on from that."""
    folder = tmp_path_factory.mktemp("pii")
    vocabulary = Vocabulary(["xxunk", "xxpad", "the", "name", ":", "@", "of", "."])
    config = WordModelConfig(
        words=len(vocabulary), buckets=512, embedding=16, hidden=12, cutoffs=(4,)
    )
    WordLanguageModel(config, vocabulary).save(folder / "encoder")
    sizes = (
        f"--texts 100 --readings 0 --test-texts 30 --epochs 1 --encoder {folder}/encoder --quiet "
        "--compact"
    ).split()
    on = f"--card --start {folder}/all/labeler --keep 0.3 --all"
    for name, more in (
        ("unseen", "--leave-out chat,pii_anon"),
        ("all", f"--card --unseen {folder}/unseen/metrics.json"),
        ("more", f"{on} --anon-texts 20 --paragraphs 7 --rate 5e-4"),
    ):
        result = invoke("--data", data, "--output", folder / name, *sizes, *more.split())
        assert result.exit_code == 0, result.output
    return folder


def test_a_training_ends_with_a_labeler_figures_and_a_card(trained):
    found = json.loads((trained / "all" / "metrics.json").read_text())
    assert 0 < found["generated"]["private_words"]["f"] <= 1
    assert found["pii_anon"]["types"]["SSN"]["support"] == 40
    assert found["clean_prose"]["words"] == 4
    assert found["written_test"]["types"]["PERSON"]["support"] > 20
    assert found["written_test"]["clean"]["words"] > 100
    assert found["written_hard"]["types"]["PERSON"]["support"] > 10
    recalls = [one["recall"] for one in found["fields"]["dial"].values()]
    assert recalls == sorted(recalls)
    card = (trained / "all" / "labeler" / "README.md").read_text(encoding="utf-8")
    for name, example in pii_data.EXAMPLES.items():
        assert f"| {name} | `{example}` |" in card
    assert "{" not in card
    assert re.search(r"^\| chat, pii_anon \| ", card, flags=re.MULTILINE)
    rows = [line.count("|") for line in card.splitlines() if line.startswith("| ")]
    assert set(rows) == {6, 10, 11}
    (index,) = read_metadata(card)["model-index"]
    by_hand, generated, _ = index["results"]
    assert by_hand["metrics"][0]["value"] == round(
        found["written_test"]["private_words"]["precision"], 4
    )
    assert generated["metrics"][-1]["name"] == "exact spans f2"
    assert generated["metrics"][-1]["value"] == round(found["generated"]["exact"]["f"], 4)
    list(PrivateFinder.load(trained / "all" / "labeler")(["Call Ann."]))


def test_a_labeler_is_trained_on_from_another_and_its_card_says_so(trained):
    card = (trained / "more" / "labeler" / "README.md").read_text(encoding="utf-8")
    assert "--card --start … --keep 0.3 --all --texts 100 --anon-texts 20" in card
    assert "20 texts of pii_anon" in card


def test_a_share_of_the_weights_of_before_is_kept(trained, monkeypatch):
    labeler, after = (Labeler.load(trained / name / "labeler") for name in ("more", "all"))
    before = {name: values.clone() for name, values in labeler.module.state_dict().items()}
    monkeypatch.setattr(
        training,
        "fine_tune",
        lambda labeler, *_, **options: labeler.module.load_state_dict(after.module.state_dict()),
    )
    unseen = [
        Document.from_words(["Ann", "is", "here"]).with_spans(LAYER, Spans((Span(0, 1, "PERSON"),)))
    ]
    training.train_labeler(
        labeler, [], [], unseen, options=tagging_options(1), quiet=True, kept=0.25
    )
    others = after.module.state_dict()
    for name, values in labeler.module.state_dict().items():
        torch.testing.assert_close(values, 0.25 * before[name] + 0.75 * others[name])


def test_weights_are_kept_only_of_a_labeler(data, tmp_path):
    result = invoke(*f"--data {data} --output {tmp_path} --keep 0.5".split())
    assert (result.exit_code, "--keep: " in result.output) == (2, True)


def test_a_labeler_of_other_labels_is_not_trained_on(data, trained, tmp_path):
    head = HeadConfig(TagSet(LAYER, ("PERSON",), Scheme.BIO), Softmax())
    Labeler.on(WordLanguageModel.load(trained / "encoder"), [head], words=Words.FINE).save(
        tmp_path / "other"
    )
    line = f"--data {data} --output {tmp_path}/out --texts 100 --readings 0"
    result = invoke(*f"{line} --start {tmp_path}/other".split())
    assert (result.exit_code, "en_pii" in result.output) == (2, True)


def test_what_is_left_out_is_all_that_is_tested(trained):
    found = json.loads((trained / "unseen" / "metrics.json").read_text())
    assert found["left_out"] == "chat,pii_anon"
    assert {"generated", "pii_anon"} <= found.keys()
    train, test = training.shares("chat,log")
    assert train.anon
    assert not test.anon
    assert set(test.styles) == {"chat", "log"}
    assert set(train.styles) | set(test.styles) == set(pii_data.ALL_STYLES)
    assert not set(train.styles) & set(test.styles)
    with pytest.raises(OptionError, match="'chit'"):
        training.shares("chit,chat")


def test_words_that_may_be_private_are_left_open_in_prose(data):
    one, two, three = corpora.treebank(data, "train", gold=False)
    assert one.text == "Ann Moss met Bo in Oslo."
    names = ("B-PERSON", "I-PERSON", "O", "B-PERSON", "O", "B-LOCATION", "O")
    assert one.tags["pii"].labels == names
    assert two.words == ["It", "has", "2", "doors", "and", "ann", "@", "example.org", "."]
    tags = ("O", "O", None, "O", "O", "B-EMAIL", "I-EMAIL", "I-EMAIL", "O")
    assert two.tags["pii"].labels == tags
    assert set(three.tags["pii"].labels) == {"O"}
    gold = list(corpora.treebank(data, "test", gold=True))
    assert [len(document.spans["pii"].spans) for document in gold] == [3, 0, 0]
    assert [document.text for document in corpora.clean_prose(data)] == ["Nothing is here."]


def test_posts_have_their_names_and_leave_the_rest_open(data):
    one, two = corpora.posts(data)
    assert one.words == ["@", "bo", "met", "Ann", "in", "May"]
    assert one.tags["pii"].labels == (None, None, "O", "B-PERSON", "O", None)
    assert two.words == ["Late", "News", "of", "#", "Oslo"]
    assert two.tags["pii"].labels == (None, None, "O", "B-LOCATION", "I-LOCATION")


class Finding:
    """A labeler that finds these spans in every text."""

    def __init__(self, *spans):
        self.spans = Spans(tuple(Span(*one) for one in spans))

    def __call__(self, documents):
        return (document.with_spans("pii", self.spans) for document in documents)


def test_an_id_in_a_published_text_is_unlearnt_and_a_person_and_a_place_left_open():
    places = [(3, 4, "LOCATION"), (5, 6, "LOCATION")]
    finding = Finding((0, 1, "PERSON"), (1, 2, "MEDICAL_ID"), *places)
    (document,) = mixing.of_nobody(["Wilson a1 and anemia in Oslo"], finding)
    assert document.tags["pii"].labels == (None, "O", "O", "O", "O", None)


def test_long_paragraphs_are_drawn(tmp_path):
    long = [
        f"{number} is the number of this paragraph, which is long enough." for number in range(5)
    ]
    with lzma.open(tmp_path / "some.txt.xz", "wt", encoding="utf-8") as lines:
        lines.write("\n\n".join(["A heading", *long]))
    drawn = corpora.paragraphs(tmp_path / "some.txt.xz", 3, random.Random(0))
    assert len(set(drawn)) == 3
    assert set(drawn) < set(long)
    assert sorted(corpora.paragraphs(tmp_path / "some.txt.xz", 9, random.Random(0))) == long


def test_texts_are_joined_and_keep_their_words_and_tags():
    documents = [
        Document.from_words(["Ann", "met", f"Bo{number}"]).with_spans(
            "pii", Spans((Span(0, 1, "PERSON"),))
        )
        for number in range(400)
    ]
    found = mixing.joined(documents, random.Random(0))
    assert 0.2 * 400 < sum(len(one) == 3 for one in found) < 0.4 * 400
    assert max(map(len, found)) > 200
    assert all(len(one) < 303 for one in found)
    seen = set()
    for document in found:
        words, tags = document.words, document.tags["pii"].labels
        assert tags == ("B-PERSON", "O", "O") * (len(document) // 3)
        assert set(words[::3]) == {"Ann"}
        seen.update(words[2::3])
    assert len(seen) == 400
    assert not any(one.spans for one in found)


def test_names_are_lowered_and_nothing_else():
    document = Document.from_words(["Ann", "Moss", "Met", "Bo", "In", "Oslo"])
    spans = Spans((Span(0, 2, "PERSON"), Span(3, 4, "PERSON"), Span(5, 6, "LOCATION")))
    (lowered,) = mixing.lowered([document.with_spans("pii", spans)])
    assert lowered.text == "ann moss Met bo In Oslo"
    assert lowered.spans["pii"] == spans


def test_case_changes_as_often_as_asked_and_offsets_stay():
    texts = (["Ann", "MET", "İbo"], ["Ann", "met", "Bo"])
    documents = [*map(Document.from_words, texts)] * 200
    found = list(mixing.recased(documents, random.Random(0), lower=0.3, upper=0.2))
    # A dotted capital I grows by a character in lower case: that text stays.
    assert {document.text for document in found[::2]} == {"Ann MET İbo", "ANN MET İBO"}
    texts = [document.text for document in found[1::2]]
    assert 0.2 < texts.count("ann met bo") / 200 < 0.4
    assert 0.1 < texts.count("ANN MET BO") / 200 < 0.3
    assert all(one.offsets == other.offsets for one, other in zip(documents, found, strict=True))
