"""What docs/cluster.md tells to type is something that Dask, Kubernetes' YAML and this package know."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.batch.cluster import Cluster
from grader.batch.pool import Batch
from grader.jail import Jail

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    found = re.findall(rf"^ *```{kind}\n(.*?)^ *```", TEXT, re.MULTILINE | re.DOTALL)
    assert found
    return found


def commands() -> list[list[str]]:
    """All that is to be typed, and what the containers run."""
    typed = [shlex.split(line) for block in blocks("shell") for line in block.splitlines()]
    return typed + [container["command"] for _, container in containers()]


def manifests() -> list[dict[str, Any]]:
    return [one for block in blocks("yaml") for one in yaml.safe_load_all(block)]


def containers() -> list[tuple[str, dict[str, list[str]]]]:
    found = []
    for one in manifests():
        if one.get("kind") == "Deployment":
            pod = one["spec"]["template"]["spec"]
            found += [(one["metadata"]["name"], container) for container in pod["containers"]]
    return found


@cache
def known(program: str) -> str:
    """The options of `dask scheduler` or `dask worker`."""
    done = subprocess.run(
        [sys.executable, "-m", "dask", program, "--help"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_dask_knows_the_options() -> None:
    tried = 0
    for command in commands():
        if Path(command[0]).name == "dask":
            for option in command[2:]:
                if option.startswith("--"):
                    assert re.search(rf"{option}\b", known(command[1])), option
                    tried += 1
    assert tried > 10


def test_pset_knows_the_options() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from grader.cli import main; main()", "grade", "--help"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    used = {option for command in commands() if command[0] == "pset" for option in command if option.startswith("--")}
    assert used == {"--scheduler"}
    assert "--scheduler" in done.stdout


def test_settings_that_are_named_are_there() -> None:
    sections = {"Batch": Batch, "Cluster": Cluster, "Jail": Jail}
    named = re.findall(r"\bc\.(\w+)\.(\w+)", TEXT)
    assert len(named) > 4
    for section, name in named:
        assert name in sections[section].class_traits(config=True), f"c.{section}.{name}"


def test_the_patience_is_as_it_says() -> None:
    assert f"seconds ({Cluster.patience.default_value})" in TEXT


def test_pods_find_each_other() -> None:
    """The service selects the scheduler's pods, workers are given its address, the policy closes both."""
    found = {(one["kind"], one["metadata"]["name"]): one["spec"] for one in manifests() if "kind" in one}
    service = found["Service", "pset-scheduler"]
    labels = {
        name: spec["template"]["metadata"]["labels"] for (kind, name), spec in found.items() if kind == "Deployment"
    }
    assert service["selector"] == labels["pset-scheduler"]
    worker = next(container for name, container in containers() if name == "pset-worker")
    assert "tcp://pset-scheduler:8786" in worker["command"]
    policy = found["NetworkPolicy", "pset"]["podSelector"]["matchLabels"]
    assert all(policy.items() <= pod.items() for pod in labels.values())


@pytest.mark.parametrize("setting", ["ca-file", "scheduler", "worker", "client"])
def test_dask_knows_the_settings_of_its_connections(setting: str) -> None:
    import dask
    import distributed  # noqa: F401  (fills in the defaults)

    (settings,) = [one for one in manifests() if "distributed" in one]
    tls = settings["distributed"]["comm"]["tls"]
    assert setting in tls
    assert setting in dask.config.get("distributed.comm.tls")
