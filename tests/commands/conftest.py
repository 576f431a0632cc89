"""Fixtures that the tests of what commands share have in common with those of subcommands."""

from tests.cli.conftest import files, labeler, model, rules, run, source

__all__ = ["files", "labeler", "model", "rules", "run", "source"]
