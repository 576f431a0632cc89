"""A corpus on Ray and on Spark: a row is written once, also where a worker was killed, and as one
process would.
"""

import os
import subprocess
import sys
import textwrap
from importlib.util import find_spec
from pathlib import Path
from shutil import which

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seqlabel import PrivateFinder, Replace, redact

ROOT = Path(__file__).parents[2]
ROWS, FILES = 60, 6
TEXTS = (
    "Ann Moss wrote from ann@example.com.",
    "nothing here",
    None,
    "",
    "call +44 20 7946 0958 now",
)

# Kills the worker that reads the first block, once.
KILLED_ON_RAY = """
    import os, runpy, signal, sys
    from pathlib import Path
    import ray
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, object_store_memory=100 << 20)
    recipe = runpy.run_path("recipes/label_corpus_ray.py", run_name="recipe")
    class Killed(recipe["Find"]):
        def __call__(self, block):
            if 0 in block["id"].to_pylist() and not os.path.exists({mark!r}):
                open({mark!r}, "w").close()
                os.kill(os.getpid(), signal.SIGKILL)
            return super().__call__(block)
    settings = recipe["Settings"](Path({corpus!r}), Path({output!r}), workers=2)
    recipe["main"](settings, worker=Killed)
"""  # noqa: E501
KILLED_ON_SPARK = """
    import os, runpy, signal, sys
    from pyspark.sql import SparkSession
    recipe = runpy.run_path("recipes/label_corpus_spark.py", run_name="recipe")
    work = recipe["redacted_frames"]
    def killed(frames, **options):
        for frame in frames:
            if 0 in frame["id"].tolist() and not os.path.exists({mark!r}):
                open({mark!r}, "w").close()
                os.kill(os.getpid(), signal.SIGKILL)
            yield from work([frame], **options)
    recipe["redacted"].__globals__["redacted_frames"] = killed
    builder = SparkSession.builder.master("local[2,3]").config("spark.ui.enabled", "false")
    builder.config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1").getOrCreate()
    recipe["main"](recipe["Settings"]({corpus!r}, {output!r}, rows=7))
"""  # noqa: E501


def run_killed(code, folder):
    """Write a corpus, redact it with a worker that is killed once, and read what came out, in the
    order of rows.
    """
    (folder / "corpus").mkdir()
    for number in range(FILES):
        numbers = range(number * ROWS // FILES, (number + 1) * ROWS // FILES)
        part = pa.table({"id": list(numbers), "text": [TEXTS[one % len(TEXTS)] for one in numbers]})
        pq.write_table(part, folder / "corpus" / f"{number}.parquet")
    places = {name: str(folder / name) for name in ("corpus", "output", "mark")}
    environment = {
        **os.environ,
        "PYSPARK_PYTHON": sys.executable,
        "RAY_TMPDIR": "/tmp",
        "RAY_AUTH_MODE": "disabled",
    }
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code).format(**places)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert f"{ROWS} rows" in done.stdout
    assert (folder / "mark").exists(), "no worker was killed"
    return pq.read_table(folder / "output").sort_by("id")


def assert_redacted(table):
    finder = PrivateFinder.load("en_pii")
    whole = [None if text is None else redact(text, Replace(), finder=finder) for text in TEXTS]
    assert table["id"].to_pylist() == list(range(ROWS))
    assert table["text"].to_pylist() == [
        None if whole[one % len(TEXTS)] is None else whole[one % len(TEXTS)].text
        for one in range(ROWS)
    ]
    for number, spans in enumerate(table["private"].to_pylist()):
        expected = whole[number % len(TEXTS)]
        found = (
            None
            if spans is None
            else [(span["start"], span["end"], span["label"]) for span in spans]
        )
        assert found == (
            None
            if expected is None
            else [(one.start, one.end, one.label) for one in expected.findings]
        )


@pytest.mark.slow
@pytest.mark.skipif(find_spec("ray") is None, reason="needs ray")
def test_a_killed_worker_of_ray_loses_and_doubles_nothing(tmp_path):
    assert_redacted(run_killed(KILLED_ON_RAY, tmp_path))


@pytest.mark.slow
@pytest.mark.skipif(
    find_spec("pyspark") is None or which("java") is None, reason="needs Java and pyspark"
)
def test_a_killed_worker_of_spark_loses_and_doubles_nothing(tmp_path):
    assert_redacted(run_killed(KILLED_ON_SPARK, tmp_path))
