"""How Docs pass through a spaCy pipe of this library, and how its model becomes bytes; the pipes
are elsewhere.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar, cast

import srsly
from spacy.tokens import Doc
from spacy.util import minibatch

from seqlabel.documents.document import Document
from seqlabel.errors import CheckpointError
from seqlabel.io.markup import counted
from seqlabel.models.folders import ALL_PARTS
from seqlabel.native.parallel import in_order
from seqlabel.nn.threads import use_one_thread_after_fork, use_one_thread_in_worker
from seqlabel.spacy.doc_words import token_characters, words_of

_Loaded = TypeVar("_Loaded")


class WorkingPipe:
    """A pipe that predicts without writing, and then writes; stands before spaCy's class among a
    pipe's bases.

    A Doc that fails goes to the error handler, alone, and not on.
    """

    name: str
    labels: Any
    threads = 1
    get_error_handler: Any

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, {counted(self.labels, 'labels')})"

    def __call__(self, doc: Doc) -> Doc:
        """Label a Doc. An error goes to the error handler, and, if that lets it pass, no Doc is
        given back.
        """
        done = self._written(*self._predicted([doc]))
        return done[0] if done else cast(Doc, None)

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Label a stream of Docs; `threads` batches are predicted at a time, and Docs read and
        written meanwhile.

        Args:
            stream: The Docs.
            batch_size: How many are read at once.

        Yields:
            The same Docs, in order, without those that failed: no Doc leaves without labels.
        """
        use_one_thread_in_worker()
        batches = minibatch(stream, size=batch_size)  # type: ignore[no-untyped-call]
        for docs, predictions in in_order(self._predicted, batches, threads=self.threads):
            yield from self._written(docs, predictions)

    def _predicted(self, docs: list[Doc]) -> tuple[list[Doc], Any]:
        """The Docs, and what is found in them or the error that was raised instead."""
        use_one_thread_after_fork()
        try:
            return docs, self.predict(docs)
        except Exception as error:
            return docs, error

    def _written(self, docs: list[Doc], predictions: Any) -> list[Doc]:
        """The Docs with labels; where that fails, each is labelled alone, and left out where it
        fails again.
        """
        try:
            if isinstance(predictions, Exception):
                raise predictions
            self.set_annotations(docs, predictions)
            return docs
        except Exception as error:
            if len(docs) == 1:
                self.get_error_handler()(self.name, self, docs, error)
                return []
        return [done for doc in docs for done in self._written(*self._predicted([doc]))]

    def predict(self, docs: Sequence[Doc]) -> Any:
        """Find what there is to write, and leave the Docs as they are.

        Args:
            docs: The Docs.

        Returns:
            What `set_annotations` takes.
        """
        raise NotImplementedError

    def set_annotations(self, docs: Sequence[Doc], predictions: Any) -> None:
        """Write what was found to the Docs.

        Args:
            docs: The Docs.
            predictions: The result of `predict`.
        """
        raise NotImplementedError


def documents_of(docs: Sequence[Doc]) -> list[Document]:
    """Take the texts and words of Docs, without any annotation.

    Args:
        docs: The Docs.

    Returns:
        A document for each Doc, whose words are its tokens but white space.
    """
    documents: list[Document] = []
    for doc in docs:
        offsets = token_characters(doc)[words_of(doc).tokens].tolist()
        documents.append(Document(doc.text, tuple(map(tuple, offsets))))
    return documents


def pack_folder(save: Callable[[Path], None]) -> bytes:
    """Make bytes of a model's folder, as MessagePack; nothing is pickled.

    Args:
        save: Writes the model's files to a folder.

    Returns:
        The bytes, which `unpack_folder` reads.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model"
        save(path)
        packed: bytes = srsly.msgpack_dumps(
            {file.name: file.read_bytes() for file in sorted(path.iterdir())}
        )
        return packed


def unpack_folder(data: bytes, load: Callable[[Path], _Loaded]) -> _Loaded:
    """Load what `pack_folder` packed.

    Args:
        data: The packed files of a model.
        load: Loads a model from a folder.

    Returns:
        The model.

    Raises:
        CheckpointError: The bytes are not the packed files of a model, or one of the files is
            damaged.
    """
    try:
        files = srsly.msgpack_loads(data)
        if not all(
            name in ALL_PARTS and isinstance(content, bytes) for name, content in files.items()
        ):
            raise TypeError
    # MessagePack's errors have no class in common that is narrower.
    except Exception as error:
        raise CheckpointError(
            f"Expected the packed files of a model, got {len(data):,} other bytes. Load bytes "
            "that `to_bytes` made."
        ) from error
    with TemporaryDirectory() as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        return load(Path(folder))
