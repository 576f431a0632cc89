"""Teach a tagger dependency trees beside its layers, on a treebank and on web text that a
transformer has read.

    python recipes/tree_teacher.py --data ../shared/data    # 15 minutes on one core
    # 26 minutes on one core
    python recipes/trees.py --data ../shared/data --teacher output/tree_teacher

    # What ships is taught once more, by the labeler before and two teachers: two hours on one core
    python recipes/tree_teacher.py --data ../shared/data --seed 1 --output output/tree_teacher_1
    python recipes/trees.py --data ../shared/data --start output/trees/labeler \
        --teacher output/tree_teacher --teacher output/tree_teacher_1 --mix 0.5 --by-xpos \
        --taught-words 1200000 --epochs 2 --max-lr 2e-3 --students 2 --seed 7 \
        --output output/trees_again --compact

The layer under the heads gets more units in each direction, a head of trees comes beside the
others, and all layers learn. In the web text tags are those of the tagger, of UPOS and XPOS mixed
with the teacher's; arcs are the four most likely heads and relations of the teacher, with their
probabilities, before a tree is chosen. In the treebank, which is read twice a pass, documents are
cut into pieces of one to five sentences by chance. Labels that the tagger does not have are left
out. The weights are averaged, and those of the best pass on dev are kept and calibrated. Ends with
the scores on the test part. Expected: LAS 86.2, 87.6 and 88.0 on dev after passes 1 to 3, UAS 90.5
and LAS 88.0 on test (a second seed: 87.7 on dev, the same on test), where all else is as good as
before. Without --teacher the treebank is all: test LAS was 86.0 in trials.

A labeler that has trees learns on as it is. With several teachers, the means of what they say
count. With `--by-xpos` features and lemmas that go with the part of speech of tagger and teachers
together gain, by how often they do in the treebank. The mean of the weights of several
`--students`, which read the same in other orders, is what is saved. Expected of the second command:
LAS 88.5 and 88.4 on dev, of the mean 88.6; 88.6 on test.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, repeat
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from english_data import plain_texts
from torch import Tensor, nn
from transformer.parsing import Parser
from typer import Option

from seqlabel import Document, HeadConfig, Labeler, OptionError, score_tags
from seqlabel.batches.labeled import shuffled_groups
from seqlabel.commands import Compact, Quiet, Seed, run, write_metrics
from seqlabel.documents import cut_at_sentences
from seqlabel.documents.edit_scripts import edit_script
from seqlabel.documents.relation_sets import RelationSet
from seqlabel.documents.trees import unpack_arcs
from seqlabel.formats import read_conllu, relations_of, without_rare_scripts
from seqlabel.formats.parts import with_known_labels
from seqlabel.io.folders import make_folder
from seqlabel.models.measuring import calibrate
from seqlabel.models.teaching import KEPT, chances, gold_lesson
from seqlabel.nn.heads.biaffine import Biaffine
from seqlabel.nn.networks import TagHead
from seqlabel.scores import TreeScore, score_trees
from seqlabel.text.line_blocks import beginnings

LAYERS = ("upos", "xpos", "feats", "lemma", "sentence", "tree")
SIZES = (1, 1, 2, 3, 4, 5)
"""The numbers of sentences of a piece of the treebank, drawn from these."""
TAUGHT_SIZES = (1, 1, 2, 3)
"""The same of web text."""
WORDS = 1_000
"""Words of a batch."""
KEPT_MEAN = 0.999
"""The share of the mean weights that stays at each step."""
COPIES = 2
"""How often a pass reads the treebank."""
RATES = (0.3, 0.7, 1.0)
"""The rates of the encoder, of the layer on it and of the heads, as shares of the highest."""
TOGETHER = 256
"""Pieces that are sorted by length together."""
ROWS = 32
"""Pieces that the teacher reads together."""
RUN = 2_000
"""Words that the tagger reads at once."""
SHORTEST = 2
"""Words of a piece, at least."""
LONGEST = 120
"""Words of a piece, at most."""
CASINGS = ("small", "capital", "capitals", "other")
"""The casings of words that features of lemmas are counted for."""

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Settings:
    data: Annotated[
        Path, Option(help="Folder that holds ud_english_ewt, and masc and web for a teacher.")
    ]
    output: Annotated[Path, Option(help="Folder for the labeler and metrics.json.")] = Path(
        "output/trees"
    )
    start: Annotated[str, Option(help="Folder or name of the tagger, with trees or without.")] = (
        "en_pos"
    )
    teacher: Annotated[
        list[Path] | None, Option(help="Folder of what tree_teacher.py tuned. Repeatable.")
    ] = None
    mix: Annotated[float, Option(min=0.0, max=1.0, help="Teachers' share of UPOS and XPOS.")] = 0.35
    by_xpos: Annotated[
        bool, Option("--by-xpos", help="Weight features and lemmas by the XPOS of all.")
    ] = False
    taught_words: Annotated[int, Option(min=1, help="Words that the teacher reads, at most.")] = (
        900_000
    )
    units: Annotated[int, Option(min=16, help="Units that are added in each direction.")] = 128
    epochs: Annotated[int, Option(min=1, help="Passes over the treebank and the web text.")] = 3
    max_lr: Annotated[float, Option(min=0.0, help="Highest learning rate.")] = 3e-3
    students: Annotated[int, Option(min=1, help="Trainings whose weights are averaged.")] = 1
    seed: Seed = 0
    compact: Compact = False
    quiet: Quiet = False


class MostLikely(NamedTuple):
    """The most likely of something for each word, and their probabilities, (…, words, kept); 0
    where not known.
    """

    ids: Array
    shares: Array


class Lesson(NamedTuple):
    """What a student learns of a row.

    Args:
        words: The words.
        tags: The tags of each head, (heads, words, kept).
        heads: The columns of each word's head: 0 is the root, then come the words of the row.
        relations: The relations of each word to the head that is `chosen`.
        chosen: A column for each word, (words,).
        sentences: A number for each word's sentence, (words,).
    """

    words: list[str]
    tags: MostLikely
    heads: MostLikely
    relations: MostLikely
    chosen: Array
    sentences: Array


class Batch(NamedTuple):
    """Lessons in tensors, as `Lesson` has them, with a dimension of rows before the words."""

    words: Any
    lengths: Tensor
    tags: tuple[Tensor, Tensor]
    heads: tuple[Tensor, Tensor]
    relations: tuple[Tensor, Tensor]
    chosen: Tensor
    sentences: Tensor


@torch.no_grad()
def widened(tagger: Labeler, heads: Sequence[HeadConfig], units: int) -> Labeler:
    """A copy with more units in the layer under the heads, and with further `heads`; it says the
    same at first.
    """
    before = tagger.config.hidden
    old = tagger.module
    config = replace(tagger.config, heads=tuple(heads), hidden=before + units)
    wide = Labeler(config, tagger.vocabulary)
    module = wide.module
    module.encoder.load_state_dict(old.encoder.state_dict())
    for name, weight in module.second.named_parameters():
        source = dict(old.second.named_parameters())[name]
        rows = weight.view(3, config.hidden, -1)
        # What was there reads no new unit.
        rows[:, :before] = 0
        rows[:, :before, : source.view(3, before, -1).shape[2]] = source.view(3, before, -1)
    states = [*range(before), *range(config.hidden, config.hidden + before)]
    for head, source in zip(module.tag_heads, old.tag_heads, strict=False):
        head.output.weight.zero_()
        head.output.weight[:, states] = source.output.weight
        head.output.bias.copy_(source.output.bias)
    return wide


def most_likely(said: Array) -> MostLikely:
    """The most likely of the last dimension; of fewer than are kept, the rest has probability 0."""
    best = np.argsort(-said, axis=-1)[..., :KEPT]
    shares = np.take_along_axis(said, best, axis=-1)
    shares = shares / np.maximum(shares.sum(axis=-1, keepdims=True), 1e-30)
    missing = [(0, 0)] * (said.ndim - 1) + [(0, KEPT - best.shape[-1])]
    return MostLikely(
        np.pad(best, missing).astype(np.uint16), np.pad(shares, missing).astype(np.float16)
    )


def sentence_numbers(document: Document) -> Array:
    """A number for each word's sentence."""
    begins = np.zeros(len(document), np.int16)
    begins[list(document.sentences)] = 1
    return begins.cumsum(dtype=np.int16)


def pieces_of(
    tagger: Labeler, texts: Iterable[list[str]], chance: random.Random
) -> Iterator[Document]:
    """Plain texts in pieces of the sentences that the tagger finds."""
    for words in texts:
        for start in range(0, len(words), RUN):
            (labeled,) = tagger([Document.from_words(words[start : start + RUN])])
            for piece in cut_at_sentences(labeled, map(chance.choice, repeat(TAUGHT_SIZES))):
                if SHORTEST <= len(piece) <= LONGEST:
                    yield piece


class ByXpos:
    """Features and lemmas, weighted by a better guess of XPOS.

    Args:
        tagger: The tagger, whose labels are used.
        train: The treebank, in which XPOS is counted for each value of features, and for each edit
            script of lemmas in words of one casing.
    """

    def __init__(self, tagger: Labeler, train: Iterable[Document]) -> None:
        self.layers = [tag_set.layer for tag_set in tagger.tag_sets]
        numbers = {}
        for tag_set in tagger.tag_sets:
            numbers[tag_set.layer] = {tag: number for number, tag in enumerate(tag_set.tags)}
        xpos, feats, lemma = (numbers[layer] for layer in ("xpos", "feats", "lemma"))
        of_feats = np.zeros((len(feats), len(xpos)))
        of_lemmas = np.zeros((len(CASINGS), len(lemma), len(xpos)))
        for document in train:
            layers = (document.tags[name].labels for name in ("xpos", "feats"))
            rows = zip(document.words, *layers, document.lemmas, strict=True)
            for word, tag, features, base in rows:
                if tag in xpos and features in feats:
                    of_feats[feats[features], xpos[tag]] += 1
                script = edit_script(word, base) if base else None
                if tag in xpos and script in lemma:
                    of_lemmas[casing(word), lemma[script], xpos[tag]] += 1
        usual = of_feats.sum(axis=0) / of_feats.sum()
        self.of_feats = smoothed(of_feats, usual)
        usual = of_lemmas.sum(axis=1, keepdims=True)
        usual = usual / np.maximum(usual.sum(axis=2, keepdims=True), 1)
        self.of_lemmas = smoothed(of_lemmas, usual)

    def weigh(self, said: list[Array], before: Array, words: Sequence[str]) -> None:
        """Weight the probabilities of features and lemmas in place.

        Args:
            said: The probabilities of each layer, (words, tags), where those of XPOS are the
                better ones.
            before: Those of XPOS that features and lemmas were made with.
            words: The words.
        """
        xpos, feats, lemma = (self.layers.index(layer) for layer in ("xpos", "feats", "lemma"))
        ratio = (said[xpos] + 1e-4) / (before + 1e-4)
        # Features follow from UPOS too, which has moved with XPOS: half as much.
        said[feats] = said[feats] * (np.sqrt(ratio) @ self.of_feats.T)
        casings = np.array([casing(word) for word in words])
        weighted = said[lemma].copy()
        for number, of_scripts in enumerate(self.of_lemmas):
            chosen = casings == number
            weighted[chosen] *= ratio[chosen] @ of_scripts.T
        said[lemma] = weighted
        for place in (feats, lemma):
            said[place] = said[place] / said[place].sum(axis=1, keepdims=True)


def casing(word: str) -> int:
    """The number of a word's casing in `CASINGS`."""
    if word.islower():
        return 0
    if word[:1].isupper() and word[1:].islower():
        return 1
    return 2 if word.isupper() and len(word) > 1 else 3


def smoothed(counts: Array, usual: Array) -> Array:
    """Shares of the last dimension, with half a count of the `usual` shares."""
    return (counts + 0.5 * usual) / (counts.sum(axis=-1, keepdims=True) + 0.5)


def taught(
    tagger: Labeler,
    teachers: Sequence[Parser],
    pieces: Iterator[Document],
    mix: float,
    by_xpos: ByXpos | None = None,
) -> Iterator[Lesson]:
    """What the tagger and the teachers say of pieces."""
    while together := list(islice(pieces, TOGETHER)):
        together.sort(key=len)
        for start in range(0, len(together), ROWS):
            yield from lessons_of(tagger, teachers, together[start : start + ROWS], mix, by_xpos)


@torch.no_grad()
def lessons_of(
    tagger: Labeler,
    teachers: Sequence[Parser],
    some: Sequence[Document],
    mix: float,
    by_xpos: ByXpos | None,
) -> Iterator[Lesson]:
    """What all say of a few pieces."""
    rows = [list(one.words) for one in some]
    said = [np.array(layer) for layer in chances(tagger, rows)]
    reads = [teacher.read(rows) for teacher in teachers]
    layers = [one.layer for one in tagger.tag_sets]
    before = said[layers.index("xpos")]
    for number, tag_set in enumerate(teachers[0].tag_sets):
        place = layers.index(tag_set.layer)
        likely = [read.tags[number].float().softmax(dim=-1).numpy() for read in reads]
        said[place] = (1 - mix) * said[place] + mix * np.mean(likely, axis=0)
    if by_xpos is not None:
        by_xpos.weigh(said, before, [word for row in rows for word in row])

    numbers = [torch.from_numpy(sentence_numbers(one)).long() for one in some]
    sentences = nn.utils.rnn.pad_sequence(numbers, batch_first=True)
    of_arcs = []
    for teacher, read in zip(teachers, reads, strict=True):
        scores = teacher.tree.arc_scores(read.scores, sentences, read.lengths, teacher.weights())
        of_arcs.append(scores.softmax(dim=-1))
    arcs = torch.stack(of_arcs).mean(dim=0)
    chosen = arcs.argmax(dim=-1)
    heads = (chosen - 1).clamp_min(0)
    of_relations = []
    for teacher, read in zip(teachers, reads, strict=True):
        scores = teacher.tree.relation_scores(read.scores, heads, teacher.weights())
        of_relations.append(scores.softmax(dim=-1))
    relations = torch.stack(of_relations).mean(dim=0)

    end = 0
    for number, words in enumerate(rows):
        size = len(words)
        start = end
        end = start + size
        tags = [most_likely(layer[start:end]) for layer in said]
        ids = np.stack([of_layer.ids for of_layer in tags])
        shares = np.stack([of_layer.shares for of_layer in tags])
        yield Lesson(
            words,
            MostLikely(ids, shares),
            most_likely(arcs[number, :size, : size + 1].numpy()),
            most_likely(relations[number, :size].numpy()),
            chosen[number, :size].numpy().astype(np.int16),
            numbers[number].numpy().astype(np.int16),
        )


def lesson_of_gold(document: Document, tagger: Labeler, relations: RelationSet) -> Lesson:
    """What the treebank says of a piece."""
    tags = gold_lesson(document, tagger.tag_sets)
    ids = np.asarray(relations.encode(document))
    arcs = unpack_arcs(ids, len(relations.relations))
    columns = np.where(arcs.distances == 0, 0, np.arange(len(ids)) + arcs.distances + 1)
    known = (ids >= 0) & (columns >= 0) & (columns <= len(ids))
    related = known & (arcs.relations < len(relations.relations))

    def only(found: Array, is_known: Array) -> MostLikely:
        missing = [(0, 0), (0, KEPT - 1)]
        one = np.where(is_known, found, 0)
        return MostLikely(
            np.pad(one[:, None], missing), np.pad(is_known[:, None], missing).astype(np.float16)
        )

    heads = only(columns, known)
    of_arcs = only(arcs.relations, related)
    return Lesson(
        list(document.words),
        MostLikely(tags.tags, tags.shares),
        heads,
        of_arcs,
        heads.ids[:, 0],
        arcs.begins.cumsum(),
    )


def collate(lessons: Sequence[Lesson], labeler: Labeler) -> Batch:
    """Make a batch."""
    sizes = [len(one.words) for one in lessons]

    def padded(found: Sequence[Array], kind: type) -> Tensor:
        # Words are the last dimension but one of what has four numbers a word.
        tensors = [torch.from_numpy(one.astype(kind)) for one in found]
        return nn.utils.rnn.pad_sequence(tensors, batch_first=True)

    def both(found: Sequence[MostLikely]) -> tuple[Tensor, Tensor]:
        return padded([one.ids for one in found], np.int64), padded(
            [one.shares for one in found], np.float32
        )

    by_word = [
        MostLikely(one.tags.ids.swapaxes(0, 1), one.tags.shares.swapaxes(0, 1)) for one in lessons
    ]
    return Batch(
        labeler.words([one.words for one in lessons]),
        torch.tensor(sizes),
        both(by_word),
        both([one.heads for one in lessons]),
        both([one.relations for one in lessons]),
        padded([one.chosen for one in lessons], np.int64),
        padded([one.sentences for one in lessons], np.int64),
    )


def loss_of(labeler: Labeler, batch: Batch) -> Tensor:
    """The sum of the mean losses of a word, of each layer of tags, of arcs and of relations."""
    hidden = labeler.module.hidden(batch.words, batch.lengths)
    *of_tags, of_trees = labeler.module.tag_heads
    total = tree_loss(of_trees, hidden, batch)
    all_ids, all_shares = batch.tags
    for place, head in enumerate(of_tags):
        ids = all_ids[:, :, place]
        shares = all_shares[:, :, place]
        logs = head.output(hidden).float().log_softmax(dim=-1)
        expected = logs.gather(-1, ids.clamp_max(logs.shape[-1] - 1)) * shares
        known = (shares.sum(dim=-1) > 0).sum()
        total = total - expected.sum() / known.clamp_min(1)
    return total


def tree_loss(head: TagHead, hidden: Tensor, batch: Batch) -> Tensor:
    """The mean loss of heads and of relations, which a root has none of."""
    kind = head.kind
    assert isinstance(kind, Biaffine)
    scores = head.output(hidden)
    # The same numbers are dropped of all words of a row.
    scores = scores * nn.functional.dropout(
        torch.ones(len(scores), 1, scores.shape[2]), kind.dropout
    )
    ids, shares = batch.heads
    count = (shares.sum(dim=-1) > 0).sum().clamp_min(1)
    logs = kind.arc_scores(scores, batch.sentences, batch.lengths, head.weights).log_softmax(dim=-1)
    arcs = (logs.gather(2, ids) * shares).sum()
    logs = kind.relation_scores(scores, (batch.chosen - 1).clamp_min(0), head.weights).log_softmax(
        dim=-1
    )
    ids, shares = batch.relations
    relations = (logs.gather(2, ids) * shares * (batch.chosen > 0)[..., None]).sum()
    return -(arcs + relations) / count


def passes(
    labeler: Labeler,
    tagger: Labeler,
    train: Sequence[Document],
    said: Sequence[Lesson],
    settings: Settings,
) -> Iterator[None]:
    """Train; the labeler has the mean weights when a pass ends."""
    module = labeler.module
    relations = labeler.tag_sets[-1]
    assert isinstance(relations, RelationSet)
    parts = (module.encoder, module.word_layer, module.heads)
    rates = [settings.max_lr * rate for rate in RATES]
    groups = []
    for part, rate in zip(parts, rates, strict=True):
        groups.append({"params": list(part.parameters()), "lr": rate})
    learning = [weight for part in parts for weight in part.parameters()]
    optimizer = torch.optim.Adam(groups, betas=(0.9, 0.98))
    chance = random.Random(settings.seed)
    mean = [weight.detach().clone() for weight in learning]
    schedule = None
    step = 0
    for epoch in range(settings.epochs):
        lessons = list(said)
        for whole in train:
            for _ in range(COPIES):
                pieces = cut_at_sentences(whole, map(chance.choice, repeat(SIZES)))
                lessons += [lesson_of_gold(piece, tagger, relations) for piece in pieces]
        order = shuffled_groups(
            [len(one.words) for one in lessons], WORDS, seed=settings.seed, epoch=epoch
        )
        if schedule is None:
            # Pieces are drawn again in each pass, and there may be a few more of them.
            steps = int(1.02 * settings.epochs * len(order)) + 10
            schedule = torch.optim.lr_scheduler.OneCycleLR(
                optimizer, rates, total_steps=steps, pct_start=0.1
            )
        module.train()
        for group in order:
            batch = collate([lessons[number] for number in group], labeler)
            loss = loss_of(labeler, batch)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(learning, 1.0)
            optimizer.step()
            schedule.step()

            step += 1
            share = min(KEPT_MEAN, step / (step + 10))
            torch._foreach_lerp_(mean, [weight.detach() for weight in learning], 1 - share)
        module.eval()
        now = [weight.detach().clone() for weight in learning]
        set_weights(learning, mean)
        yield
        set_weights(learning, now)


@torch.no_grad()
def set_weights(weights: Sequence[Tensor], values: Sequence[Tensor]) -> None:
    for weight, value in zip(weights, values, strict=True):
        weight.copy_(value)


def measured(labeler: Labeler, documents: Sequence[Document]) -> TreeScore:
    """The scores of trees of sentences that are given."""
    sentences = [one for whole in documents for one in cut_at_sentences(whole, repeat(1))]
    return score_trees(zip(sentences, labeler(sentences, layers=["tree"]), strict=True), "tree")


def tags_measured(labeler: Labeler, documents: Sequence[Document]) -> dict[str, float]:
    """The shares of right tags of sentences that are given."""
    sentences = [one for whole in documents for one in cut_at_sentences(whole, repeat(1))]
    pairs = list(zip(sentences, labeler(sentences), strict=True))
    return {layer: score_tags(pairs, layer).accuracy for layer in LAYERS[:4]}


def teacher_for(tagger: Labeler, relations: RelationSet, path: Path) -> Parser:
    """A teacher that has the tagger's labels.

    Raises `OptionError` if it has others.
    """
    teacher = Parser.load(path)
    known = {one.layer: one.labels for one in tagger.tag_sets}
    same = all(known.get(one.layer) == one.labels for one in teacher.tag_sets)
    if not same or teacher.relations != relations:
        raise OptionError(
            f"{path}: expected the tagger's labels, got others. Tune it on its treebank."
        )
    return teacher


def learnt(
    labeler: Labeler,
    tagger: Labeler,
    train: Sequence[Document],
    said: Sequence[Lesson],
    dev: Sequence[Document],
    settings: Settings,
) -> Labeler:
    """The labeler after the pass that is best on dev."""
    torch.manual_seed(settings.seed)
    labeler.trained = True
    best = -1.0
    best_labeler = labeler
    for number, _ in enumerate(passes(labeler, tagger, train, said, settings), 1):
        score = measured(labeler, dev)
        if not settings.quiet:
            print(f"pass {number}: dev UAS {score.uas:.4f}, LAS {score.las:.4f}", flush=True)
        if score.las > best:
            best = score.las
            best_labeler = labeler.copy()
    return best_labeler


def main(settings: Settings) -> None:
    """Teach a tagger trees and measure all layers."""
    make_folder(settings.output)
    torch.manual_seed(settings.seed)
    torch.set_num_threads(1)
    folder = settings.data / "ud_english_ewt"
    paths = [folder / f"en_ewt-ud-{part}.conllu" for part in ("train", "dev", "test")]
    train, dev, test = (
        list(read_conllu(path, layers=LAYERS, whole_documents=True)) for path in paths
    )
    start = Labeler.load(settings.start)
    tagger = start.keep([layer for layer in start.config.layers if layer != "tree"])
    relations = relations_of(train, "tree", paths[0])
    train = without_rare_scripts(train, fewest=1)
    for one in tagger.tag_sets:
        train, dev = (with_known_labels(part, one.layer, one.labels) for part in (train, dev))

    said: list[Lesson] = []
    if settings.teacher:
        teachers = [teacher_for(tagger, relations, path) for path in settings.teacher]
        chance = random.Random(settings.seed)
        pieces = pieces_of(
            tagger, beginnings(plain_texts(settings.data), settings.taught_words), chance
        )
        by_xpos = ByXpos(tagger, train) if settings.by_xpos else None
        said = list(taught(tagger, teachers, pieces, settings.mix, by_xpos))
        if not settings.quiet:
            print(f"{sum(len(one.words) for one in said)} words of plain text", flush=True)

    if start.tag_sets[-1] == relations:
        first = start
    else:
        first = widened(
            tagger, [*tagger.config.heads, HeadConfig(relations, Biaffine())], settings.units
        )
    students = []
    for number in range(settings.students):
        own = replace(settings, seed=settings.seed + number)
        students.append(learnt(first.copy(), tagger, train, said, dev, own))
    mean = students[0]
    if len(students) > 1:
        states = [student.module.state_dict() for student in students]
        means = {}
        for name, weight in states[0].items():
            is_mean = weight.dtype.is_floating_point
            means[name] = sum(state[name] for state in states) / len(states) if is_mean else weight
        mean.module.load_state_dict(means)
        if not settings.quiet:
            score = measured(mean, dev)
            print(f"mean: dev UAS {score.uas:.4f}, LAS {score.las:.4f}", flush=True)
    mean.save(settings.output / "labeler")
    best_labeler = Labeler.load(settings.output / "labeler")
    calibrate(best_labeler, dev)
    best_labeler.save(settings.output / "labeler", compact=settings.compact)
    saved = Labeler.load(settings.output / "labeler")
    score = measured(saved, test)
    tags = tags_measured(saved, test)
    write_metrics(
        settings.output / "metrics.json",
        {"uas": score.uas, "las": score.las, "clas": score.clas, **tags},
    )
    print(f"test: UAS {score.uas:.4f}, LAS {score.las:.4f}, CLAS {score.clas:.4f}")


if __name__ == "__main__":
    run(main, Settings)
