"""The compiled extension and the tag of its wheel; everything else about the package is in `pyproject.toml`."""

from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            "seqlabel.native._steps",
            sources=["seqlabel/native/steps.cpp"],
            # Python's own flags make integers wrap, which the loops do not need and which slows them by a fifth.
            extra_compile_args=["-O3", "-std=c++17", "-fno-math-errno", "-fno-wrapv"],
            # Without a compiler the package installs all the same, and torch computes the steps.
            optional=True,
            py_limited_api=True,
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
