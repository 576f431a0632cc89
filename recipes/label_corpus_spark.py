"""Find private data in a corpus of Parquet files on Spark, and replace it: on a laptop or,
unchanged, on a cluster.

    pip install seqlabel-light "pyspark>=4.0" "pandas>=2.2" "pyarrow>=18.0"          # and Java 17
    python recipes/label_corpus_spark.py corpus/ redacted/ --column text
    spark-submit --master yarn recipes/label_corpus_spark.py hdfs:///corpus hdfs:///redacted \
        --column text

Reads a folder of Parquet files with a column of texts, and writes one with the same columns, in
which private values of that column are replaced, and a column `private` with the label, place and
probability of each. A worker loads the model once for each partition. Spark reruns the task of a
worker that dies, and keeps the output of finished tasks only. Data that are shuffled or
spilled, though none are here, would lie in `spark.local.dir` with the private text in them.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from seqlabel import PrivateFinder
from seqlabel.commands import run
from seqlabel.privacy import find_in_column, redact_column
from seqlabel.privacy.replacing.policies import policy_named

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.sql import DataFrame

SPANS = "array<struct<start:bigint,end:bigint,label:string,score:double,source:string>>"


def redacted_frames(
    frames: Iterable["pd.DataFrame"], *, model: str, column: str, policy: str
) -> Iterator["pd.DataFrame"]:
    """What a worker does with the batches of a partition."""
    finder = PrivateFinder.load(model)
    for frame in frames:
        texts = frame[column].tolist()
        found = find_in_column(texts, finder=finder, name=column)
        yield frame.assign(
            **{column: redact_column(texts, found, policy_named(policy)), "private": found}
        )


def redacted(corpus: "DataFrame", settings: "Settings") -> "DataFrame":
    """The corpus without private values; nothing runs before it is written."""
    work = partial(
        redacted_frames, model=settings.model, column=settings.column, policy=settings.policy
    )
    names = ", ".join(
        f"`{field.name}` {field.dataType.simpleString()}" for field in corpus.schema.fields
    )
    return corpus.mapInPandas(work, f"{names}, `private` {SPANS}")


@dataclass(frozen=True)
class Settings:
    corpus: Annotated[str, Argument(help="Folder of Parquet files.")]
    output: Annotated[str, Argument(help="Folder to write; it must be new.")]
    column: Annotated[str, Option(help="Column of texts.")] = "text"
    model: Annotated[str, Option(help="Folder or name of a labeler of private data.")] = "en_pii"
    policy: Annotated[
        str, Option(help="What replaces private values: replace, remove or mask.")
    ] = "replace"
    rows: Annotated[int, Option(min=1, help="Rows that a worker reads at once.")] = 1_000


def main(settings: Settings) -> None:
    """Redact a corpus and print rows and seconds."""
    from pyspark.sql import SparkSession

    policy_named(settings.policy)
    builder = SparkSession.builder.appName("seqlabel").config(
        "spark.executorEnv.OMP_NUM_THREADS", "1"
    )
    spark = builder.config(
        "spark.sql.execution.arrow.maxRecordsPerBatch", settings.rows
    ).getOrCreate()
    began = time.perf_counter()
    corpus = spark.read.parquet(settings.corpus)
    redacted(corpus, settings).write.parquet(settings.output)
    print(
        f"{corpus.count():,} rows in {time.perf_counter() - began:.1f} s → {settings.output}",
        flush=True,
    )


if __name__ == "__main__":
    run(main, Settings)
