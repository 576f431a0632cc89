"""The corpus of the base task, the numbers 1 to 9,999 in English words, generated when asked for;
no models.

Training numbers are 1 to 7,999 and validation numbers 8,001 to 9,999; 8,000 is in neither. Numbers
are written without "and" and without hyphens, joined by a comma that is a word of its own, after
one `xxbos`. The task and its split come from fast.ai's lesson on recurrent networks (Howard and
Gugger, "Deep Learning for Coders", chapter 12).
"""

from collections.abc import Iterable, Sequence

from seqlabel.text.vocabulary import START, Vocabulary

TRAIN_NUMBERS = range(1, 8000)
VALID_NUMBERS = range(8001, 10000)
SEPARATOR = ","
ROLES = (
    "thousands digit",
    "hundreds digit",
    "tens, teens, units",
    "thousand",
    "hundred",
    SEPARATOR,
)
"""The part of a word in its number."""

_UNITS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = (
    "ten",
    "eleven",
    "twelve",
    *(f"{stem}teen" for stem in ("thir", "four", "fif", "six", "seven", "eigh", "nine")),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def number_words(number: int) -> list[str]:
    """Return the English words of a number, without "and" and without hyphens.

    Args:
        number: From 1 to 9,999.

    Returns:
        The words.

    Raises:
        ValueError: The number is out of range.

    Example:
        >>> number_words(4021)
        ['four', 'thousand', 'twenty', 'one']
    """
    if not 1 <= number <= 9999:
        raise ValueError(f"number: expected 1 to 9,999, got {number}.")
    thousands, remainder = divmod(number, 1000)
    hundreds, remainder = divmod(remainder, 100)
    words = []
    if thousands:
        words += [_UNITS[thousands - 1], "thousand"]
    if hundreds:
        words += [_UNITS[hundreds - 1], "hundred"]
    if remainder >= 20:
        words.append(_TENS[remainder // 10 - 2])
        remainder %= 10
    if remainder >= 10:
        words.append(_TEENS[remainder - 10])
    elif remainder:
        words.append(_UNITS[remainder - 1])
    return words


def corpus_words(numbers: Iterable[int]) -> list[str]:
    """Return the corpus of some numbers.

    Args:
        numbers: Numbers from 1 to 9,999, in the order of the corpus.

    Returns:
        `xxbos`, then the words of each number, with a `,` between two numbers.

    Example:
        >>> corpus_words([1, 22])
        ['xxbos', 'one', ',', 'twenty', 'two']
    """
    words = [START]
    for number in numbers:
        if len(words) > 1:
            words.append(SEPARATOR)
        words += number_words(number)
    return words


def train_words() -> list[str]:
    """Return the training corpus, the numbers 1 to 7,999.

    Returns:
        50,079 words.
    """
    return corpus_words(TRAIN_NUMBERS)


def valid_words() -> list[str]:
    """Return the validation corpus, the numbers 8,001 to 9,999.

    Returns:
        13,017 words.
    """
    return corpus_words(VALID_NUMBERS)


def vocabulary() -> Vocabulary:
    """Return the vocabulary of the task.

    Returns:
        39 words: nine special ones, then the words of the training corpus by falling frequency.
    """
    return Vocabulary.from_words(train_words())


def roles(words: Sequence[str]) -> list[int]:
    """Return what each word says of its number; what follows a digit says what it counts.

    Args:
        words: Words of the corpus.

    Returns:
        For each word an index into `ROLES`.

    Example:
        >>> [ROLES[role] for role in roles(["nine", "thousand", "ninety", "one", ","])]
        ['thousands digit', 'thousand', 'tens, teens, units', 'tens, teens, units', ',']
    """
    following = {"thousand": 0, "hundred": 1}
    return [
        ROLES.index(word) if word in ROLES else following.get(after, 2)
        for word, after in zip(words, [*words[1:], SEPARATOR], strict=True)
    ]
