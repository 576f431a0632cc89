"""The format of packed Docs is its reader and its writer, and needs spaCy only when it is used."""

import subprocess
import sys

from seqlabel.formats.any_format import read_documents
from seqlabel.formats.docbin import DOCBIN
from seqlabel.formats.reading import ReadOptions
from tests.formats.labeled import DOCUMENT


def test_what_is_written_is_read_back(tmp_path):
    (tmp_path / "a.spacy").write_bytes(b"".join(DOCBIN.write([(DOCUMENT, {})] * 2)))
    found = list(DOCBIN.read(tmp_path / "a.spacy", ReadOptions()))
    assert found == list(read_documents(tmp_path / "a.spacy"))
    assert [one.spans["ner"].spans for one in found] == [DOCUMENT.spans["ner"].spans] * 2
    assert [text.content for text in DOCBIN.texts(tmp_path / "a.spacy", ReadOptions())] == found


def test_the_list_of_formats_needs_neither_spacy_nor_torch():
    code = (
        "import sys, seqlabel.formats.any_format; print({'spacy', 'torch', 'pyarrow'} & "
        "sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
