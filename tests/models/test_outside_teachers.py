"""Teachers of other packages: what they say, what they are not sure of, and what is refused."""

import json
import shlex
import sys

import pytest

from seqlabel.documents.repairs import Repairs
from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError, OptionError
from seqlabel.models.outside_teachers import TaughtTexts, make_teacher, teach
from seqlabel.text.tokenizers import Tokenizer

TEXTS = ["Ann met Bo in Oslo last week again.", "Nothing here.", "Bo waits."]
ENGLISH = Tokenizer("en")


def command(body):
    code = (
        "import json, sys\nfor line in sys.stdin:\n    text = json.loads(line)['text']\n   "
        f" print(json.dumps({body}))"
    )
    return "command:" + shlex.join([sys.executable, "-c", code])


def entities(document):
    return [
        (document.text[slice(*document.characters(span))], span.label)
        for span in document.spans["ner"].spans
    ]


def test_a_command_may_quote_or_give_places():
    quoted = command(
        "{'entities': [{'text': word, 'label': 'PER'} for word in ('Ann', 'Bo', 'Cy') if word "
        "in text]}"
    )
    placed = command(
        "{'entities': [{'start': 0, 'end': 3, 'label': 'PER'}] if text.startswith('Ann') else []}"
    )
    said = [entities(one) for one in teach(make_teacher(quoted), TEXTS, ENGLISH, "ner").documents]
    assert said == [[("Ann", "PER"), ("Bo", "PER")], [], [("Bo", "PER")]]
    said = [entities(one) for one in teach(make_teacher(placed), TEXTS, ENGLISH, "ner").documents]
    assert said == [[("Ann", "PER")], [], []]


def test_what_is_left_out_or_repaired_is_counted():
    said = command(
        "{'entities': [{'text': 'Ann', 'label': 'PER'}, {'text': 'Cy', 'label': 'PER'}, ['Bo', "
        "'PER'], {'start': 0, 'end': 6, 'label': 'A'}, {'text': 'Oslo', 'start': 0, 'end': 4, "
        "'label': 'LOC'}]}"
    )
    text = "Ann met Bo in Oslo, said Bo."
    taught = teach(make_teacher(said), [text], ENGLISH, "ner")
    assert entities(taught.documents[0]) == [
        ("Ann met", "A"),
        ("Bo", "PER"),
        ("Oslo", "LOC"),
        ("Bo", "PER"),
    ]
    assert taught.repairs == Repairs(absent=1, repeated=1, misplaced=1, overlapping=1)


def test_what_has_a_low_score_is_left_open():
    scored = command(
        "{'entities': [{'text': word, 'label': 'PER', 'score': score} for word, score in (('Ann', "
        "0.9), ('Bo', 0.5)) if word in text]}"
    )
    taught = teach(make_teacher(scored), TEXTS, ENGLISH, "ner")
    assert taught.opened[0].tags["ner"].labels == ("B-PER", "O", None, "O", "O", "O", "O", "O", "O")
    assert taught.open_words("ner") == 2
    assert entities(taught.documents[0]) == [("Ann", "PER"), ("Bo", "PER")]
    assert "Ann" not in repr(taught)


def test_what_was_said_is_kept(tmp_path):
    scored = command(
        "{'entities': [{'text': w, 'label': 'PER', 'score': 0.5} for w in ('Ann', 'Bo') if w in "
        "text]}"
    )
    taught = teach(make_teacher(scored), TEXTS, ENGLISH, "ner")
    taught.save(tmp_path / "taught.jsonl", "ner")
    again = TaughtTexts.load(tmp_path / "taught.jsonl", ENGLISH, "ner")
    assert (again.documents, again.opened) == (taught.documents, taught.opened)
    assert again.seconds == pytest.approx(taught.seconds)
    (tmp_path / "taught.jsonl").write_text('{"text": "Ann"}\n')
    with pytest.raises(DataError, match="line 1"):
        TaughtTexts.load(tmp_path / "taught.jsonl", ENGLISH, "ner")


def test_what_depends_on_the_other_half_is_left_open():
    def needs_ann(texts):
        for text in texts:
            places = [text.find("Oslo")] if "Ann" in text and "Oslo" in text else []
            yield [CharacterSpan(place, place + 4, "LOC") for place in places]

    taught = teach(needs_ann, ["Ann met Bo again last week in Oslo."], ENGLISH, "ner")
    assert entities(taught.documents[0]) == [("Oslo", "LOC")]
    labels = zip(taught.opened[0].words, taught.opened[0].tags["ner"].labels, strict=True)
    assert [word for word, label in labels if label is None] == ["Oslo"]
    assert taught.open_words("ner") == 1


def test_a_pipeline_of_spacy_is_a_teacher(tmp_path):
    spacy = pytest.importorskip("spacy")
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "PER", "pattern": "Ann"}])
    nlp.to_disk(tmp_path / "pipeline")
    taught = teach(make_teacher(f"spacy:{tmp_path / 'pipeline'}"), TEXTS, ENGLISH, "ner")
    assert entities(taught.documents[0]) == [("Ann", "PER")]
    assert taught.open_words("ner") == 0
    spacy.blank("en").to_disk(tmp_path / "none")
    for name in (f"spacy:{tmp_path / 'none'}", "spacy:no_such_pipeline", "nobody"):
        with pytest.raises(OptionError, match="--teacher"):
            make_teacher(name)


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        "{'entities': [{'text': 'Ann'}]}",
        "{'entities': [{'start': 5, 'end': 999, 'label': 'X'}]}",
        "{'entities': [[0, 3, 'X']]}",
    ],
)
def test_other_answers_are_refused(body):
    with pytest.raises(DataError, match="line 1"):
        teach(make_teacher(command(body)), TEXTS, ENGLISH, "ner")


def test_too_few_answers_are_refused():
    with pytest.raises(DataError, match="--teacher"):
        teach(lambda texts: iter([[]]), TEXTS, ENGLISH, "ner")


def test_texts_without_words_are_left_out():
    taught = teach(lambda texts: iter([[] for _ in texts]), ["  ", "a b"], ENGLISH, "ner")
    assert json.dumps([one.text for one in taught.documents]) == '["a b"]'
