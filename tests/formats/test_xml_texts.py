"""XML is checked by a parser, and its pieces are those that another reader of XML finds."""

from xml.etree import ElementTree

import pytest

from seqlabel.formats.xml_texts import NotXmlError, aside, attributes, decoded, pieces_of, tokens

RAW = (
    "<?xml version='1.0'?><!-- Ann --><a b='1 &gt; 0' c = \"it's\"><?do Lee?>x &amp; "
    "<![CDATA[y < z]]><d/>&#90;</a>"
)


def test_tokens_are_those_that_a_parser_finds():
    found = list(tokens(RAW))
    shown = "".join(
        piece.text for one in found if one.kind in ("text", "data") for piece in pieces_of(RAW, one)
    )
    root = ElementTree.fromstring(RAW)
    assert shown == "".join(root.itertext())
    start = next(one for one in found if one.kind == "start")
    assert {one.name: one.text for one in attributes(RAW, start)} == root.attrib
    asides = [one for one in found if one.kind in ("comment", "instruction")]
    assert [aside(RAW, one, "").text for one in asides] == [" Ann ", "do Lee"]
    assert "".join(RAW[one.start : one.end] for one in found) == RAW.removeprefix(
        "<?xml version='1.0'?>"
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1"])
def test_bytes_are_decoded_as_they_say(encoding):
    raw = f"<?xml version='1.0' encoding='{encoding}'?><a>Zo\u00eb</a>"
    text, used = decoded(raw.encode(encoding))
    assert (text, text.encode(used)) == (raw, raw.encode(encoding))


@pytest.mark.parametrize(
    "raw", [b"", b"<a>", b"<a", b"<a b=1/>", b"<!DOCTYPE a><a/>", b"<a>\xff</a>", b"<a>&b;</a>"]
)
def test_what_is_not_xml_or_has_a_document_type_is_refused(raw):
    with pytest.raises(NotXmlError):
        decoded(raw)
