"""`seqlabel doubts`: planted errors in a labelled file, by a model and by models of the other
parts.
"""

import json

from tests.cli.conftest import span_line


def with_errors(path):
    """A file of forty texts in which two labels are wrong and one is missing."""
    rows = [span_line(number) for number in range(40)]
    rows[7]["spans"][0][2] = "LOC"
    rows[20]["spans"][1][2] = "PER"
    del rows[33]["spans"][0]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def planted():
    rows = [span_line(number) for number in range(40)]
    return [
        (n, rows[n]["text"][slice(*rows[n]["spans"][place][:2])])
        for n, place in ((7, 0), (20, 1), (33, 0))
    ]


def test_planted_errors_are_found_by_a_model(run, labeler, tmp_path):
    path = with_errors(tmp_path / "errors.jsonl")
    done = run(f"doubts {path} --model {labeler} --json")
    assert done.exit_code == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert sorted((one["document"], one["text"]) for one in found[:3]) == planted()
    answers = {one["document"]: (one["label"], one["answer"]) for one in found}
    assert (answers[7], answers[20], answers[33]) == (("LOC", "PER"), ("PER", "LOC"), (None, "PER"))
    assert [one["probability"] for one in found] == sorted(one["probability"] for one in found)

    shown = run(f"doubts {path} --model {labeler} -n 1")
    (line,) = shown.stdout.splitlines()
    assert f"document {found[0]['document'] + 1}: " in line
    assert f"[{found[0]['text']}]" in line
    assert "doubtful labels in 40 documents" in shown.stderr


def test_on_an_encoder_models_are_trained_on_the_other_parts(run, files, tmp_path):
    path = with_errors(tmp_path / "errors.jsonl")
    refused = run(f"doubts {path} --model {files}/encoder")
    assert (refused.exit_code, "Pass --task" in refused.stderr) == (2, True)
    done = run(f"doubts {path} --model {files}/encoder --task spans --folds 2 --json")
    assert done.exit_code == 0, done.stderr
    assert all(json.loads(line) for line in done.stdout.splitlines())
    said = done.stderr.splitlines()
    assert [line for line in said if line.startswith("fold ")] == ["fold 1/2", "fold 2/2"]
    assert any(line.startswith("epoch 1/") or line.startswith("1/") for line in said), said
    again = run(f"doubts {path} --model {files}/encoder --task spans --folds 2 --json --quiet")
    assert (again.stdout, again.stderr) == (done.stdout, "")
