"""Every public function that takes a path takes a string too."""

import importlib
import inspect
import lzma
import os
import typing
from functools import cache
from pathlib import Path

import pytest
import spacy

import seqlabel
from seqlabel import (
    Categories,
    Corpus,
    Display,
    Document,
    Labeler,
    LanguageModel,
    PrivacySettings,
    PrivateFinder,
    Report,
    Session,
    Span,
    Spans,
    Tags,
    Vocabulary,
    WordLanguageModel,
    adapt,
    find_texts,
    fine_tune,
    load_settings,
    pretrain,
    read_documents,
    read_parts,
    self_train,
)
from seqlabel.commands import write_metrics
from seqlabel.formats import read_conllu, read_docs, write_docbin
from seqlabel.models import (
    PretrainingOptions,
    export_onnx,
    fine_tune_by_folds,
    mean_encoder,
    tagging_options,
)
from seqlabel.models.folders import find_folder
from seqlabel.nn import Softmax
from seqlabel.privacy import DenyList, ValueList, write_try_page
from seqlabel.privacy.replacing.keys import key_of_file
from seqlabel.reports import plot_losses, write_page
from seqlabel.text import Pieces, build_corpus, packed_documents, tagged_words, whole_lines
from seqlabel.training import Checkpoints, EpochReport
from tests.extras import needs_pii, needs_plots
from tests.keys import KEY
from tests.label_files import read_words
from tests.models.test_language_model import build_two_way, one_way

EPOCHS = [EpochReport(epoch, 2, 1.0, 1.0, 0.5, 1.0, 10) for epoch in (1, 2)]


def document():
    return Document.from_words(["a", "b"], tags={"xpos": Tags(("X", "Y"))}).with_spans(
        "ner", Spans((Span(0, 1, "X"),))
    )


def loaded(save, load):
    """Whether something was saved to a string and loaded from one."""
    save("model")
    return load("model") is not None


def written(write, name="made"):
    """Whether a file or folder is there after something was written to a string."""
    write(name)
    return os.path.exists(name)


def packed_lines(name, text):
    with lzma.open(name, "wt", encoding="utf-8") as file:
        file.write(text)
    return list(packed_documents(name)) == [["a"], ["b"]]


def brat():
    with open("a.txt", "w", encoding="utf-8") as file:
        file.write("a")
    return readable("a.ann", "T1\tX 0 1\ta\n", lambda at: read_documents(at, read_words))


def self_trained():
    options = tagging_options(1)
    learnt = labeler()
    self_train(
        learnt,
        [labeler()],
        [document()] * 4,
        ["a b"] * 4,
        options=options,
        folder="run",
        display=Display.SILENT,
    )
    return os.path.exists("run")


def labeler():
    build_two_way().save("small")
    return Labeler.on(
        "small", [seqlabel.HeadConfig(seqlabel.TagSet("xpos", ("X", "Y")), Softmax())]
    )


def labeler_of_documents():
    build_two_way().save("small")
    return Labeler.on("small", [Categories("category", ("X", "Y"))])


def categories():
    return [document().with_categories("category", {label: 1.0}) for label in "XYXY"]


def readable(name, text, read):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)
    return len(list(read(name))) == 1


CONLLU = "1\ta\t_\tX\tY\t_\t_\t_\t_\t_\n"


def folder_of_texts():
    os.makedirs("texts/X")
    return readable("texts/X/a.txt", "a", lambda _: read_documents("texts", read_words))


def parts():
    readable("a.iob2", "a B-X\n", read_documents)

    def read(source, *, labels, repairs):
        return read_documents(
            source, labels=None if labels is None else labels["ner"], repairs=repairs
        )

    return len(read_parts(("a.iob2", "a.iob2", "a.iob2"), read, layers=["ner"]).train) == 1


def packed(read):
    write_docbin([document()], "a.spacy")
    return len(list(read("a.spacy"))) == 1


def corpus():
    return (
        len(build_corpus([["one", "two"]], "corpus").tokens)
        == 2
        == len(Corpus.load("corpus").tokens)
    )


def session():
    saved = Session()
    saved.save("session", key=KEY)
    return saved.is_saved_in("session") and len(Session.load("session", key=KEY)) == 0


def pretrained():
    options = PretrainingOptions(words=20, hidden=8, epochs=1, batch_size=4, bptt=500)
    texts = ([chr(ord("a") + place % 26)] * 1_000 for place in range(12))
    return pretrain(texts, "encoder", options=options, display=Display.SILENT).model is not None


def vocabulary():
    return loaded(Vocabulary(["xxunk", "a"]).save, Vocabulary.load)


def pieces():
    return loaded(Pieces.train({"a": 1}, size=300).save, Pieces.load)


def vocab_docs(path):
    return read_docs(path, spacy.blank("en").vocab)


def trained(model, data):
    folder = f"trained {type(model).__name__}"
    fine_tune(model, data, data, options=tagging_options(1), folder=folder)
    return Checkpoints(folder, save=model.save).best.is_dir()


def by_folds():
    tags = [
        Document.from_words([word], tags={"xpos": Tags((tag,))})
        for word, tag in (("a", "X"), ("b", "Y"))
    ]
    fine_tune_by_folds(
        labeler(), tags, folds=2, options=tagging_options(1), folder="folds", display=Display.SILENT
    )
    return os.path.isdir("folds/fold2")


def listed(make):
    return readable("list.txt", "a", lambda at: PrivateFinder(settings=make(at))(["a"]))


def settings():
    path = "seqlabel.toml"
    with open(path, "w", encoding="utf-8") as file:
        file.write('policy = "mask"')
    return load_settings(path).policy == "mask"


def keyed():
    with open("key", "wb") as file:
        file.write(KEY)
    os.chmod("key", 0o600)
    return key_of_file(PrivacySettings(policy="hash", key_file="key").key_file) == KEY


def exported():
    pytest.importorskip("onnx")
    return export_onnx(Labeler.load("en_pos_fast"), "exported") is not None


def adapted():
    build_two_way().save("encoder")
    return adapt("encoder", ["a b c d"] * 300, display=Display.SILENT) is not None


def averaged():
    build_two_way().save("encoder")
    return mean_encoder("encoder", ["encoder"]) is not None


USES = {
    "fine_tune_by_folds": by_folds,
    "mean_encoder": averaged,
    "DenyList": lambda: listed(lambda at: PrivacySettings(rules=False, deny=DenyList(files=(at,)))),
    "PrivacySettings": keyed,
    "ValueList": lambda: listed(
        lambda at: PrivacySettings(rules=False, allow=ValueList(files=(at,)))
    ),
    "adapt": adapted,
    "export_onnx": exported,
    "load_settings": settings,
    "Checkpoints": lambda: Checkpoints("dir", save=lambda folder: None).claim() is None,
    "Corpus.load": corpus,
    "Labeler.on": labeler,
    **dict.fromkeys(("Labeler.load", "Labeler.save"), lambda: loaded(labeler().save, Labeler.load)),
    **dict.fromkeys(
        ("LanguageModel.load", "LanguageModel.save"),
        lambda: loaded(one_way().save, LanguageModel.load),
    ),
    "Pieces.load": pieces,
    "Pieces.save": pieces,
    **dict.fromkeys(
        ("PrivateFinder", "PrivateFinder.load"),
        lambda: PrivateFinder.load(str(find_folder("en_pii")), rules=False),
    ),
    "Report.write": lambda: written(Report.of([(document(), document())], "xpos").write),
    "Session.is_saved_in": session,
    "Session.load": session,
    "Session.save": session,
    "Vocabulary.load": vocabulary,
    "Vocabulary.save": vocabulary,
    **dict.fromkeys(
        ("WordLanguageModel.load", "WordLanguageModel.save"),
        lambda: loaded(build_two_way().save, WordLanguageModel.load),
    ),
    "build_corpus": corpus,
    "fine_tune": lambda: (
        trained(labeler(), [document()] * 4) and trained(labeler_of_documents(), categories())
    ),
    "plot_losses": lambda: written(lambda to: plot_losses(EPOCHS, to)),
    "pretrain": pretrained,
    "find_texts": lambda: readable("t.txt", "a", lambda at: find_texts(".", at)),
    "whole_lines": lambda: readable("t.txt", "a", lambda at: ["".join(whole_lines(at))]),
    "read_conllu": lambda: readable("a", CONLLU, read_conllu),
    "read_docs": lambda: packed(vocab_docs),
    "read_documents": lambda: (
        readable("a.conllu", CONLLU, read_documents) and folder_of_texts() and brat()
    ),
    "read_parts": parts,
    "write_page": lambda: written(
        lambda to: write_page(
            to, Report.of([(document(), document())], "xpos"), [(document(), document())]
        )
    ),
    "self_train": self_trained,
    "write_try_page": lambda: written(write_try_page),
    "tagged_words": lambda: readable("t.txt", "a_X", tagged_words),
    "packed_documents": lambda: packed_lines("t.xz", "a\n\nb\n"),
    "write_metrics": lambda: written(lambda to: write_metrics(f"{to}/metrics.json", {"a": 1})),
    "write_docbin": lambda: packed(read_documents),
}
NEEDS = {
    **dict.fromkeys(("Session.is_saved_in", "Session.load", "Session.save"), needs_pii),
    "plot_losses": needs_plots,
}
NO_PATH_GIVEN = {"Parts", "labels_of", "relations_of"}
"""What only holds or names paths that others gave."""


def takes_path(function):
    try:
        hints = typing.get_type_hints(function)
    except NameError:
        hints = function.__annotations__
    return any(
        "Path" in str(hint) and "Callable" not in str(hint)
        for name, hint in hints.items()
        if name != "return"
    )


def public_names():
    """All public names, of the root and of the packages, and what they stand for."""
    library = Path(seqlabel.__file__).parent
    for stub in sorted(library.rglob("__init__.pyi")):
        module = importlib.import_module(
            ".".join(("seqlabel", *stub.parent.relative_to(library).parts))
        )
        for name in module.__all__:
            yield name, getattr(module, name)


def public_functions():
    for name, value in public_names():
        if inspect.isclass(value):
            yield name, value.__init__
            for part, method in inspect.getmembers(value, inspect.isroutine):
                if not part.startswith("_") and hasattr(method, "__annotations__"):
                    yield f"{name}.{part}", method
        elif inspect.ismodule(value):
            for part, function in inspect.getmembers(value, inspect.isfunction):
                if not part.startswith("_") and function.__module__ == value.__name__:
                    yield f"{name}.{part}", function
        elif inspect.isfunction(value):
            yield name, value


PATHS = sorted(
    {name for name, function in public_functions() if takes_path(function)} - NO_PATH_GIVEN
)


# What shows two names to work is done once.
works = cache(lambda use: use())


@pytest.mark.parametrize("name", [pytest.param(name, marks=NEEDS.get(name, ())) for name in PATHS])
def test_a_path_may_be_a_string(name, tmp_path, monkeypatch):
    assert name in USES, f"{name} takes a path: say here how it is used with a string"
    monkeypatch.chdir(tmp_path)
    assert works(USES[name])


def test_the_functions_with_paths_are_found():
    assert {"read_conllu", "Report.write", "Checkpoints", "plot_losses", "whole_lines"} <= set(
        PATHS
    )
