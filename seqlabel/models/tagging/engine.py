"""The numbers that a labeler multiplies in, and the kinds of engines, which are in `native` and
`torch_engine`.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from seqlabel.native.compiled import FAST, LEVEL, Level

Spelling = Callable[[Any], str]
"""The text of a word's key: `str` where words are their own keys."""


class Arithmetic(StrEnum):
    """In which numbers a labeler multiplies states and weights; the weights themselves stay
    float32.
    """

    AUTO = "auto"
    """On a CPU `int8` where the compiled steps are fast, else `float32`; on a GPU with tensor cores
    float16.
    """
    FLOAT32 = "float32"
    """By torch."""
    INT8 = "int8"
    """8-bit integers, a scale for each row of weights (Jacob et al. 2018), by the compiled steps;
    all else is float32.

    Labelers that the compiled steps do not read multiply in float32, as all do where there are no
    compiled steps.
    """

    @property
    def is_compiled(self) -> bool:
        """Whether the compiled steps label here, if they read the labeler."""
        return (
            FAST
            if self is Arithmetic.AUTO
            else self is Arithmetic.INT8 and LEVEL is not Level.MISSING
        )


class EngineKind(StrEnum):
    """The code that computes labels."""

    COMPILED = "compiled"
    """The compiled steps of `seqlabel.native`, on NumPy arrays; torch is not needed."""
    TORCH = "torch"
