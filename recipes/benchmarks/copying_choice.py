"""Choose the numbers of the copying models of human numbers on 7,001–7,999, held out of training.

    python recipes/benchmarks/copying_choice.py

Trains on 1–7,000 and measures on 7,001–7,999 as 64 rows × 20 words, two seeds a row, so that the real validation
numbers (8,001–9,999) play no part in any choice. Rows are a third as long as in the real validation set, so the words
that a row cannot know at its start weigh more: accuracies are lower than the final ones. About 15 minutes.
"""

import itertools
from dataclasses import dataclass, replace
from statistics import mean
from typing import Annotated

import torch
from typer import Option

from seqlabel import (
    Display,
    LanguageModelStream,
    OneCycle,
    SequenceModel,
    TokenArray,
    TrainingOptions,
    evaluate,
    fit,
    human_numbers,
)
from seqlabel.commands import run
from seqlabel.lesson.configs import human_numbers_config
from seqlabel.nn import (
    ContinuousCache,
    CopyingLanguageModel,
    LanguageModelConfig,
    PointerConfig,
    build_language_model,
)

VOCABULARY = human_numbers.vocabulary()


def stream(numbers: range, bptt: int) -> LanguageModelStream:
    ids = VOCABULARY.encode(human_numbers.corpus_words(numbers))
    return LanguageModelStream(TokenArray(ids), batch_size=64, bptt=bptt)


def train(config: LanguageModelConfig, *, bptt: int, epochs: int, max_lr: float, seed: int) -> torch.nn.Module:
    torch.manual_seed(seed)
    model = build_language_model(config)
    options = TrainingOptions(epochs=epochs, schedule=OneCycle(max_lr=max_lr), max_grad_norm=1.0, seed=seed)
    for _ in fit(model, stream(range(1, 7001), bptt), options=options, display=Display.SILENT):
        pass
    return model


@dataclass(frozen=True)
class Settings:
    seeds: Annotated[int, Option(min=1, help="How often each choice is trained.")] = 2


def main(settings: Settings) -> None:
    """Print the accuracy of every choice."""
    seeds = range(settings.seeds)
    held_out = stream(range(7001, 8000), 20)
    print("pointer mixture: hidden, window, bptt, epochs, max_lr → accuracy of each seed, mean loss", flush=True)
    base = LanguageModelConfig(vocabulary=len(VOCABULARY), embedding=128, hidden=128, pointer=PointerConfig())
    trials = [(128, 60, *rest) for rest in itertools.product((20, 40, 70), (20, 30), (5e-3, 1e-2))]
    trials += [(128, 30, 40, 30, 5e-3), (128, 120, 40, 30, 5e-3), (64, 60, 40, 30, 5e-3), (64, 60, 40, 30, 1e-2)]
    for hidden, window, bptt, epochs, max_lr in trials:
        config = replace(base, embedding=hidden, hidden=hidden, pointer=PointerConfig(window=window))
        models = [train(config, bptt=bptt, epochs=epochs, max_lr=max_lr, seed=seed) for seed in seeds]
        scores = [evaluate(model, held_out) for model in models]
        accuracies = " ".join(f"{score.accuracy:.4f}" for score in scores)
        loss = mean(score.loss for score in scores)
        print(f"{hidden} {window} {bptt} {epochs} {max_lr} → {accuracies}, {loss:.4f}", flush=True)

    print("continuous cache: hidden, window, sharpness, weight → mean accuracy, mean loss", flush=True)
    small = human_numbers_config(len(VOCABULARY))
    for config, epochs in ((small, 10), (replace(base, pointer=None), 20)):
        models = [train(config, bptt=20, epochs=epochs, max_lr=1e-2, seed=seed) for seed in seeds]
        for window, sharpness, weight in itertools.product((60, 200), (5.0, 10.0, 20.0), (0.3, 0.4, 0.5, 0.6)):
            cache = ContinuousCache(window=window, sharpness=sharpness, weight=weight)
            scores = []
            for model in models:
                assert isinstance(model, SequenceModel)
                scores.append(evaluate(CopyingLanguageModel(model, cache), held_out))
            accuracy, loss = mean(s.accuracy or 0.0 for s in scores), mean(s.loss for s in scores)
            print(f"{config.hidden} {window} {sharpness} {weight} → {accuracy:.4f}, {loss:.4f}", flush=True)


if __name__ == "__main__":
    run(main, Settings)
