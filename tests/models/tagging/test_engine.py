"""The numbers in which a labeler multiplies: those asked for, or those that the processor is quick
with.
"""

from seqlabel.models.tagging import engine
from seqlabel.models.tagging.engine import Arithmetic
from seqlabel.native.compiled import Level


def test_the_compiled_steps_label_where_they_are_fast_or_asked_for(monkeypatch):
    for level in Level:
        monkeypatch.setattr(engine, "LEVEL", level)
        monkeypatch.setattr(engine, "FAST", level > Level.PORTABLE)
        assert not Arithmetic.FLOAT32.is_compiled
        assert Arithmetic.INT8.is_compiled is (level is not Level.MISSING)
        assert Arithmetic.AUTO.is_compiled is (level > Level.PORTABLE)
