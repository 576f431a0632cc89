"""How Docs go through a spaCy pipe of this library, and how its model becomes bytes; the pipes are elsewhere."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol, TypeVar

import srsly  # type: ignore[import-untyped]
from spacy.tokens import Doc
from spacy.util import minibatch

from seqlabel.documents.document import Document
from seqlabel.models.classifier import Classifier
from seqlabel.models.fast import Arithmetic
from seqlabel.models.folders import ModelKind, find_folder, read_kind
from seqlabel.models.labeler import Labeler
from seqlabel.nn.threads import use_one_thread_after_fork, use_one_thread_in_worker
from seqlabel.spacy.reading import words_of

_Loaded = TypeVar("_Loaded")


class WorkingPipe(Protocol):
    """A pipe that predicts without writing, and then writes."""

    name: str

    def predict(self, docs: Sequence[Doc]) -> Any:
        """What is found in the Docs, which stay as they are."""
        ...

    def set_annotations(self, docs: Sequence[Doc], predictions: Any) -> None:
        """Write what was found to the Docs."""
        ...

    def get_error_handler(self) -> Callable[..., None]:
        """What to call with a Doc that failed."""
        ...


def label_stream(pipe: WorkingPipe, stream: Iterable[Doc], *, batch_size: int) -> Iterator[Doc]:
    """Run Docs through a pipe, `batch_size` at once; a Doc that fails goes to the error handler, alone.

    A Doc that failed is not yielded: it never goes on without labels.
    """
    use_one_thread_in_worker()
    for docs in minibatch(stream, size=batch_size):  # type: ignore[no-untyped-call]
        yield from label_batch(pipe, docs)


def label_batch(pipe: WorkingPipe, docs: list[Doc]) -> list[Doc]:
    """Run some Docs through a pipe at once; those that fail go to the error handler, each alone, and are left out."""
    use_one_thread_after_fork()
    try:
        pipe.set_annotations(docs, pipe.predict(docs))
        return docs
    except Exception as error:
        if len(docs) == 1:
            pipe.get_error_handler()(pipe.name, pipe, docs, error)
            return []
    return [done for doc in docs for done in label_batch(pipe, [doc])]


def documents_of(docs: Sequence[Doc]) -> list[Document]:
    """The texts and words of Docs, without any annotation."""
    return [
        Document(doc.text, tuple((doc[place].idx, doc[place].idx + len(doc[place])) for place in words.tokens.tolist()))
        for doc, words in zip(docs, map(words_of, docs), strict=True)
    ]


def categories_of(classifier: Classifier, docs: Sequence[Doc]) -> list[Mapping[str, float]]:
    """The probabilities of a classifier's labels for each Doc; all the same for one without words."""
    labels = classifier.config.labels
    even: Mapping[str, float] = dict.fromkeys(labels, 1 / len(labels))
    documents = documents_of(docs)
    found = (document.categories[classifier.config.layer] for document in classifier(filter(len, documents)))
    return [next(found) if len(document) else even for document in documents]


def load_model(path_or_name: Path | str, *, arithmetic: Arithmetic = Arithmetic.AUTO) -> Labeler | Classifier:
    """The labeler or classifier in a folder, or that ships under this name. Raises `CheckpointError` for others."""
    if read_kind(find_folder(path_or_name)) is ModelKind.CLASSIFIER:
        return Classifier.load(path_or_name)
    return Labeler.load(path_or_name, arithmetic=arithmetic)


def pack_folder(save: Callable[[Path], None]) -> bytes:
    """The files that `save` writes to a folder, as bytes: MessagePack, no pickle."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model"
        save(path)
        packed: bytes = srsly.msgpack_dumps({file.name: file.read_bytes() for file in sorted(path.iterdir())})
        return packed


def unpack_folder(data: bytes, load: Callable[[Path], _Loaded]) -> _Loaded:
    """What `load` makes of a folder with the files that `pack_folder` packed."""
    with TemporaryDirectory() as folder:
        for name, content in srsly.msgpack_loads(data).items():
            (Path(folder) / Path(name).name).write_bytes(content)
        return load(Path(folder))
