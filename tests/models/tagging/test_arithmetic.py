"""The numbers in which a labeler multiplies: those asked for, or those that the processor is quick with."""

from seqlabel.models.tagging.engine import Arithmetic


def test_the_arithmetic_is_that_asked_for_or_that_of_the_processor(monkeypatch):
    assert Arithmetic.FLOAT32.chosen() is Arithmetic.FLOAT32
    assert Arithmetic.INT8.chosen() is Arithmetic.INT8
    for fits, fast in ((True, False), (False, True), (False, False)):
        monkeypatch.setattr("seqlabel.nn.integers.multiplies_integers", lambda fits=fits: fits)
        monkeypatch.setattr("seqlabel.models.tagging.engine.FAST", fast)
        assert Arithmetic.AUTO.chosen() is (Arithmetic.INT8 if fits or fast else Arithmetic.FLOAT32)
