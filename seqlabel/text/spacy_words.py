"""The words that spaCy's tokenizers find; which tokeniser a text gets is in `tokenizers`."""

from collections.abc import Callable
from pkgutil import iter_modules

import spacy
import spacy.lang
from spacy.tokens import Doc

from seqlabel.documents.document import Document
from seqlabel.errors import OptionError


def tokenize(tokenizer: Callable[[str], Doc], text: str) -> Document:
    """Find the words of a text with a spaCy tokeniser.

    Args:
        tokenizer: The tokeniser of a pipeline.
        text: The text.

    Returns:
        A document of the tokens, without those that are white space.
    """
    words = [token for token in tokenizer(text) if not token.is_space]
    return Document(text, tuple((word.idx, word.idx + len(word)) for word in words))


_MOST_STRINGS = 1 << 15


class SpacyWords:
    """Finds the words of a text with spaCy's tokeniser for a language.

    spaCy keeps every different word that it meets, about 0.5 KB each; after 32,768 strings its
    tokeniser is made again, so that memory stays bounded on any text. Threads may share it.

    Args:
        language: spaCy's code of the language.

    Raises:
        OptionError: For a language that spaCy does not know, or for which it needs a package that
            is not installed.
    """

    def __init__(self, language: str) -> None:
        self._language = language
        try:
            self._nlp = spacy.blank(language)
        except ImportError as error:
            known = sorted(
                module.name for module in iter_modules(spacy.lang.__path__) if module.ispkg
            )
            if language in known:
                reason = " ".join(str(error).split())
                raise OptionError(
                    f"language: spaCy needs another package for {language!r}. {reason}"
                ) from error
            codes = ", ".join(known)
            raise OptionError(
                f"language: spaCy has no {language!r}. Pass 'xx' for any language, or one of "
                f"its codes: {codes}."
            ) from error
        # spaCy takes 'fin' for 'fi', which encoders have read by its own code alone.
        if self._nlp.lang != language:
            raise OptionError(
                f"language: expected {self._nlp.lang!r}, spaCy's code of the language, got "
                f"{language!r}."
            )

    def __call__(self, text: str) -> tuple[tuple[int, int], ...]:
        """Find the words of a text.

        Args:
            text: The text.

        Returns:
            The half-open character offsets of the words.
        """
        nlp = self._nlp
        offsets = tokenize(nlp.tokenizer, text).offsets
        if len(nlp.vocab.strings) > _MOST_STRINGS:
            # Another one, not this one emptied: another thread may still use it.
            self._nlp = spacy.blank(self._language)
        return offsets
