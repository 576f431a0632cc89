"""Train a named-entity labeler on the English Web Treebank, on a pretrained encoder, with a CRF.

    python recipes/ner.py --data ../shared/data          # persons, places, organisations
    python recipes/ner.py --data ../shared/data --posts --teacher output/names_teacher \
        --start en_ner --lowered 0.15 \
        --kept 0.4 --epochs 2 --seeds 1 --compact

A fresh two-way layer and a CRF head go on the encoder; a second head, for parts of speech, learns
beside it from the treebank's tags of the same sentences and is not saved. Some sentences are read
alone, some in runs, as documents have them. With --teacher, the labels are learnt too that a
transformer, tuned by `teacher.py` on the same sentences, gives plain text, together with --start;
words that they are not sure of are left open. With --lowered, a share of the texts is read in small
letters too, in which posts write names; with --kept, each weight is a mean of that before and that
after, which forgets less (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models"). The best
epoch is chosen on dev. WNUT-17's dev file, a corpus of another kind, dev in small letters and dev
in runs are measured too. Ends with the F1 of exact spans on the test file, a mean over seeds, and
saves the labeler of the first.
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev
from typing import Annotated

from english_data import in_runs, in_small_letters, plain_texts, with_lowered, wnut_sentences
from transformer import Transformer
from typer import Option

from seqlabel import (
    Display,
    Document,
    Labeler,
    Report,
    TagSet,
    fine_tune,
    read_parts,
    score_spans,
    tagging_options,
)
from seqlabel.commands import Compact, Device, Encoder, Epochs, Quiet, Seeds, run, write_metrics
from seqlabel.formats import read_conllu, read_documents
from seqlabel.io.folders import make_folder
from seqlabel.models.measuring import calibrate
from seqlabel.text.line_blocks import beginnings


@dataclass(frozen=True)
class Settings:
    data: Annotated[
        Path, Option(help="Folder that holds ner_english_ewt, ud_english_ewt and wnut17.")
    ]
    output: Annotated[Path, Option(help="Folder for the labeler, report and metrics.json.")] = Path(
        "output/ner"
    )
    encoder: Encoder = "en"
    start: Annotated[
        str | None, Option(help="Labeler of ner to train on, in place of the encoder.")
    ] = None
    teacher: Annotated[Path | None, Option(help="Folder of what teacher.py tuned on names.")] = None
    taught_words: Annotated[
        int, Option(min=1, help="Words of plain text that the teacher labels.")
    ] = 1_500_000
    kept: Annotated[
        float, Option(min=0.0, max=1.0, help="Share of --start in each weight that is saved.")
    ] = 0.0
    posts: Annotated[bool, Option("--posts", help="Train on WNUT-17's posts too.")] = False
    lowered: Annotated[
        float, Option(min=0.0, max=1.0, help="Share of sentences read in small letters too.")
    ] = 0.0
    epochs: Epochs = 8
    seeds: Seeds = 3
    device: Device = "auto"
    compact: Compact = False
    quiet: Quiet = False


def with_parts_of_speech(sentences: list[Document], treebank: Path) -> list[Document]:
    """The sentences with the treebank's tags; a few are split otherwise there, and stay without."""
    tags = {tuple(sentence.words): sentence.tags["upos"] for sentence in read_conllu(treebank)}
    return [
        sentence.with_tags("upos", tags[words])
        if (words := tuple(sentence.words)) in tags
        else sentence
        for sentence in sentences
    ]


def main(settings: Settings) -> None:
    """Train named-entity labelers on the English Web Treebank and measure them."""
    make_folder(settings.output)
    train_file, dev_file, test_file = (
        settings.data / "ner_english_ewt" / f"{part}.iob2" for part in ("train", "dev", "test")
    )
    parts = read_parts(
        (train_file, dev_file, test_file),
        lambda path, *, labels, repairs: read_documents(
            path, word=1, tag=2, separator="\t", labels=labels and labels["ner"], repairs=repairs
        ),
        layers=["ner"],
    )
    for source, repairs in parts.repairs.items():
        print(f"{source}: {repairs}", file=sys.stderr)
    train = with_parts_of_speech(
        parts.train, settings.data / "ud_english_ewt" / "en_ewt-ud-train.conllu"
    )
    wnut = list(wnut_sentences(settings.data / "wnut17" / "emerging.dev.conll"))
    upos = TagSet.of(train, "upos")
    small, long = list(map(in_small_letters, parts.dev)), list(in_runs(parts.dev, 0))
    if settings.posts:
        train += wnut_sentences(settings.data / "wnut17" / "wnut17train.conll")
    said: list[Document] = []
    if settings.teacher:
        texts = beginnings(plain_texts(settings.data), settings.taught_words)
        beside = [Labeler.load(settings.start)] if settings.start else []
        said += Transformer.load(settings.teacher).taught(texts, *beside)

    runs = []
    for seed in range(settings.seeds):
        if settings.start is None:
            labeler = Labeler.on(settings.encoder, [*parts.tag_sets, upos], seed=seed)
        else:
            labeler = Labeler.load(settings.start).with_layers([upos], seed=seed)
        options = tagging_options(settings.epochs, seed=seed, device=settings.device)
        display = Display.unless(settings.quiet)
        before = {name: weights.clone() for name, weights in labeler.module.state_dict().items()}
        learning, choosing = (
            with_lowered(part, settings.lowered, seed)
            for part in ([*in_runs(train, seed), *said], parts.dev)
        )
        fine_tune(labeler, learning, choosing, options=options, display=display)
        after = labeler.module.state_dict()
        mixed = {name: after[name].lerp(weights, settings.kept) for name, weights in before.items()}
        labeler.module.load_state_dict(mixed)
        calibrate(labeler, choosing)

        pairs = list(zip(parts.test, labeler(parts.test), strict=True))
        score = score_spans(pairs, "ner").exact
        low = score_spans(zip(small, labeler(small), strict=True), "ner").exact
        report = Report.of(pairs, "ner")
        runs.append(
            {
                "f1": score.f,
                "precision": score.precision,
                "recall": score.recall,
                "calibration_error": report.reliability.error if report.reliability else 0.0,
                "dev_f1": score_spans(
                    zip(parts.dev, labeler(parts.dev), strict=True), "ner"
                ).exact.f,
                "dev_runs_f1": score_spans(zip(long, labeler(long), strict=True), "ner").exact.f,
                "dev_lowered_f1": low.f,
                "dev_lowered_recall": low.recall,
                "other_f1": score_spans(zip(wnut, labeler(wnut), strict=True), "ner").exact.f,
            }
        )
        if seed == 0:
            labeler.keep(["ner"]).save(settings.output / "labeler", compact=settings.compact)
            report.write(settings.output)
        if not settings.quiet:
            print(f"seed {seed}: {100 * score.f:.2f}", flush=True)

    means = {name: mean(run[name] for run in runs) for name in runs[0]}
    spread = stdev(run["f1"] for run in runs) if len(runs) > 1 else 0.0
    write_metrics(
        settings.output / "metrics.json", {"mean": means, "f1_deviation": spread, "runs": runs}
    )
    print(
        f"test F1 {100 * means['f1']:.2f} ± {100 * spread:.2f} (exact spans); WNUT-17 dev "
        f"{100 * means['other_f1']:.2f}"
        f"; trainings: {len(runs)}; the first labeler is in {settings.output / 'labeler'}"
    )


if __name__ == "__main__":
    run(main, Settings)
