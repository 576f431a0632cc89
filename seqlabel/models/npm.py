"""A labeler as a package of npm, with its weights inside, for Node.js and browsers; what runs it is in `exported/`."""

from pathlib import Path

from pydantic import TypeAdapter

from seqlabel.errors import OptionError
from seqlabel.io.files import write_json
from seqlabel.io.folders import replace_folder
from seqlabel.models.export import LABELS, RULES, VOCABULARY, write_parts
from seqlabel.models.folders import WEIGHTS, ModelKind, StoredModel
from seqlabel.models.model_configs import LabelerConfig
from seqlabel.models.tagging.labeler import stored_reader
from seqlabel.models.tagging.native import arrays_of
from seqlabel.text.vocabulary import Vocabulary

_SCRIPTS = ("run.mjs", "words.mjs", "judging.mjs", "network.mjs", "steps.mjs", "simd.mjs")
_INDEX = """\
/** Loads the labeler of this package; see `index.d.ts`. */
import { runtime } from "./network.mjs";
import { Model } from "./run.mjs";

export async function load() {
  const here = new URL("./", import.meta.url);
  const folder = here.protocol === "file:" ? (await import("node:url")).fileURLToPath(here) : here.href;
  return Model.load(folder, runtime, "model.safetensors");
}
"""
_TYPES = """\
/** A text with its labels; offsets are half-open, in units of UTF-16. */
export interface Labelled {
  text: string;
  tokens: [start: number, end: number][];
  tags: Record<string, string[]>;
  spans: Record<string, [start: number, end: number, label: string][]>;
}

export interface Labeler {
  label(text: string): Promise<Labelled>;
}

/** Load the labeler, whose weights are in this package. */
export function load(): Promise<Labeler>;
"""
_README = """\
# {name}

A labeler of words, with its weights, by seqlabel. It runs where it is installed and sends nothing.

```js
import {{ load }} from "{name}";

const labeler = await load();
console.log(await labeler.label("Ann Lee wrote to Ben."));
```

Node.js 20 or later, and browsers, where the package's files are served as they are. A page or extension with a security
policy allows `'wasm-unsafe-eval'`; without it, and without SIMD, plain JavaScript does the same, more slowly. The
weights that ship with seqlabel have the licence CC BY-SA 4.0.
"""
NPM_PARTS = ("package.json", "index.mjs", "index.d.ts", "README.md", *_SCRIPTS, LABELS, VOCABULARY, RULES, WEIGHTS)
"""The files of a package."""


def write_npm_package(folder: Path | str, model: Path | str, *, name: str = "seqlabel-model") -> Path:
    """Write a labeler as a package that `npm pack` and `npm install` take.

    Args:
        folder: The folder; an earlier package there is replaced.
        model: The folder of a labeler of English words, or the name of one that ships.
        name: The name of the package.

    Returns:
        The folder.

    Raises:
        CheckpointError: The labeler is missing or damaged.
        OptionError: It is of another kind, or the folder holds other files.
    """
    stored = StoredModel(model, ModelKind.LABELER)
    config = stored.config(TypeAdapter(LabelerConfig))
    arrays, vocabulary = arrays_of(config, stored.data), stored.vocabulary()
    if arrays is None or not isinstance(vocabulary, Vocabulary) or config.language != "en":
        raise OptionError(
            f"{stored.folder}: expected a labeler of English words, as en_pii is, got another kind. Train one of these."
        )
    weights = {key: array.astype("float32") for key, array in arrays.items() if key.startswith("heads.")}
    about = {
        "name": name,
        "version": "1.0.0",
        "description": "A labeler of words, with its weights, by seqlabel.",
        "type": "module",
        "exports": {".": {"types": "./index.d.ts", "default": "./index.mjs"}},
        "types": "./index.d.ts",
        "files": list(NPM_PARTS[1:]),
        "engines": {"node": ">=20"},
    }
    with replace_folder(Path(folder), holds=NPM_PARTS) as beside:
        write_parts(beside, config, vocabulary, weights, stored_reader(stored, config), scripts=_SCRIPTS)
        (beside / WEIGHTS).write_bytes(stored.data)
        write_json(beside / "package.json", about)
        for file, text in {"index.mjs": _INDEX, "index.d.ts": _TYPES, "README.md": _README.format(name=name)}.items():
            (beside / file).write_text(text, encoding="utf-8")
    return Path(folder)
