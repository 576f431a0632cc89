"""The worth of copying from the past on real text: perplexity with and without a cache and a pointer mixture.

    python recipes/benchmarks/copying_text.py FILE.txt     # for instance a 600,000-word text; half an hour on one core

The last tenth of the text is the test part and the tenth before it the dev part, on which the cache's settings are
chosen. The same two-layer GRU is trained with and without the pointer, on the 10,000 most frequent words, every other
word being `xxunk`. Perplexity counts every word of the test part once, `xxunk` included.
"""

import itertools
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Annotated

import torch
from typer import Argument, Option

from seqlabel import Display, LanguageModelStream, OneCycle, SequenceModel, TokenArray, TrainingOptions, evaluate, fit
from seqlabel.batches import EvaluationStream
from seqlabel.commands import run, write_metrics
from seqlabel.io.folders import make_folder
from seqlabel.nn import (
    ContinuousCache,
    CopyingLanguageModel,
    LanguageModelConfig,
    PointerConfig,
    build_language_model,
)
from seqlabel.text import build_corpus, words_of_files


def train(config: LanguageModelConfig, tokens: TokenArray, *, epochs: int, seed: int) -> torch.nn.Module:
    torch.manual_seed(seed)
    model = build_language_model(config)
    stream = LanguageModelStream(tokens, batch_size=32, bptt=35)
    options = TrainingOptions(
        epochs=epochs, schedule=OneCycle(max_lr=4e-3), weight_decay=0.05, max_grad_norm=0.5, seed=seed
    )
    for _ in fit(model, stream, options=options, display=Display.LOG):
        pass
    return model


@dataclass(frozen=True)
class Settings:
    text: Annotated[Path, Argument(help="A UTF-8 text file.")]
    output: Annotated[Path, Option(help="Folder for metrics.json.")] = Path("output/copying_text")
    epochs: Annotated[int, Option(min=1, help="Passes over the training part.")] = 6
    seeds: Annotated[int, Option(min=1, help="Trainings of each model.")] = 2


def main(settings: Settings) -> None:
    """Compare perplexities on a text with and without copying."""
    make_folder(settings.output)
    with TemporaryDirectory() as folder:
        corpus = build_corpus(words_of_files([settings.text]), Path(folder) / "corpus", max_words=10_000)
        ids = corpus.tokens.read(0, len(corpus.tokens))
    tenth = len(ids) // 10
    train_part, *held_out = (TokenArray(part) for part in (ids[: -2 * tenth], ids[-2 * tenth : -tenth], ids[-tenth:]))
    dev, test = (EvaluationStream(part, batch_size=4, bptt=70) for part in held_out)
    config = LanguageModelConfig(
        vocabulary=len(corpus.vocabulary), embedding=200, hidden=200, embedding_dropout=0.3, dropout=0.4
    )
    results: dict[str, list[float]] = {"GRU": [], "GRU + cache": [], "GRU + pointer": []}
    for seed in range(settings.seeds):
        plain = train(config, train_part, epochs=settings.epochs, seed=seed)
        assert isinstance(plain, SequenceModel)
        caches = [
            CopyingLanguageModel(plain, ContinuousCache(window=window, sharpness=sharpness, weight=weight))
            for window, sharpness, weight in itertools.product((200, 500), (5.0, 10.0, 20.0), (0.05, 0.1, 0.2))
        ]
        best = min(caches, key=lambda model: evaluate(model, dev).loss)
        cache = best.copier
        assert isinstance(cache, ContinuousCache)
        print(f"chosen on dev: window {cache.window}, sharpness {cache.sharpness}, weight {cache.weight}", flush=True)
        pointing = replace(config, pointer=PointerConfig(width=64, window=200))
        pointer = train(pointing, train_part, epochs=settings.epochs, seed=seed)
        for name, model in zip(results, (plain, best, pointer), strict=True):
            results[name].append(evaluate(model, test).perplexity)
            print(f"seed {seed}: {name} {results[name][-1]:.1f}", flush=True)
    means = {name: mean(values) for name, values in results.items()}
    for name, value in means.items():
        print(f"{name:>14}  test perplexity {value:.1f}  {100 * (value / means['GRU'] - 1):+.1f} %")
    write_metrics(settings.output / "metrics.json", {f"{name} perplexity": value for name, value in means.items()})
    where = settings.output / "metrics.json"
    print(f"mean of {settings.seeds} seeds on {len(held_out[1]):,} words; figures are in {where}")


if __name__ == "__main__":
    run(main, Settings)
