"""One thread for torch: the models here are tiny, and threads that wait for each other are slower
than none.

Processes that tests start find Python's compiled files, as those of users do, in pytest's folder of
caches if need be. Property tests draw the same examples each time, so that a run is green or red by
the code alone; slow ones draw others. No test leaves a finder behind that it made of a model of its
own under the name of one that ships.
"""

import functools
import os
import sys
from pathlib import Path

if sys.dont_write_bytecode:
    # There are dozens of such processes, and each would compile all that it imports of torch and
    # spaCy for seconds.
    sys.dont_write_bytecode = False
    sys.pycache_prefix = str(Path(__file__).parents[1] / ".pytest_cache" / "compiled")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix

# Before torch and NumPy are imported here, and in the processes that tests start: threads that find
# no core wait for each other, at their full speed unless they are told to sleep.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import pytest
import torch
import typer.testing
from hypothesis import settings

torch.set_num_threads(1)
settings.register_profile("suite", derandomize=True, database=None)
settings.load_profile("suite")
# No test stops the machine, so none waits for its disk.
os.fsync = lambda descriptor: None
# A run of the command would else make all its subcommands again.
typer.testing._get_command = functools.cache(typer.testing._get_command)


class WithoutTransformers:
    """Hides transformers from Presidio, whose component for spaCy imports all of it: four seconds
    of each process.
    """

    @staticmethod
    def find_spec(name, path=None, target=None):
        frame = sys._getframe() if name == "transformers" else None
        while frame is not None:
            if frame.f_globals.get("__name__", "").startswith("presidio_analyzer"):
                raise ModuleNotFoundError(name, name=name)
            frame = frame.f_back


sys.meta_path.insert(0, WithoutTransformers)


@pytest.fixture
def light(tmp_path, monkeypatch):
    """The metadata of the light distribution, with two extras, as if it was installed too."""
    folder = tmp_path / "site" / "seqlabel_light-0.9.dist-info"
    folder.mkdir(parents=True)
    extras = "Provides-Extra: zstd\nProvides-Extra: parquet\n"
    (folder / "METADATA").write_text(
        f"Metadata-Version: 2.4\nName: seqlabel-light\nVersion: 0.9\n{extras}"
    )
    monkeypatch.syspath_prepend(folder.parent)


@pytest.fixture(autouse=True)
def fresh_finder(request):
    """Forget the finder that `redact` keeps, where a test may have changed what it is made of."""
    yield
    if "monkeypatch" in request.fixturenames:
        from seqlabel.privacy.finding.finder import shipped_finder

        shipped_finder.cache_clear()
