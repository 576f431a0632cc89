"""A table of the tokens of Docs holds what each Doc says alone, and writes to each its own part."""

import numpy as np
import pytest
import spacy
from spacy.attrs import LEMMA, ORTH, POS

from seqlabel.spacy.token_table import TokenTable

TEXTS = ["", "a b", " ", "c", "", "d e f"]


@pytest.mark.parametrize("read", [(ORTH,), (ORTH, POS, ORTH)])
def test_what_is_read_and_written_is_each_docs_own(read):
    nlp = spacy.blank("en")
    docs = [nlp(text) for text in TEXTS]
    table = TokenTable(docs, read)
    assert table.before(ORTH).tolist() == [token.orth for doc in docs for token in doc]
    assert [inside.stop - inside.start for inside in table.slices] == [len(doc) for doc in docs]
    table.put(LEMMA, table.before(ORTH))
    table.put_scores("key", np.arange(table.tokens, dtype=np.float32))
    table.write()
    assert [token.lemma_ for doc in docs for token in doc] == [
        token.text for doc in docs for token in doc
    ]
    assert [score for doc in docs for score in doc.user_data["key"]] == list(range(table.tokens))
    # A Doc that is kept does not keep the whole batch.
    assert all(doc.user_data["key"].base.size == len(doc) for doc in docs)


def test_a_table_of_no_docs_is_written():
    table = TokenTable([], (ORTH,))
    assert table.before(ORTH).shape == (0,)
    table.put(POS, table.before(ORTH))
    table.write()
