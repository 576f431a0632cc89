"""The rules are listed with an example of each."""

import json

from seqlabel.privacy.rules.table import rows


def test_every_rule_is_listed_with_all_examples(run):
    done = run("rules")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    for row in rows():
        shown = [line.strip() for line in lines[lines.index(f"{row.id}  {row.label}") + 1 :]]
        examples = [one.replace("\n", "\\n") for one in (*row.yes, *(f"not {no}" for no in row.no))]
        first = shown.index(examples[0])
        assert " ".join(shown[:first]) == row.description
        assert shown[first : first + len(examples)] == examples


def test_json_has_all_of_a_row(run):
    found = [json.loads(line) for line in run("rules --json").stdout.splitlines()]
    assert [(one["id"], one["label"]) for one in found] == [(row.id, row.label) for row in rows()]
    assert all(one["yes"] and one["no"] for one in found)
