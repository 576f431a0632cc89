"""The text classifier: gold categories that are learnt, missing or refused."""

import pytest
from thinc.api import Adam

from seqlabel.errors import DataError
from tests.spacy_models import blank, equal, examples, weights


class TestGoldCategories:
    @pytest.fixture
    def nlp(self, encoder):
        nlp = blank(encoder, "seqlabel_textcat")
        nlp.get_pipe("seqlabel_textcat").initialize(
            lambda: examples(nlp), nlp=nlp, labels=["A", "B"]
        )
        return nlp

    def learn(self, nlp, *cats):
        data = examples(nlp, len(cats))
        for example, gold in zip(data, cats, strict=True):
            example.reference.cats = gold
        return nlp.update(data, sgd=Adam(0.02, L2=0.0))["seqlabel_textcat"]

    def test_the_one_that_is_1_is_learnt(self, nlp):
        for _ in range(20):
            self.learn(nlp, *[{"A": 0.0, "B": 1.0}, {"B": 1.0}, {"B": True}] * 4)
        assert nlp("Ann left.").cats["B"] > 0.9
        assert not nlp.get_pipe("seqlabel_textcat").repairs

    def test_zeros_alone_are_missing_gold_and_counted(self, nlp):
        before = weights(nlp, "seqlabel_textcat")
        with pytest.warns(
            UserWarning,
            match=r"seqlabel_textcat: .* so far: Docs without a category that is 1: 2\. ",
        ):
            assert self.learn(nlp, {"A": 0.0}, {"A": 0.0, "B": 0.0}, {}) == 0.0
        assert equal(before, weights(nlp, "seqlabel_textcat"))
        assert nlp.get_pipe("seqlabel_textcat").repairs.undecided == 2

    @pytest.mark.parametrize(
        ("cats", "named"),
        [
            ({"A": 1.0, "B": 1.0}, "'A' and 'B'"),
            ({"A": 0.4, "B": 0.3}, "0.4"),
            ({"A": 0.4, "B": 1.0}, "0.4"),
            ({"A": 2.0}, "2.0"),
        ],
    )
    def test_contradicting_categories_are_refused(self, nlp, cats, named):
        with pytest.raises(DataError, match=f"^seqlabel_textcat: .*{named}"):
            self.learn(nlp, cats)
