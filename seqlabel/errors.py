"""The errors that seqlabel raises for bad input; programming errors stay Python's own.

Every message says what was found, what is allowed and what to do, and for a file names the file and, where there is
one, the line. No message quotes text from the user's documents.
"""


class SeqlabelError(ValueError):
    """Anything that a user can correct: a file, a checkpoint, an option."""


class DataError(SeqlabelError):
    """A text, corpus or label file that cannot be used as it is."""


class CheckpointError(SeqlabelError):
    """A saved model or training state that is missing, damaged, or of another model."""


class OptionError(SeqlabelError):
    """An argument outside what is allowed."""


class TrainingError(SeqlabelError):
    """A training run that cannot continue, such as a loss that is no longer finite."""
