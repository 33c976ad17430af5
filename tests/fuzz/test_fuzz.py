"""A sample of what `make fuzz` does, and that it notices what it is there to notice."""

from __future__ import annotations

import time
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz import __main__ as fuzz
from tests.fuzz import kernel, messages, notebooks

FEW = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
randoms = st.randoms(use_true_random=False)


@FEW
@given(st.builds(messages.make, randoms))
def test_messages(text: str) -> None:
    messages.check(text)


@FEW
@given(st.builds(notebooks.make, randoms))
def test_notebooks(raw: bytes) -> None:
    notebooks.check(raw)


@FEW
@given(st.builds(kernel.make, randoms))
def test_kernels_messages(raw: bytes) -> None:
    kernel.check(raw)


@pytest.mark.parametrize(
    ("name", "inputs", "other"),
    [("wire", 3000, "refused"), ("kernel", 500, "refused"), ("notebook", 400, "unreadable")],
)
def test_many(name: str, inputs: int, other: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    run = fuzz.target(name)
    fuzz.by_random(run, inputs, seed=1)
    assert not run.findings
    # Both ways are well trodden: what is refused at once would prove little.
    assert inputs * 0.1 < run.outcomes[other] < inputs * 0.9
    assert sum(run.outcomes.values()) == inputs


def test_what_was_not_changed_passes() -> None:
    for tree in messages.REAL:
        assert messages.check(messages.as_text(tree)) == "passed"
    for tree in kernel.REAL:
        # What widgets send is left out.
        widgets = any("comm" in message[0]["msg_type"] for message in tree)
        assert widgets or kernel.check(notebooks.as_bytes(tree)) == "passed"
    for tree in notebooks.REAL:
        assert notebooks.check(notebooks.as_bytes(tree)) == "read"


def refuse_brackets(found: Any) -> str:
    if "[" in found:
        raise ZeroDivisionError
    return "passed"


@pytest.mark.parametrize("driver", ["random", "hypothesis"])
def test_a_finding_is_saved_and_fails_the_run(
    driver: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(messages, "check", refuse_brackets)
    monkeypatch.setattr(fuzz, "limit_memory", lambda: None)
    assert fuzz.main(["--inputs", "200", "--jobs", "2", "--driver", driver, "wire"]) == 1
    said = capfd.readouterr().out
    saved = sorted((tmp_path / "fuzz-findings").iterdir())
    assert 1 <= len(saved) <= 2 * fuzz.MOST_FINDINGS
    assert f"--file fuzz-findings/{saved[0].name}" in said
    with pytest.raises(ZeroDivisionError):
        fuzz.main(["--file", f"fuzz-findings/{saved[0].name}"])


def test_a_hang_is_a_finding(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(fuzz, "SECONDS_PER_INPUT", 0.2)
    run = fuzz.Run("wire", lambda random: str(random.random()), lambda found: time.sleep(5) or found)
    fuzz.by_random(run, 1, seed=0)
    assert len(run.findings) == 1


def test_inputs_can_be_made_again() -> None:
    for make in (messages.make, kernel.make, notebooks.make):
        assert [make(Random(n)) for n in range(50)] == [make(Random(n)) for n in range(50)]
