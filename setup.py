"""The compiled extension, the wheel's tag, and the README for the package index; all else is in `pyproject.toml`."""

import os
import re
import sys
from pathlib import Path

from setuptools import Extension, setup

REPOSITORY = os.environ.get("SEQLABEL_REPOSITORY", "")
"""Where the files of this version can be read, such as the address of a tag; `publish.yml` sets it."""

_CODE = re.compile(r"(^```.*?^```$)", flags=re.DOTALL | re.MULTILINE)
_IMAGE = re.compile(r"!\[([^\]]*)\]\((?!https?:)([^)\s]+)\)\n*")
_LINK = re.compile(r"\[([^\]]*)\]\((?!https?:|#)([^)\s]+)\)")


def readme(text: str, repository: str) -> str:
    """Return the README as the package index shows it, where a relative link leads nowhere.

    With the address of a repository, links are absolute. Without one, pages are named, and pictures are left out.
    """
    raw = repository.replace("/blob/", "/raw/")
    image = rf"![\1]({raw}/\2)\n\n" if repository else ""
    link = rf"[\1]({repository}/\2)" if repository else r"\1"
    parts = _CODE.split(text)
    # Every second part is code.
    parts[::2] = [_LINK.sub(link, _IMAGE.sub(image, part)) for part in parts[::2]]
    return "".join(parts)


if __name__ == "__main__":
    setup(
        long_description=readme((Path(__file__).parent / "README.md").read_text(encoding="utf-8"), REPOSITORY),
        long_description_content_type="text/markdown",
        project_urls={"Source": REPOSITORY} if REPOSITORY else {},
        ext_modules=[
            Extension(
                "seqlabel.native._steps",
                sources=["seqlabel/native/steps.cpp"],
                # Python's own flags make integers wrap, which the loops do not need and which slows them by a fifth.
                # Where sums may trap, GCC makes no vectors of steps with a condition in them.
                extra_compile_args=["/O2", "/std:c++17"]
                if sys.platform == "win32"
                else ["-O3", "-std=c++17", "-fno-math-errno", "-fno-trapping-math", "-fno-wrapv"],
                # Without a compiler the package installs all the same, and torch computes the steps.
                optional=True,
                py_limited_api=True,
            )
        ],
        options={"bdist_wheel": {"py_limited_api": "cp311"}},
    )
