"""Streams: what comes out depends on the stream, not on its cutting; memory does not grow."""

import dataclasses
import itertools
import random
import tracemalloc
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from seqlabel.batches.windows import FoundTags, RowEnd
from seqlabel.documents.cutting import cut_at_sentences
from seqlabel.documents.document import Document, paragraph_starts
from seqlabel.documents.schemes import Scheme, spans_to_tags, tags_to_spans
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import DataError, OptionError
from seqlabel.formats.conllu import read_conllu
from seqlabel.models.folders import PRETRAINED
from seqlabel.models.model_configs import HeadConfig, LabelerConfig
from seqlabel.models.stream import LOOK_AHEAD, StreamLabeler
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.models.tagging.torch_engine import TorchEngine
from seqlabel.nn.heads.head import Rows
from seqlabel.nn.network_configs import LanguageModelConfig, PieceModelConfig, Recurrence
from seqlabel.privacy.finding.finder import LAYER
from seqlabel.text.intake import WITHHELD, Withheld
from seqlabel.text.pieces import Pieces
from tests.memory import allocated
from tests.spacy_models import ENCODER, HEADS, VOCABULARY, WORDS, tiny_labeler
from tests.stream_texts import cuts_of, labels_of, some_text, spans_of, streamed

UPOS, NER, CHUNKS, FORM = HEADS
ONE_WAY = LanguageModelConfig(vocabulary=len(VOCABULARY), embedding=8, hidden=6, tied=False)
DEEP = dataclasses.replace(ENCODER, recurrence=Recurrence.LSTM, layers=2, dropout=0.1)


class OpenHead:
    """A head in torch, and the last tag that it gave the row."""

    def __init__(self, head):
        module = SimpleNamespace(
            tag_heads=[head], second=SimpleNamespace(width=1), parameters=head.parameters
        )
        self._engine = TorchEngine(module, None, None)
        self._before = None

    def tags(self, states, count, decision, *, is_last):
        """The tags of the first `count` of the words with these states, and their probabilities."""
        ids, scores = self._engine.tags(
            0, states, Rows([len(states)], self._before, not is_last), decision
        )
        self._before = int(ids[count - 1])
        return FoundTags(ids[:count], scores[:count])


@pytest.fixture(scope="module")
def labeler():
    return tiny_labeler()


@pytest.mark.parametrize(
    "options",
    [{}, {"look_ahead": 0}, {"look_ahead": 7, "stride": 3}, {"look_ahead": 4, "stride": 5}],
)
def test_any_cutting_gives_the_same_pieces(labeler, options):
    text = some_text(200)
    expected, stream = streamed(labeler, [text], **options)
    assert len(expected) > 5
    assert "".join(piece.document.text for piece in expected) == text
    assert stream.withheld == Withheld()
    data = text.encode()
    assert streamed(labeler, cuts_of(text, seed=0), **options)[0] == expected
    assert streamed(labeler, cuts_of(data, seed=1, longest=5), **options)[0] == expected
    assert (
        streamed(labeler, [data[place : place + 1] for place in range(len(data))], **options)[0]
        == expected
    )


def test_pieces_are_the_words_of_the_text_in_their_places(labeler):
    text = some_text(300, seed=1)
    pieces, _ = streamed(labeler, cuts_of(text, seed=0))
    whole = labeler.tokenize(text)
    assert [at for piece in pieces for at in piece.document.offsets] != list(whole.offsets)
    moved = [
        (start + one.start, end + one.start)
        for one in pieces
        for start, end in one.document.offsets
    ]
    assert moved == list(whole.offsets)
    words = 0
    for piece in pieces:
        assert piece.first == words
        assert text.startswith(piece.document.text + piece.ahead, piece.start)
        words += len(piece.document)
    assert any(piece.ahead for piece in pieces)


def slow_stream(labeler, words, look_ahead, stride):
    """Each head's tags, every window read again from the stream's first word, a word at a time."""
    model = labeler.module
    second = model.second
    ahead, back = model.encoder.forward_encoder, model.encoder.backward_encoder
    with torch.no_grad():
        vectors = model.encoder.embedder(labeler.words([words]))[0]

        def run(encoder, inputs, state=None):
            outputs = []
            for vector in inputs:
                output, state = encoder(vector[None, None], state)
                outputs.append(output[0, 0])
            return outputs

        def begin(means, encoder, is_last):
            """The mean of the last windows' mean states; of the first ten windows all count
            alike. From the eighth window on it is renewed after every eighth.
            """
            if len(means) >= 8:
                means = means[: len(means) - len(means) % 8]
            if (
                is_last
                or not means
                or encoder.stacks[0].__class__ is torch.nn.LSTM
                or encoder.stacks[0].num_layers > 1
            ):
                return None
            mean = torch.stack(means[:10]).mean(0)
            for later in means[10:]:
                mean = 0.9 * mean + 0.1 * later
            return (mean[None, None],)

        inputs, found, means, second_means = [], [[] for _ in model.heads], [], []
        deciders = [OpenHead(head) for head in model.heads]
        for start in range(0, len(words), stride):
            end = min(start + look_ahead + 1, len(words))
            is_last = end == len(words) and start + look_ahead + 1 > len(words)
            count = end - start if is_last else stride
            forward = run(ahead, vectors[:end])[start:]
            parts = [forward]
            if back is not None:
                parts.append(
                    run(back, reversed(vectors[start:end]), begin(means, back, is_last))[::-1]
                )
                means.append(torch.stack(parts[1][:count]).mean(0))
            window = [
                torch.cat([*states, vector])
                for *states, vector in zip(*parts, vectors[start:end], strict=True)
            ]
            over = run(second.forward_encoder, [*inputs, *window])[start:]
            under = run(
                second.backward_encoder,
                window[::-1],
                begin(second_means, second.backward_encoder, is_last),
            )
            under.reverse()
            second_means.append(torch.stack(under[:count]).mean(0))
            states = torch.stack([torch.cat(both) for both in zip(over, under, strict=True)])
            for decider, decision, tags in zip(deciders, labeler.decisions, found, strict=True):
                tags += decider.tags(states, count, decision, is_last=is_last).ids.tolist()
            inputs += window[:count]
            if is_last:
                break
    return [
        [head.tag_set.tags[tag] for tag in tags]
        for head, tags in zip(labeler.config.heads, found, strict=True)
    ]


@pytest.mark.parametrize("encoder", [ENCODER, ONE_WAY, DEEP], ids=["two ways", "one way", "LSTM"])
@pytest.mark.parametrize(("look_ahead", "stride"), [(8, 4), (5, 6), (0, 1), (6, 5)])
def test_labels_are_those_of_windows_read_again_from_the_first_word(encoder, look_ahead, stride):
    labeler = tiny_labeler(encoder=encoder, seed=2 if encoder is DEEP else 1)
    words = random.Random(0).choices(WORDS, k=61)
    stream = StreamLabeler(labeler, look_ahead=look_ahead, stride=stride)
    pieces = [piece for word in words for piece in stream.feed([word])] + stream.close()
    upos, ner, chunks, form = slow_stream(labeler, words, look_ahead, stride)
    assert stream.cut_spans == 0
    assert labels_of(pieces, "upos") == upos
    assert labels_of(pieces, "form") == form
    assert len(set(upos)) == 3
    for layer, tags, scheme in (("ner", ner, Scheme.BIOES), ("chunks", chunks, Scheme.BIO)):
        spans = tags_to_spans(tags, scheme)
        assert spans_of(pieces, layer) == list(spans.spans)
        assert len(spans.spans) > 1
        # What a CRF says after a border goes on with what it has said before it; where the last
        # words are labelled before it is known that they are the last, the last span may be open.
        assert layer != "ner" or spans.repairs <= (stride > look_ahead)


@pytest.mark.parametrize("length", [1, 5, 33, 120])
def test_with_all_words_in_the_look_ahead_labels_are_those_of_the_document(labeler, length):
    words = random.Random(length).choices(WORDS, k=length)
    stream = StreamLabeler(labeler, look_ahead=120)
    assert stream.feed(words) == []
    (piece,) = stream.close()
    (whole,) = labeler([Document.from_words(words)])
    assert piece.document.text == whole.text + " "
    assert labels_of([piece], "upos") == list(whole.tags["upos"].labels)
    for layer in ("ner", "chunks"):
        assert piece.document.spans[layer].spans == whole.spans[layer].spans
        assert piece.document.spans[layer].scores == pytest.approx(
            whole.spans[layer].scores, abs=1e-4
        )
    assert piece.document.tags["form"].scores == pytest.approx(whole.tags["form"].scores, abs=1e-4)


@pytest.mark.parametrize(("look_ahead", "stride"), [(32, 16), (10, 1), (10, 11), (3, 2), (0, 1)])
def test_no_word_waits_for_more_than_the_look_ahead(look_ahead, stride):
    stream = StreamLabeler(tiny_labeler((UPOS,)), look_ahead=look_ahead, stride=stride)
    labeled = 0
    for number in range(80):
        labeled += sum(len(piece.document) for piece in stream.feed([WORDS[number % len(WORDS)]]))
        assert labeled >= number + 1 - look_ahead
        assert (labeled > 0) == (number >= look_ahead)
        assert labeled <= max(0, number + 1 - look_ahead + stride - 1)
    assert labeled + sum(len(piece.document) for piece in stream.close()) == 80


def test_a_stream_without_words(labeler):
    assert streamed(labeler, [])[0] == []
    (piece,), _ = streamed(labeler, [" ", "", b"\n"])
    assert (piece.document.text, len(piece.document)) == (" \n", 0)
    stream = StreamLabeler(labeler)
    assert stream.feed([]) == stream.close() == stream.close() == []


def endless(*tag_sets):
    """A labeler for which every word goes on with the span before it."""
    labeler = tiny_labeler(tag_sets)
    with torch.no_grad():
        for head, config in zip(labeler.module.heads, tag_sets, strict=True):
            head.output.weight.zero_()
            head.output.bias[config.tag_set.tags.index(f"I-{config.tag_set.labels[0]}")] = 9.0
    return labeler


@pytest.mark.parametrize("head", [NER, CHUNKS], ids=["CRF", "softmax"])
def test_a_span_without_end_is_cut_and_counted(head):
    words = random.Random(0).choices(WORDS, k=400)
    stream = StreamLabeler(endless(head), look_ahead=8, stride=4, longest_span=20)
    pieces, waiting = [], []
    for number, word in enumerate(words):
        pieces += stream.feed([word])
        waiting.append(number + 1 - sum(len(piece.document) for piece in pieces))
    assert max(waiting) <= 8 + 20 + 4
    pieces += stream.close()
    spans = spans_of(pieces, head.tag_set.layer)
    assert [span.start for span in spans] == [0, *(span.end for span in spans[:-1])]
    assert spans[-1].end == 400
    assert stream.cut_spans == len(spans) - 1 > 10


@pytest.mark.parametrize("seed", [0, 14])
def test_no_border_cuts_a_span_of_any_layer(seed):
    labeler, words = tiny_labeler((NER, CHUNKS), seed=seed), random.Random(0).choices(WORDS, k=90)
    stream = StreamLabeler(labeler, look_ahead=6, stride=3)
    pieces = stream.feed(words) + stream.close()
    layers = zip(
        ("ner", "chunks"),
        (Scheme.BIOES, Scheme.BIO),
        slow_stream(labeler, words, 6, 3),
        strict=True,
    )
    inside = []
    for layer, scheme, tags in layers:
        spans = tags_to_spans(tags, scheme).spans
        assert spans_of(pieces, layer) == list(spans)
        inside.append({place for span in spans for place in range(span.start + 1, span.end)})
    # There are places where only one layer's spans stand in the way.
    assert inside[0] - inside[1]
    assert inside[1] - inside[0]
    assert stream.cut_spans == 0
    assert len(pieces) > 3


@pytest.mark.parametrize("longest", [1, 6, 30])
def test_pieces_have_whole_sentences_unless_these_are_too_long(longest):
    labeler = tiny_labeler((UPOS, NER, HeadConfig(TagSet("sentence", ("B", "I")))))
    labeler.set_threshold_offset("ner", -100.0)
    text = some_text(200).replace(" the", "\n\nthe", 5)
    plain, _ = streamed(labeler, [text], look_ahead=4, stride=2)
    pieces, _ = streamed(
        labeler, cuts_of(text, seed=longest), look_ahead=4, stride=2, longest_sentence=longest
    )
    assert "".join(piece.document.text for piece in pieces) == text
    tags = [tag for piece in pieces for tag in piece.document.tags["sentence"].labels]
    assert tags == [tag for piece in plain for tag in piece.document.tags["sentence"].labels]
    words = labeler.tokenize(text).offsets
    gaps = [text[one[1] : other[0]] for one, other in itertools.pairwise(words)]
    starts = [
        tag == "B" or gap.count("\n") > 1 for tag, gap in zip(tags, ["\n\n", *gaps], strict=True)
    ]
    assert len(pieces) > 10
    assert any("\n\n" in gap for gap in gaps)
    for before, piece in itertools.pairwise(pieces):
        inside = [place for place in range(len(piece.document)) if starts[piece.first + place]]
        assert piece.document.sentences == tuple(sorted({0, *inside}))
        assert starts[piece.first] or len(before.document) > longest


SENTENCES = [
    "Dr. Moss left at 3 p.m. to see the U.S. team.",
    "She took the train, I think.",
    "Will you come too?",
]


@pytest.mark.skipif(not (PRETRAINED / "en_pos").is_dir(), reason="the model en_pos is not there")
@pytest.mark.parametrize("longest", [40, 400])
def test_sentences_come_as_they_end_and_are_those_of_the_whole_text(longest):
    labeler = Labeler.load("en_pos").keep(["sentence"])
    chance = random.Random(longest)
    text = "".join(
        chance.choice(SENTENCES) + chance.choice([" ", " ", "\n", "\n\n"]) for _ in range(300)
    )
    pieces, _ = streamed(labeler, cuts_of(text, seed=1, longest=200), longest_sentence=longest)
    found = [
        one.text
        for piece in pieces
        for one in cut_at_sentences(piece.document, itertools.repeat(1))
    ]
    (whole,) = labeler([text])
    assert found == [one.text for one in cut_at_sentences(whole, itertools.repeat(1))]
    assert sorted(set(found)) == sorted(SENTENCES)
    assert max(len(piece.document) for piece in pieces) < 2 * LOOK_AHEAD


def test_a_run_that_is_too_long_is_withheld_and_reported(labeler):
    text = f"the cat {'x' * 21} sat\n{'y' * 500}"
    for cuts in ([text], text, list(cuts_of(text.encode(), seed=0))):
        pieces, stream = streamed(labeler, cuts, longest_run=20)
        read = "".join(piece.document.text for piece in pieces)
        assert read == f"the cat {WITHHELD} sat\n{WITHHELD}"
        assert stream.withheld == Withheld(runs=2, characters=521)
    stream = StreamLabeler(labeler, longest_run=20)
    (piece,) = stream.feed(["the", "x" * 21, "cat"]) + stream.close()
    assert piece.document.words == ["the", WITHHELD, "cat"]


def test_a_run_without_end_is_not_kept(labeler):
    stream = StreamLabeler(labeler)
    stream.feed_text("the cat ")
    tracemalloc.start()
    try:
        for number in range(200):
            assert stream.feed_text("x" * 50_000 if number % 3 else b"\xff" * 50_000) == []
            assert stream.withheld.characters == (number + 1) * 50_000
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()
    assert stream.close()[0].document.text == f"the cat {WITHHELD}"


# Of characters, whole and in part, and of none.
BYTES = [
    b"cat ",
    *("数 😀 ".encode().split(b" ")),
    b"\xff",
    b"na\xc3",
    b"\xf0\x9f",
    b"\xed\xa0\x80 ",
]


def test_bytes_that_are_no_utf_8_are_withheld_and_reported(labeler):
    chance = random.Random(0)
    data = b"".join(chance.choice(BYTES) for _ in range(150))
    escaped = data.decode("utf-8", "surrogateescape")
    expected = "".join(WITHHELD if 0xD800 <= ord(one) < 0xE000 else one for one in escaped)
    assert expected.count(WITHHELD) > 50
    ones = [data[place : place + 1] for place in range(len(data))]
    for cuts in ([data], list(cuts_of(data, seed=1)), ones):
        pieces, stream = streamed(labeler, cuts)
        assert "".join(piece.document.text for piece in pieces) == expected
        assert stream.withheld == Withheld(undecodable=expected.count(WITHHELD))
    pieces, stream = streamed(labeler, ["the \ud83d", "\ude00 cat"])
    assert pieces[0].document.text == f"the {WITHHELD}{WITHHELD} cat"
    assert stream.withheld.undecodable == 2


SENTENCE = HeadConfig(TagSet("sentence", ("B", "I")))


def over_pieces():
    """A labeler over pieces of words, which cannot read a stream."""
    pieces = Pieces.train({"the": 9, "cat": 5}, size=262)
    encoder = PieceModelConfig(len(pieces), embedding=8, hidden=6, cutoffs=(9,))
    return Labeler(LabelerConfig(encoder, (UPOS,), hidden=5), pieces)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"look_ahead": -1}, "look_ahead"),
        ({"stride": 0}, "stride"),
        ({"stride": 50}, "stride"),
        ({"longest_span": 0}, "longest_span"),
        ({"longest_run": 0}, "longest_run"),
        ({"longest_sentence": 5}, "longest_sentence"),
        ({"longest_sentence": 0, "labeler": tiny_labeler((SENTENCE,))}, "longest_sentence"),
        ({"labeler": over_pieces()}, "labeler"),
    ],
)
def test_an_option_out_of_its_range_is_named(labeler, options, named):
    with pytest.raises(OptionError, match=f"^{named}: "):
        StreamLabeler(**{"labeler": labeler, **options})


@pytest.mark.parametrize(
    ("calls", "error"),
    [
        (lambda stream: stream.feed("secret"), OptionError),
        (lambda stream: stream.feed(["a", ""]), DataError),
        (lambda stream: (stream.feed(["a"]), stream.feed_text("a")), DataError),
        (lambda stream: (stream.close(), stream.feed(["a"])), DataError),
    ],
)
def test_bad_input_is_refused_without_its_text(labeler, calls, error):
    with pytest.raises(error) as caught:
        calls(StreamLabeler(labeler))
    assert "secret" not in str(caught.value)


def test_a_stream_that_failed_stays_failed(labeler):
    stream = StreamLabeler(labeler)
    stream.feed_text(b"na\xc3")
    for call in (lambda: stream.feed_text("secret"), stream.close):
        with pytest.raises(DataError) as caught:
            call()
        assert "secret" not in str(caught.value)


def test_a_threshold_offset_set_meanwhile_holds_for_the_words_that_a_stream_labels_later():
    labeler, layer = tiny_labeler((NER,)), NER.tag_set.layer
    stream = StreamLabeler(labeler, look_ahead=0)
    labeler.set_threshold_offset(layer, 1000.0)
    found = spans_of(stream.feed(WORDS), layer)
    labeler.set_threshold_offset(layer, -1000.0)
    later = spans_of([*stream.feed(WORDS * 3), *stream.close()], layer)
    assert found
    # A span that had begun ends; none begins.
    assert all(span.start <= len(WORDS) for span in later)


def test_two_streams_at_once_do_not_mix(labeler):
    texts = [some_text(200, seed=seed) for seed in (5, 6)]
    alone = [streamed(labeler, [text])[0] for text in texts]
    streams, found = [StreamLabeler(labeler), StreamLabeler(labeler)], [[], []]
    for cuts in itertools.zip_longest(*(cuts_of(text, seed=0) for text in texts), fillvalue=""):
        for stream, cut, pieces in zip(streams, cuts, found, strict=True):
            pieces += stream.feed_text(cut)
    for stream, pieces in zip(streams, found, strict=True):
        pieces += stream.close()
    assert found == alone


def growth(words, *, start, **options):
    """Megabytes of memory that a stream of so many different words adds, after the first `start`,
    at most.
    """
    stream = StreamLabeler(tiny_labeler((UPOS,)), **options)
    labeled, begin, most, every = 0, 0, 0, min(10_000, words // 4)
    for place in range(0, words, 1000):
        labeled += sum(
            len(piece.document)
            for piece in stream.feed_text("".join(f"word{place + i:09x} " for i in range(1000)))
        )
        if place == start:
            begin = allocated()
        elif place > start and place % every == 0:
            most = max(most, allocated() - begin)
    assert labeled > words - 1000
    return most / 1024


def test_memory_does_not_grow_with_different_words():
    # All kept, these would be 4 MB.
    assert growth(20_000, start=5_000, look_ahead=256, stride=256) < 3


@pytest.mark.slow
def test_ten_million_different_words_take_no_more_than_fifty_megabytes():
    assert growth(10_000_000, start=0, look_ahead=256, stride=256) < 50


def share(labeler, document, layer):
    """The share of words that get the label of the whole document."""
    (whole,) = labeler([document])
    stream = StreamLabeler(labeler)
    pieces = stream.feed(document.words) + stream.close()
    if layer in whole.tags:
        expected, found = whole.tags[layer].labels, labels_of(pieces, layer)
    else:
        both = whole.spans[layer].spans, spans_of(pieces, layer)
        expected, found = (spans_to_tags(spans, len(document), Scheme.BIOES) for spans in both)
    return sum(a == b for a, b in zip(expected, found, strict=True)) / len(document)


DATA = Path(__file__).parents[3] / "shared" / "data" / "ud_english_ewt" / "en_ewt-ud-dev.conllu"


@pytest.mark.slow
@pytest.mark.parametrize(("name", "layer"), [("en_pos", "upos"), ("en_pii", LAYER)])
@pytest.mark.skipif(not DATA.is_file(), reason=f"no data in {DATA.parent}")
def test_words_get_the_label_that_a_shipped_model_gives_the_whole_document(name, layer):
    if not (PRETRAINED / name).is_dir():
        pytest.skip(f"the model {name} is not there")
    words = [word for document in read_conllu(DATA) for word in document.words]
    assert share(Labeler.load(name), Document.from_words(words), layer) >= 0.998


@pytest.mark.parametrize("options", [{}, {"look_ahead": 0}, {"look_ahead": 7, "stride": 3}])
@pytest.mark.parametrize("rows", RowEnd)
def test_a_stream_with_blank_lines_is_labelled_in_paragraphs_however_it_is_cut(rows, options):
    labeler = tiny_labeler()
    labeler.set_rows(rows)
    text = some_text(300, gaps=[" ", " ", " ", "\n", "\n\n", "\n \n"])
    expected, stream = streamed(labeler, [text], **options)
    assert "".join(piece.document.text for piece in expected) == text
    assert streamed(labeler, cuts_of(text, seed=0), **options)[0] == expected
    whole = labeler.tokenize(text)
    starts = paragraph_starts(whole.text, whole.offsets)
    assert len(starts) > 50
    for layer in ("ner", "chunks"):
        spans = spans_of(expected, layer)
        assert len(spans) > 10
        assert not any(span.start < start < span.end for span in spans for start in starts)
    assert stream.cut_spans == 0


def test_where_rows_end_at_paragraphs_a_stream_says_of_short_ones_what_the_document_says():
    labeler = tiny_labeler()
    labeler.set_rows("paragraph")
    text = some_text(300, seed=4, gaps=[" ", " ", " ", "\n", "\n\n"])
    pieces, _ = streamed(labeler, cuts_of(text, seed=1), look_ahead=30, stride=5)
    whole = labeler(text)
    assert len(pieces) > 10
    assert labels_of(pieces, "upos") == list(whole.tags["upos"].labels)
    assert spans_of(pieces, "ner") == list(whole.spans["ner"].spans)


def test_no_repr_holds_text(labeler):
    pieces, stream = streamed(labeler, ["secret " * 300])
    assert len(pieces) > 2
    assert "secret" not in f"{pieces!r} {stream!r} {stream.withheld!r}"
