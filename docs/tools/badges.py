"""The badge that opens a notebook in Google Colab, where the repository is on GitHub; `conf.py` makes the site."""

import json

_GITHUB = "https://github.com/"
_COLAB = "https://colab.research.google.com/github/"
_BADGE = "https://colab.research.google.com/assets/colab-badge.svg"


def badge_of(notebook: str, repository: str) -> str:
    """Return the Markdown of a badge.

    Args:
        notebook: The path of the notebook in the repository.
        repository: Where this version can be read, such as https://github.com/OWNER/NAME/blob/v1; empty for nowhere.

    Returns:
        The badge, and the command that installs this version there; nothing for a repository elsewhere.
    """
    if not repository.startswith(_GITHUB):
        return ""
    address = repository.replace("/tree/", "/blob/")
    home, _, version = address.partition("/blob/")
    colab = address.replace(_GITHUB, _COLAB)
    install = f"!pip install -q 'seqlabel-rnn[plots,pii] @ git+{home}@{version}'"
    return f"[![Open in Colab]({_BADGE})]({colab}/{notebook}) Run `{install}` there first."


def with_badge(source: str, notebook: str, repository: str) -> str:
    """Put a badge under the title of a notebook.

    Args:
        source: The notebook as JSON, whose first cell begins with its title.
        notebook: The path of the notebook in the repository.
        repository: Where this version can be read.

    Returns:
        The notebook as JSON; the same one without a badge.
    """
    badge = badge_of(notebook, repository)
    if not badge:
        return source
    content = json.loads(source)
    title, *others = "".join(content["cells"][0]["source"]).split("\n")
    content["cells"][0]["source"] = "\n".join([title, "", badge, *others])
    return json.dumps(content)
