"""The words, features and spans that an exported model finds by itself, against the library's."""

import json
import random
import runpy
import shutil

import pytest

from seqlabel.io.files import read_json, write_json
from seqlabel.models.export import LIBRARY_PARTS
from seqlabel.native.hashing import hash_words
from seqlabel.text.hashing import WordHasher
from seqlabel.text.tokenizers import Tokenizer, Words
from tests.models.exported.node import needs_node, run_code
from tests.models.exported.odd_words import ODD
from tests.test_architecture import FOLDER

LOOK_UP = """
import { readFileSync } from "node:fs";
const { Vocabulary } = await import(process.argv[1]);
const { known, asked } = JSON.parse(readFileSync(0, "utf8"));
const vocabulary = new Vocabulary(readFileSync("vocabulary.json"));
console.log(JSON.stringify([known, asked].map((words) => words.map((word) => vocabulary.get(word) ?? null))));
"""  # noqa: E501


@needs_node
def test_javascript_finds_the_numbers_of_words_in_the_bytes_of_their_list(tmp_path):
    odd = ['"', "\\", '\\"', "\t\x01", "", "\U0001f600", "é", "xxunk", *ODD]
    known = list(dict.fromkeys([*odd, *map(str, range(3000))]))
    asked = ["3000", "e", '"\\', "\U0001f601", "30001", ","]
    assert not set(known) & set(asked)
    write_json(tmp_path / "vocabulary.json", known)
    script = FOLDER / "models" / "exported" / "words.mjs"
    given = json.dumps({"known": known, "asked": asked})
    (line,) = run_code(LOOK_UP, script, given=given, cwd=tmp_path)
    assert json.loads(line) == [list(range(len(known))), [None] * len(asked)]


@pytest.mark.parametrize("words", [Words.SPACY, Words.FINE])
def test_the_script_cuts_and_hashes_as_the_library_does(words, tmp_path):
    scripts = (
        FOLDER / "models" / "exported" / "words.py",
        *(FOLDER / "text" / name for name in LIBRARY_PARTS),
    )
    for script in scripts:
        shutil.copy(script, tmp_path)
    script, features = (
        runpy.run_path(str(tmp_path / name)) for name in ("words.py", "features.py")
    )
    rules = read_json(FOLDER / "text" / "english.json")
    cut, tokenize = script["EnglishWords"](rules, fine=words is Words.FINE), Tokenizer("en", words)
    chance = random.Random(0)
    parts = [*rules["special"], *rules["inner"], *ODD]
    texts = ["".join(chance.choices(parts, k=chance.randint(1, 8))) for _ in range(600)]
    different = {}
    for text in texts:
        assert [tuple(pair) for pair in cut(text)] == list(tokenize(text).offsets)
        different |= dict.fromkeys(tokenize(text).words)
    hashed = hash_words(list(different), WordHasher(32768))
    for number, word in enumerate(different):
        ids = hashed.ids[hashed.offsets[number] : hashed.offsets[number + 1]].tolist()
        assert list(features["features"](word, 32768)) == ids
