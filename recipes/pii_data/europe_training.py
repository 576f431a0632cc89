"""What a labeler of private data in several languages is trained on and starts from, and its figures by language."""

import random
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from seqlabel import Document, PrivateFinder, Tags, Vocabulary, WordLanguageModel
from seqlabel.formats import read_conllu
from seqlabel.nn import english_config
from seqlabel.nn.layers import seeded
from seqlabel.privacy.finding.finder import LAYER

from .by_hand import hand_written, hand_written_in
from .common_words import common_texts
from .corpora import FINE, treebank
from .europe import LANGUAGES, Language, generate_european
from .generator import Style, generate
from .measuring import alarms, documents, figures_of
from .mixing import joined, recased
from .splits import Split

RAREST = 4
"""How often a word that is not private stands in the training texts before it has a vector of its own."""
MOST_WORDS = 20_000
_ROWS = "encoder.embedder.table.weight"
_HEADS = ("forward_head.", "backward_head.")


def training_documents(
    data: Path, *, texts: int, common: int, styles: Collection[Style], split: Split, seed: int
) -> tuple[list[Document], list[Document]]:
    """Documents to train on, and apart from them some of the same styles to choose the epoch on.

    Beside the generated texts and `common` texts of common words for each language, the English Web Treebank with its
    entities and the dev sentences of German GSD are read. What may be private in these is left open, in German every
    proper noun and every word with a digit.
    """
    chance = random.Random(seed)
    generated = documents(generate_european(texts, seed=seed, split=split, styles=styles))
    # English has more styles, and so more to learn from.
    generated += documents(generate(texts // len(LANGUAGES), seed=seed + 1, split=split, styles=styles))
    chance.shuffle(generated)
    train, dev = generated[: -texts // 25], generated[-texts // 25 :]
    for language in LANGUAGES:
        train += documents(common_texts(common, seed=seed, split=split, language=language))
    train += recased(treebank(data, "train", gold=False), chance, lower=0.15, upper=0.03)
    train += recased(german(data, "dev"), chance, lower=0.15, upper=0.03)
    train = joined(train, chance)
    print(f"{len(train):,} documents to train on, {sum(map(len, train)):,} words", flush=True)
    return train, dev


def german(data: Path, part: str) -> Iterator[Document]:
    """Sentences of German GSD on fine words: tags of words that are not private, None where a word may be."""
    for sentence in read_conllu(data / "ud_german_gsd" / f"de_gsd-ud-{part}.conllu"):
        tagged = zip(sentence.offsets, sentence.words, sentence.tags["upos"].labels, strict=True)
        open_places = {
            place
            for (start, end), word, tag in tagged
            if tag in ("PROPN", "X") or any(sign.isdigit() or sign in "@/_" for sign in word)
            for place in range(start, end)
        }
        document = FINE(sentence.text)
        labels = (None if start in open_places else "O" for start, _ in document.offsets)
        yield replace(document, tags={LAYER: Tags(tuple(labels))})


def clean_german(data: Path) -> list[Document]:
    """Test sentences of German GSD without proper nouns and numbers: all that is found in them is a false alarm."""
    return [document for document in german(data, "test") if None not in document.tags[LAYER].labels]


def frequent_words(train: Sequence[Document]) -> list[str]:
    """Words that get vectors of their own: frequent ones that are not private, so that no name is learnt by heart."""
    counts = Counter(
        word
        for document in train
        for word, tag in zip(document.words, document.tags[LAYER].labels, strict=True)
        if tag == "O" and not any(map(str.isdigit, word)) and len(word) < 24
    )
    return [word for word, count in counts.most_common(MOST_WORDS) if count >= RAREST]


def started_on(encoder: WordLanguageModel, words: Collection[str], *, seed: int) -> WordLanguageModel:
    """Build a pair with other frequent words on the weights of one that has read text.

    Its layers and its vectors of character n-grams are the encoder's, and so are the vectors of the words that both
    have. A new word begins with a vector of zeros, as one that is known by its n-grams alone.
    """
    vocabulary = Vocabulary.from_words(sorted(words))
    cutoffs = english_config(len(vocabulary)).cutoffs
    with seeded(seed):
        pair = WordLanguageModel(replace(encoder.config, words=len(vocabulary), cutoffs=cutoffs), vocabulary)
    taken = encoder.module.state_dict()
    vectors, known = taken[_ROWS], encoder.vocabulary
    with torch.no_grad():
        for name, values in pair.module.state_dict().items():
            if name.startswith(_HEADS):
                continue
            if name != _ROWS:
                values.copy_(taken[name])
                continue
            for number, word in enumerate(vocabulary):
                values[number] = vectors[known.id(word)] if word in known else 0.0
    return pair


def held_out() -> list[Document]:
    """The texts written by hand for developing, in all languages."""
    texts = [text for language in LANGUAGES for text in _by_hand(language)]
    return documents(texts)


def _by_hand(language: Language) -> list[tuple[str, list[tuple[int, int, str]]]]:
    return list(hand_written("dev") if language is Language.EN else hand_written_in(language))


def _sums(finder: PrivateFinder, gold: Sequence[Document]) -> dict[str, Any]:
    """The figures of all kinds together."""
    figures = figures_of(finder, gold)
    return {name: figures[name] for name in ("private_words", "private_spans", "exact", "partial")}


def measure_languages(
    data: Path, finder: PrivateFinder, *, texts: int, styles: Collection[Style], languages: Collection[Language]
) -> dict[str, Any]:
    """All figures by language: of generated texts of the testing half, of the texts by hand, and on clean German."""
    found: dict[str, Any] = {"generated": {}, "written": {}}
    for language in languages:
        gold = generate_european(texts, seed=9, split=Split.TEST, styles=styles, languages=[language])
        found["generated"][str(language)] = _sums(finder, documents(gold))
        found["written"][str(language)] = _sums(finder, documents(_by_hand(language)))
    return {**found, "clean_german": alarms(finder, clean_german(data))}
