"""Teach a tagger dependency trees on a treebank in CoNLL-U; what it says of its other layers does not change by a bit.

    python recipes/trees.py --data ../shared/data --compact    # 12 minutes on one core

The layer under the heads gets more units in each direction, which read all that is there. They and the head of trees
alone learn: no unit that was there reads a new one, so that tags, lemmas and sentences stay as they are. Each pass cuts
the documents into pieces of one to five sentences by chance. Scripts of lemmas that hold names are taken out first.
The weights are averaged, and those of the best pass on dev are kept. Ends with UAS and LAS on the test part.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from pathlib import Path
from typing import Annotated

import torch
from torch import Tensor, nn
from typer import Option

from seqlabel import Document, HeadConfig, Labeler, TagSet
from seqlabel.batches.labelled import tagged_batches
from seqlabel.commands import Compact, Quiet, Seed, run, write_metrics
from seqlabel.documents import cut_at_sentences
from seqlabel.formats import labels_of, read_conllu, relations_of, without_rare_scripts
from seqlabel.io.folders import make_folder
from seqlabel.nn.heads.biaffine import Biaffine
from seqlabel.nn.networks import TagHead
from seqlabel.scores import TreeScore, score_trees

LAYERS = ("upos", "xpos", "feats", "lemma", "sentence", "tree")
SIZES = (1, 1, 2, 3, 4, 5)
"""The sentences of a piece, drawn from these."""
WORDS, KEPT = 1_000, 0.998
"""Words of a batch; the share of the mean weights that stays at each step."""


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds ud_english_ewt.")]
    output: Annotated[Path, Option(help="Folder for the labeler and metrics.json.")] = Path("output/trees")
    start: Annotated[str, Option(help="Folder or name of the tagger.")] = "en_pos"
    units: Annotated[int, Option(min=16, help="Units that are added in each direction.")] = 128
    epochs: Annotated[int, Option(min=1, help="Passes over the training documents.")] = 10
    max_lr: Annotated[float, Option(min=0.0, help="Highest learning rate.")] = 3e-3
    dropout: Annotated[float, Option(min=0.0, help="Share of states that is dropped.")] = 0.15
    seed: Seed = 0
    compact: Compact = False
    quiet: Quiet = False


@torch.no_grad()
def widened(tagger: Labeler, heads: Sequence[HeadConfig], units: int) -> Labeler:
    """A copy with more units in the layer under the heads, and with the scripts of lemmas that `heads` have."""
    before, old = tagger.config.hidden, tagger.module
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
    for head, source, one in zip(module.tag_heads, old.tag_heads, tagger.config.heads, strict=False):
        kept = [place for place, tag in enumerate(one.tag_set.tags) if tag in head.tag_set.tags]
        head.output.weight.zero_()
        head.output.weight[:, states] = source.output.weight[kept]
        head.output.bias.copy_(source.output.bias[kept])
    return wide


def heads_of(tagger: Labeler, train: Sequence[Document], source: Path) -> list[HeadConfig]:
    """The heads of the tagger, without scripts that are not learnt today, and one of trees."""
    scripts = set(labels_of(train, "lemma", source).labels)
    heads = []
    for head in tagger.config.heads:
        labels = head.tag_set.labels
        if head.tag_set.layer == "lemma":
            labels = tuple(label for label in labels if label in scripts)
        heads.append(replace(head, tag_set=TagSet(head.tag_set.layer, labels, head.tag_set.scheme)))
    return [*heads, HeadConfig(relations_of(train, "tree", source), Biaffine())]


def freeze(labeler: Labeler, before: int) -> list[nn.Parameter]:
    """Let the new units and the last head alone learn; returns their weights."""
    module = labeler.module
    for parameter in module.parameters():
        parameter.requires_grad_(False)
    learning = [*module.second.parameters(), *module.tag_heads[-1].parameters()]
    for parameter in learning:
        parameter.requires_grad_(True)

    def of_new_units(gradient: Tensor) -> Tensor:
        kept = gradient.clone()
        kept.view(3, labeler.config.hidden, -1)[:, :before] = 0
        return kept

    for parameter in module.second.parameters():
        parameter.register_hook(of_new_units)
    return learning


def passes(labeler: Labeler, train: Sequence[Document], settings: Settings, before: int) -> Iterator[None]:
    """Train; the labeler has the mean weights when a pass ends."""
    module, head = labeler.module, labeler.module.tag_heads[-1]
    learning = freeze(labeler, before)
    optimiser = torch.optim.Adam(learning, betas=(0.9, 0.98))
    chance = random.Random(settings.seed)
    mean = [weight.detach().clone() for weight in learning]
    schedule = None
    step = 0
    for epoch in range(settings.epochs):
        pieces = [one for whole in train for one in cut_at_sentences(whole, map(chance.choice, repeat(SIZES)))]
        batches = tagged_batches(pieces, labeler.words, tag_sets=[head.tag_set], words=WORDS, seed=settings.seed)
        if schedule is None:
            # Pieces are drawn again in each pass, and there may be a few more of them.
            steps = int(1.05 * settings.epochs * len(batches))
            schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, settings.max_lr, total_steps=steps, pct_start=0.1)
        module.train()
        for batch in batches.batches(epoch):
            loss = tree_loss(labeler, head, batch.words, batch.lengths, batch.gold[0], settings.dropout)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(learning, 1.0)
            optimiser.step()
            schedule.step()
            step += 1
            share = min(KEPT, step / (step + 10))
            torch._foreach_lerp_(mean, [weight.detach() for weight in learning], 1 - share)
        now = [weight.detach().clone() for weight in learning]
        set_weights(learning, mean)
        yield
        set_weights(learning, now)


def tree_loss(labeler: Labeler, head: TagHead, words: Tensor, lengths: Tensor, gold: Tensor, dropout: float) -> Tensor:
    """The mean loss of a word; the layers below the new units are read without a gradient."""
    module = labeler.module
    with torch.no_grad():
        read = module.encoder(words, lengths, dropout=module.dropout)
    below = nn.functional.dropout(torch.cat([read.states, read.vectors], dim=-1), dropout)
    states = nn.functional.dropout(module.second(below, lengths), dropout)
    return head.loss(states, gold, lengths) / (gold >= 0).sum()


@torch.no_grad()
def set_weights(weights: Sequence[Tensor], values: Sequence[Tensor]) -> None:
    for weight, value in zip(weights, values, strict=True):
        weight.copy_(value)


def measured(labeler: Labeler, documents: Sequence[Document]) -> TreeScore:
    """The scores of trees of sentences that are given."""
    sentences = [one for whole in documents for one in cut_at_sentences(whole, repeat(1))]
    return score_trees(zip(sentences, labeler(sentences, layers=["tree"]), strict=True), "tree")


def main(settings: Settings) -> None:
    """Teach a tagger trees and measure them."""
    make_folder(settings.output)
    torch.manual_seed(settings.seed)
    torch.set_num_threads(1)
    folder = settings.data / "ud_english_ewt"
    paths = [folder / f"en_ewt-ud-{part}.conllu" for part in ("train", "dev", "test")]
    train, dev, test = (list(read_conllu(path, layers=LAYERS, whole_documents=True)) for path in paths)
    tagger = Labeler.load(settings.start)
    labeler = widened(tagger, heads_of(tagger, without_rare_scripts(train, fewest=2), paths[0]), settings.units)
    labeler.trained = True

    best = 0.0
    for number, _ in enumerate(passes(labeler, train, settings, tagger.config.hidden), 1):
        score = measured(labeler, dev)
        if not settings.quiet:
            print(f"pass {number}: dev UAS {score.uas:.4f}, LAS {score.las:.4f}", flush=True)
        if score.las > best:
            best = score.las
            labeler.save(settings.output / "labeler", compact=settings.compact)
    score = measured(Labeler.load(settings.output / "labeler"), test)
    write_metrics(settings.output / "metrics.json", {"uas": score.uas, "las": score.las, "clas": score.clas})
    print(f"test: UAS {score.uas:.4f}, LAS {score.las:.4f}, CLAS {score.clas:.4f}")


if __name__ == "__main__":
    run(main, Settings)
