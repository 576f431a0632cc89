"""The numbers of the library's own two models of the base task, human numbers; the lesson's six are
in `ladder`.
"""

from seqlabel.nn.network_configs import LanguageModelConfig, PointerConfig


def human_numbers_config(vocabulary: int) -> LanguageModelConfig:
    """Return the numbers of the library's own model of the base task.

    It has two layers of 64 GRU units, and embeddings tied to the output.

    Args:
        vocabulary: The number of words.

    Returns:
        The numbers of the model.
    """
    return LanguageModelConfig(vocabulary=vocabulary, embedding=64, hidden=64)


def copying_config(vocabulary: int) -> LanguageModelConfig:
    """Return the numbers of the best model of the base task.

    It has two layers of 128 GRU units and a pointer into the last 60 words.

    Args:
        vocabulary: The number of words.

    Returns:
        The numbers of the model.
    """
    return LanguageModelConfig(
        vocabulary=vocabulary, embedding=128, hidden=128, pointer=PointerConfig()
    )
