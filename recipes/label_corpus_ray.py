"""Find private data in a corpus of Parquet files on Ray, and replace it: on a laptop or, unchanged,
on a cluster.

    pip install "seqlabel-light[parquet]" "ray[data]>=2.40" "pandas>=2.2"
    python recipes/label_corpus_ray.py corpus/ redacted/ --column text --workers 2

Reads a folder of Parquet files with a column of texts, and writes one with the same columns, in
which private values of that column are replaced, and a column `private` with the label, place and
probability of each. Each worker loads the model once. Blocks are bounded in bytes, so about in
words, whatever the lengths of texts; a worker that dies is started again and rereads its block,
so that every row is written once. Start it on a cluster with `ray job submit`, or set
`RAY_ADDRESS`. Blocks that do not fit into memory are spilled to Ray's folder on disk, with the
private text in them: keep that folder (`RAY_TMPDIR`) as safe as the corpus.
"""

import os
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import pyarrow as pa
from typer import Argument, Option

from seqlabel import OptionError, PrivateFinder
from seqlabel.commands import run
from seqlabel.privacy import find_in_column, redact_column
from seqlabel.privacy.replacing.policies import policy_named

if TYPE_CHECKING:
    import ray.data

WORKER = 0.5
"""Of a core: Ray's own tasks, which list, read, replace and write, need the rest, or workers would
wait for ever.
"""
TYPES = {
    "start": pa.int64(),
    "end": pa.int64(),
    "label": pa.string(),
    "score": pa.float64(),
    "source": pa.string(),
}
SPAN = pa.struct(list(TYPES.items()))


class Find:
    """A worker: the model, and what it does with a block."""

    def __init__(self, model: str, column: str) -> None:
        self._finder = PrivateFinder.load(model)
        self._column = column

    def __call__(self, block: pa.Table) -> pa.Table:
        found = find_in_column(
            block[self._column].to_pylist(), finder=self._finder, name=self._column
        )
        return block.append_column("private", pa.array(found, pa.list_(SPAN)))


def replaced(block: pa.Table, column: str, policy: str) -> pa.Table:
    """The second stage, which needs no model."""
    texts = redact_column(
        block[column].to_pylist(), block["private"].to_pylist(), policy_named(policy)
    )
    return block.set_column(
        block.schema.get_field_index(column), column, pa.array(texts, pa.large_string())
    )


def redacted(
    corpus: "ray.data.Dataset", worker: type[Find], settings: "Settings"
) -> "ray.data.Dataset":
    """Both stages; nothing runs before the result is written."""
    import ray.data

    found = corpus.map_batches(
        worker,
        fn_constructor_kwargs={"model": settings.model, "column": settings.column},
        batch_format="pyarrow",
        batch_size=None,
        zero_copy_batch=True,
        compute=ray.data.ActorPoolStrategy(size=settings.workers),
        num_cpus=WORKER,
    )
    second = partial(replaced, column=settings.column, policy=settings.policy)
    return found.map_batches(second, batch_format="pyarrow", batch_size=None)


@dataclass(frozen=True)
class Settings:
    corpus: Annotated[Path, Argument(help="Folder of Parquet files.")]
    output: Annotated[Path, Argument(help="Folder to write; it must be new or empty.")]
    column: Annotated[str, Option(help="Column of texts.")] = "text"
    model: Annotated[str, Option(help="Folder or name of a labeler of private data.")] = "en_pii"
    policy: Annotated[
        str, Option(help="What replaces private values: replace, remove or mask.")
    ] = "replace"
    workers: Annotated[
        int, Option(min=1, help="Workers with the model, as many as there are cores.")
    ] = 2
    megabytes: Annotated[
        int, Option(min=1, help="About how much is read at once, and reread if a worker dies.")
    ] = 8


def main(settings: Settings, worker: type[Find] = Find) -> None:
    """Redact a corpus and print rows and seconds."""
    import ray

    policy_named(settings.policy)
    if settings.output.exists() and any(settings.output.iterdir()):
        raise OptionError(f"{settings.output}: Found files. Give a new folder.")
    # Several workers on a machine share its cores; each has one.
    os.environ["OMP_NUM_THREADS"] = "1"
    ray.init(include_dashboard=False, log_to_driver=False, ignore_reinit_error=True)
    ray.data.DataContext.get_current().target_max_block_size = settings.megabytes << 20
    began = time.perf_counter()
    corpus = ray.data.read_parquet(str(settings.corpus.resolve()))
    redacted(corpus, worker, settings).write_parquet(str(settings.output.resolve()))
    print(
        f"{corpus.count():,} rows in {time.perf_counter() - began:.1f} s → {settings.output}",
        flush=True,
    )


if __name__ == "__main__":
    run(main, Settings)
