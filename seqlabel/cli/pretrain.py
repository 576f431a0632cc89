"""The subcommand `seqlabel pretrain`: from plain text to an encoder that `train` puts heads on."""

import json
from collections.abc import Iterator

import typer

from seqlabel.cli.training_options import PretrainSettings
from seqlabel.commands.console import messages, note, say, say_if_nothing_to_resume
from seqlabel.errors import OptionError
from seqlabel.runs.progress import with_noun


def pretrain(settings: PretrainSettings) -> None:
    """Pretrain an encoder on plain text: a forward and a backward language model.

    The text is read once and never held in memory. With `--on`, the training of an encoder
    continues on this text, which takes seconds to minutes; its words stay, and frequent words of
    the text are added. `seqlabel train … --on OUTPUT` puts a head on the result.
    """
    # An installation without torch says so.
    with messages(quiet=settings.run.quiet):
        from seqlabel.training.processes import started

    with started(settings.run.processes) as status:
        if status is not None:
            raise typer.Exit(status if status >= 0 else 1)
        _run(settings)


def _run(settings: PretrainSettings) -> None:
    checkpoint = settings.output / "last"
    with messages(quiet=settings.run.quiet, checkpoint=checkpoint):
        from seqlabel.cli.card import pretraining_card
        from seqlabel.cli.plain_text import plain_files, plain_words
        from seqlabel.io.folders import output_folder
        from seqlabel.text.tokenizers import Tokenizer
        from seqlabel.training.devices import choose_device
        from seqlabel.training.processes import Processes

        # Now, not after the texts were read.
        choose_device(settings.run.device)
        tokenize = Tokenizer(settings.run.language)
        files = plain_files(settings.texts)
        output = settings.output
        on = settings.on
        if on is not None and settings.run.resume:
            raise OptionError(
                "--resume: An adaptation cannot be resumed. Leave out --resume or --on."
            )
        for name, number in (("words", settings.words), ("hidden", settings.hidden)):
            if on is not None and number is not None:
                raise OptionError(
                    f"--{name}: An encoder that is adapted has its own. Leave out --{name} or --on."
                )
        with output_folder(output):
            if settings.run.resume:
                say_if_nothing_to_resume(checkpoint)
            else:
                if checkpoint.is_dir():
                    say(
                        f"{output}: an earlier training, which this one replaces. Another --output "
                        "keeps it."
                    )
                size = sum(file.stat().st_size for file in files) / 1e6
                note(f"reading {with_noun(len(files), 'file')}, {size:,.1f} MB")
            documents = plain_words(files, tokenize, display=settings.run.display)
            figures = (
                _pretrain(documents, settings) if on is None else _adapt(on, documents, settings)
            )
        if not Processes.joined(settings.run.device).first:
            return
        card = pretraining_card(settings, files, figures)
        (output / "README.md").write_text(card, encoding="utf-8")
        if settings.run.as_json:
            print(json.dumps({"model": str(output), **figures}))
            return
        if figures:
            print(
                f"Perplexity of a word on held-out text: {figures['forward_perplexity']:.1f} "
                "forward, "
                f"{figures['backward_perplexity']:.1f} backward; {figures['words']:,} words read.\n"
            )
        language = "" if settings.run.language == "en" else f" --language {settings.run.language}"
        print(
            "To put a head on it:\n\n    seqlabel train TASK FILE --on "
            f"{output.as_posix()}{language}"
        )


def _pretrain(documents: Iterator[list[str]], settings: PretrainSettings) -> dict[str, float]:
    """Train a new encoder on the words of text; return and write what was measured."""
    from seqlabel.io.files import write_json
    from seqlabel.models.pretraining import PretrainingOptions
    from seqlabel.models.pretraining import pretrain as learn
    from seqlabel.training.processes import Processes

    run = settings.run
    usual = PretrainingOptions()
    options = PretrainingOptions(
        words=settings.words or usual.words,
        hidden=settings.hidden or usual.hidden,
        epochs=settings.epochs,
        languages=() if run.language == "xx" else (run.language,),
        seed=run.seed,
        device=run.device,
        accumulation=run.accumulation,
    )
    trained = learn(
        documents, settings.output, options=options, resume=run.resume, display=run.display
    )
    names = ("forward_perplexity", "backward_perplexity", "words", "words_per_second")
    figures = {name: getattr(trained, name) for name in names}
    if Processes.joined(run.device).first:
        write_json(settings.output / "metrics.json", figures)
    return figures


def _adapt(
    encoder: str, words: Iterator[list[str]], settings: PretrainSettings
) -> dict[str, float]:
    """Adapt an encoder to the words of text, and save it where `train` finds it; nothing is
    measured.
    """
    from seqlabel.documents.document import Document
    from seqlabel.models.adapting import AdaptingOptions, adapt
    from seqlabel.training.processes import Processes

    run = settings.run
    documents = map(Document.from_words, words)
    options = AdaptingOptions(
        epochs=settings.epochs, seed=run.seed, device=run.device, accumulation=run.accumulation
    )
    adapted = adapt(encoder, documents, language=run.language, options=options, display=run.display)
    if not Processes.joined(run.device).first:
        return {}
    adapted.save(settings.output / "best")
    adapted.save(settings.output / "compact", compact=True)
    # Of an earlier training in this folder.
    (settings.output / "metrics.json").unlink(missing_ok=True)
    return {}
