"""`seqlabel configs`: the configs that ship are listed, and written as they are."""

from pathlib import Path

import seqlabel

FOLDER = Path(seqlabel.__file__).parent / "spacy" / "configs"


def test_all_are_listed_and_each_is_written(run, tmp_path):
    listed = [line.split()[0] for line in run("configs").stdout.splitlines()]
    assert listed == sorted(path.stem for path in FOLDER.glob("*.cfg"))
    for name in listed:
        assert run(f"configs {name} --output {tmp_path}/{name}.cfg").exit_code == 0
        assert (tmp_path / f"{name}.cfg").read_bytes() == (FOLDER / f"{name}.cfg").read_bytes()


def test_an_unknown_name_is_an_error(run):
    assert run("configs nre").exit_code == 2
