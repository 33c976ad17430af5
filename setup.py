"""The wheel also carries a course to start from, for `pset init`. All else is in pyproject.toml."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

STARTER = ("nbgrader_config.py", "solutions", "examples")


class BuildWithStarter(build_py):
    """Copies the course into the package: there the jail hides it from notebooks, as it hides the suites."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return  # the checkout itself is the course
        target = Path(self.build_lib, "grader", "starter")
        shutil.rmtree(target, ignore_errors=True)  # an earlier build's
        target.mkdir()
        for name in STARTER:
            if Path(name).is_dir():
                ignored = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
                shutil.copytree(name, target / name, ignore=ignored)
            else:
                shutil.copy(name, target)


setup(cmdclass={"build_py": BuildWithStarter})
