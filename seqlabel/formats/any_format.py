"""One function that reads every label file, by the format's name or the file's; the readers are elsewhere."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seqlabel.documents.document import Document
from seqlabel.documents.repairs import Repairs
from seqlabel.errors import OptionError, choose
from seqlabel.formats.columns import read_columns
from seqlabel.formats.conllu import read_conllu
from seqlabel.formats.docs import read_docbin
from seqlabel.formats.guessing import Format, format_of
from seqlabel.formats.jsonl import read_categories, read_spans
from seqlabel.formats.label_studio import read_label_studio
from seqlabel.formats.reading import Tokenise
from seqlabel.formats.tables import read_csv, read_folders
from seqlabel.io.text_files import UTF_8


def read_documents(
    path: Path | str,
    *,
    format: Format | str | None = None,
    tokenise: Tokenise | None = None,
    layer: str | None = None,
    word: int | None = None,
    tag: int | None = None,
    separator: str | None = None,
    repairs: Repairs | None = None,
    encoding: str = UTF_8,
) -> Iterator[Document]:
    """Read the documents of a file or folder with the reader of its format, with that reader's defaults.

    Args:
        path: The file or folder; gzip is unpacked.
        format: The format; None to tell it by the suffix, before `.gz` if there is one, or by the first lines.
        tokenise: Finds the words of plain text, for every format but CoNLL-U, columns and DocBin.
        layer: The name of the layer; None for `ner` for spans and entities, `category` for categories, and `upos` and
            `xpos` for CoNLL-U.
        word: The number of the column of words, for columns.
        tag: The number of the column of tags, for columns.
        separator: What stands between columns, for columns.
        repairs: Counts what the readers repair; without it they warn or refuse.
        encoding: The name of the encoding of text files.

    Returns:
        The documents, which the reader yields and for which it raises its errors, with file and line.

    Raises:
        OptionError: The format is not known or cannot be told, plain text comes without `tokenise`, CoNLL-U has no
            such `layer`, or another format than columns with `word`, `tag` or `separator`.
    """
    path = Path(path)
    chosen = format_of(path, encoding=encoding) if format is None else choose(Format, "format", format)
    columns = {"word": word, "tag": tag, "separator": separator}
    given: dict[str, Any] = {name: value for name, value in columns.items() if value is not None}
    if given and chosen is not Format.COLUMNS:
        raise OptionError(f"{', '.join(given)}: Found with {chosen}. It is for {Format.COLUMNS} alone. Leave it out.")
    if chosen is Format.CONLLU:
        return read_conllu(path, layers=("upos", "xpos") if layer is None else (layer,), encoding=encoding)
    if chosen is Format.COLUMNS:
        return read_columns(path, **given, layer=layer or "ner", repairs=repairs, encoding=encoding)
    if chosen is Format.DOCBIN:
        return read_docbin(path, entities=layer or "ner", repairs=repairs)
    if tokenise is None:
        raise OptionError(
            f"tokenise: Found none for {chosen}, which is plain text. Pass what finds its words, such as "
            f"Tokeniser('en') or a Labeler's `tokenise`."
        )
    if chosen is Format.SPANS:
        return read_spans(path, tokenise, layer=layer or "ner", repairs=repairs, encoding=encoding)
    if chosen is Format.CATEGORIES:
        return read_categories(path, tokenise, layer=layer or "category", repairs=repairs, encoding=encoding)
    if chosen is Format.LABEL_STUDIO:
        names = {"layer": layer or "ner", "category": layer or "category"}
        return read_label_studio(path, tokenise, **names, repairs=repairs, encoding=encoding)
    read = read_csv if chosen is Format.CSV else read_folders
    return read(path, tokenise, layer=layer or "category", encoding=encoding)
