"""The rules are listed with an example of each."""

import json

from seqlabel.privacy.rules.table import rows


def test_every_rule_is_listed_with_an_example(run):
    done = run("rules")
    assert done.exit_code == 0
    assert all(row.id in done.stdout and row.yes[0].splitlines()[0] in done.stdout for row in rows())


def test_json_has_all_of_a_row(run):
    found = [json.loads(line) for line in run("rules", "--json").stdout.splitlines()]
    assert [(one["id"], one["label"]) for one in found] == [(row.id, row.label) for row in rows()]
    assert all(one["yes"] and one["no"] for one in found)
