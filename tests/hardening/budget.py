"""How many examples hypothesis draws: a few in the suite, the same ones each time, and many in slow
tests.
"""

import pytest
from hypothesis import HealthCheck, Phase, settings

_CHECKS = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]

# Without shrinking: a failure in the suite is told at once, and the slow test makes it small.
FEW = settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=_CHECKS,
)
MANY = settings(
    max_examples=1500,
    deadline=None,
    derandomize=False,
    database=None,
    suppress_health_check=_CHECKS,
)


def budgets(*, few=4, many=1500):
    """Give a test the argument `budget`, a decorator of its property: few examples in the suite,
    many in slow tests.
    """
    small, large = settings(FEW, max_examples=few), settings(MANY, max_examples=many)
    return pytest.mark.parametrize(
        "budget",
        [pytest.param(small, id="few"), pytest.param(large, id="many", marks=pytest.mark.slow)],
    )
