"""A labeler as a package of npm, with its weights inside, for Node.js and browsers; what runs it is
in `exported/`.
"""

import re
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

/** The folder of this file, or the address where an application serves the package's files. */
async function folderOf(files) {
  const base = files === undefined ? import.meta.url : globalThis.location?.href;
  const folder = new URL(files ?? "./", base);
  if (folder.protocol !== "file:") return folder.href;
  const { fileURLToPath } = await import("node:url");
  return fileURLToPath(folder);
}

export async function load(files) {
  return Model.load(await folderOf(files), runtime, "model.safetensors");
}

export function redact({ text, spans }, layer = Object.keys(spans)[0]) {
  const pieces = [];
  let done = 0;
  for (const [start, end, label] of spans[layer] ?? []) {
    pieces.push(text.slice(done, start), `<${label}>`);
    done = end;
  }
  return pieces.join("") + text.slice(done);
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

/**
 * Load the labeler, whose weights are in this package. An application that is bundled copies the
 * package's `.json` and `.safetensors` files to a folder that it serves, and gives its address,
 * which ends with a slash.
 */
export function load(files?: string | URL): Promise<Labeler>;

/** Return the text, with the spans of a layer (default: the first) replaced by their labels. */
export function redact(labelled: Labelled, layer?: string): string;
"""
_README = """\
# {name}

A labeler of words, with its weights, by seqlabel. It runs where it is installed and sends nothing.

```js
import {{ load, redact }} from "{name}";

const labeler = await load();
const labelled = await labeler.label("Ann Lee wrote to Ben.");
console.log(labelled.spans, redact(labelled));
```

Node.js 20 or later, and browsers, where the package's files are served as they are. With a bundler
(esbuild, vite) copy the `.json` and `.safetensors` files of the package to a folder that your
application serves, such as `public/model/`, and load them with `load("/model/")`.

A page or extension with a security policy allows `'wasm-unsafe-eval'`; without it, and without
SIMD, plain JavaScript does the same, more slowly. The weights that ship with seqlabel have the
licence CC BY-SA 4.0.
"""
_ONLY_IN_NODE = (
    "node:fs",
    "node:fs/promises",
    "node:path",
    "node:readline",
    "node:url",
    "onnxruntime-node",
)
"""The modules that bundlers for browsers leave out."""
NPM_PARTS = (
    "package.json",
    "index.mjs",
    "index.d.ts",
    "README.md",
    *_SCRIPTS,
    LABELS,
    VOCABULARY,
    RULES,
    WEIGHTS,
)
"""The files of a package."""


_NAME = re.compile(r"(@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~-][a-z0-9._~-]*")
_LONGEST_NAME = 214


def write_npm_package(
    folder: Path | str, model: Path | str, *, name: str = "seqlabel-model"
) -> Path:
    """Write a labeler as a package that `npm pack` and `npm install` take.

    Args:
        folder: The folder; an earlier package there is replaced.
        model: The folder of a labeler of English words, or the name of one that ships.
        name: The name of the package, as npm takes it: small letters, digits, `-`, `.` and `_`,
            perhaps with a scope.

    Returns:
        The folder.

    Raises:
        CheckpointError: The labeler is missing or damaged.
        OptionError: It is of another kind, the folder holds other files, or npm takes no package of
            that name.
    """
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise OptionError(
            "name: expected a name that npm takes, such as private-values or @acme/private-values, "
            f"got {name!r}. Use small letters, digits, - . and _."
        )
    stored = StoredModel(model, ModelKind.LABELER)
    config = stored.config(TypeAdapter(LabelerConfig))
    arrays = arrays_of(config, stored.data)
    vocabulary = stored.vocabulary()
    if arrays is None or not isinstance(vocabulary, Vocabulary) or config.language != "en":
        raise OptionError(
            f"{stored.folder}: expected a labeler of English words, as en_pii is, got another "
            "kind. Train one of these."
        )
    weights = {
        key: array.astype("float32") for key, array in arrays.items() if key.startswith("heads.")
    }
    about = {
        "name": name,
        "version": "1.0.0",
        "description": "A labeler of words, with its weights, by seqlabel.",
        "type": "module",
        "exports": {".": {"types": "./index.d.ts", "default": "./index.mjs"}},
        "types": "./index.d.ts",
        "files": list(NPM_PARTS[1:]),
        "engines": {"node": ">=20"},
        "browser": dict.fromkeys(_ONLY_IN_NODE, False),
    }
    with replace_folder(Path(folder), holds=NPM_PARTS) as beside:
        write_parts(
            beside, config, vocabulary, weights, stored_reader(stored, config), scripts=_SCRIPTS
        )
        (beside / WEIGHTS).write_bytes(stored.data)
        write_json(beside / "package.json", about)
        for file, text in {
            "index.mjs": _INDEX,
            "index.d.ts": _TYPES,
            "README.md": _README.format(name=name),
        }.items():
            (beside / file).write_text(text, encoding="utf-8")
    return Path(folder)
