"""The subcommand `seqlabel pretrain`: from plain text to an encoder that `train` puts heads on."""

import json
from pathlib import Path

from seqlabel.cli.training_options import PretrainSettings
from seqlabel.commands.console import messages, note, say_if_nothing_to_resume
from seqlabel.errors import OptionError


def pretrain(settings: PretrainSettings) -> None:
    """Pretrain an encoder on plain text: a forward and a backward language model.

    The text is read once and never held in memory. With `--on`, the training of an encoder continues on this
    text, which takes seconds to minutes; its words stay, and frequent words of the text are added. `seqlabel train …
    --on OUTPUT` puts a head on the result.
    """
    checkpoint = settings.output / "last"
    with messages(quiet=settings.run.quiet, checkpoint=checkpoint):
        from seqlabel.cli.card import pretraining_card
        from seqlabel.cli.plain_text import plain_files
        from seqlabel.io.folders import make_folder
        from seqlabel.training.devices import choose_device

        # Now, not after the texts were read.
        choose_device(settings.run.device)
        files = plain_files(settings.texts)
        output, on = settings.output, settings.on
        if on is not None and settings.run.resume:
            raise OptionError("--resume: An adaptation cannot be resumed. Leave out --resume or --on.")
        for name, number in (("words", settings.words), ("hidden", settings.hidden)):
            if on is not None and number is not None:
                raise OptionError(f"--{name}: An encoder that is adapted has its own. Leave out --{name} or --on.")
        make_folder(output)
        if settings.run.resume:
            say_if_nothing_to_resume(checkpoint)
        else:
            size = sum(file.stat().st_size for file in files) / 1e6
            note(f"reading {len(files):,} file{'s' * (len(files) > 1)}, {size:,.1f} MB")
        figures = _pretrain(files, settings) if on is None else _adapt(on, files, settings)
        card = pretraining_card(settings, files, figures)
        (output / "README.md").write_text(card, encoding="utf-8")
        if settings.run.as_json:
            print(json.dumps({"model": str(output), **figures}))
            return
        if figures:
            print(
                f"Perplexity of a word on held-out text: {figures['forward_perplexity']:.1f} forward, "
                f"{figures['backward_perplexity']:.1f} backward; {figures['words']:,} words read.\n"
            )
        language = "" if settings.run.language == "en" else f" --language {settings.run.language}"
        print(f"To put a head on it:\n\n    seqlabel train TASK FILE --on {output.as_posix()}{language}")


def _pretrain(files: list[Path], settings: PretrainSettings) -> dict[str, float]:
    """Train a new encoder on text files; return and write what was measured."""
    from seqlabel.cli.plain_text import plain_words
    from seqlabel.io.files import write_json
    from seqlabel.models.pretraining import PretrainingOptions
    from seqlabel.models.pretraining import pretrain as learn
    from seqlabel.text.tokenisers import Tokeniser

    run, usual = settings.run, PretrainingOptions()
    options = PretrainingOptions(
        words=settings.words or usual.words,
        hidden=settings.hidden or usual.hidden,
        epochs=settings.epochs,
        languages=() if run.language == "xx" else (run.language,),
        seed=run.seed,
        device=run.device,
    )
    documents = plain_words(files, Tokeniser(run.language), display=run.display)
    trained = learn(documents, settings.output, options=options, resume=run.resume, display=run.display)
    names = ("forward_perplexity", "backward_perplexity", "words", "words_per_second")
    figures = {name: getattr(trained, name) for name in names}
    write_json(settings.output / "metrics.json", figures)
    return figures


def _adapt(encoder: str, files: list[Path], settings: PretrainSettings) -> dict[str, float]:
    """Adapt an encoder to text files, and save it where `train` finds it; nothing is measured."""
    from seqlabel.cli.plain_text import plain_words
    from seqlabel.documents.document import Document
    from seqlabel.models.adapting import AdaptingOptions, adapt
    from seqlabel.text.tokenisers import Tokeniser

    run = settings.run
    documents = map(Document.from_words, plain_words(files, Tokeniser(run.language), display=run.display))
    options = AdaptingOptions(epochs=settings.epochs, seed=run.seed, device=run.device)
    adapted = adapt(encoder, documents, language=run.language, options=options, display=run.display)
    adapted.save(settings.output / "best")
    return {}
