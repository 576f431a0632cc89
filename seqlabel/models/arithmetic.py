"""In which numbers a labeler multiplies; the products are in `seqlabel.native` and `seqlabel.nn.integers`."""

from enum import StrEnum
from typing import TYPE_CHECKING

from seqlabel.names import LateModule
from seqlabel.native.compiled import FAST

if TYPE_CHECKING:
    from seqlabel.nn import integers
else:
    integers = LateModule("seqlabel.nn.integers")


class Arithmetic(StrEnum):
    """In which numbers a labeler multiplies states and weights; the weights themselves stay float32."""

    AUTO = "auto"
    """`int8` with fast compiled steps, and where torch has instructions for it (AVX-512 VNNI, AMX), else `float32`."""
    FLOAT32 = "float32"
    INT8 = "int8"
    """8-bit integers, a scale for each row of weights (Jacob et al. 2018); all else is float32."""

    def chosen(self) -> "Arithmetic":
        """Say what `AUTO` is on this machine.

        Returns:
            `INT8` or `FLOAT32`; the others are themselves.
        """
        if self is not Arithmetic.AUTO:
            return self
        return Arithmetic.INT8 if FAST or integers.multiplies_integers() else Arithmetic.FLOAT32
