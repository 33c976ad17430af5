"""Verdicts as data: what the judge found, for one question of one notebook.

A verdict is only data. The gradebook, the feedback and the class report render it; none of them runs anything.
Its schema is published as docs/verdict.schema.json; a test holds the two together.
"""

from __future__ import annotations

import json
from enum import Enum

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_VERSION = 1


class State(str, Enum):
    """What became of a question."""

    RIGHT = "right"
    PARTLY = "partly"
    WRONG = "wrong"
    NOT_ATTEMPTED = "not attempted"
    CRASHED = "crashed"
    TIMED_OUT = "timed out"
    OVER_LIMIT = "over a limit"
    TAMPERED = "tampered"
    GRADER_FAILED = "grader failed"


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Evidence(_Data):
    """One probe, for the instructor only: never shown to a student."""

    call: str = Field(description="The call that was made, with its arguments, shortened")
    expected: str = ""
    got: str = ""
    tolerance: str = ""
    problem: str = Field(default="", description="Empty when the probe passed")
    seconds: float = 0.0


class Part(_Data):
    """One line of the rubric: one test of the hidden suite."""

    test: str = Field(default="", description="The test's name in the suite; for the instructor")
    title: str = Field(description="What is asked, in words the student sees")
    points: float
    max_points: float
    state: State
    message: str = Field(default="", description="For the student; empty when the part is simply right")
    given: tuple[str, ...] = Field(
        default=(), description="Follow-through: right once the reference stood in for these answers of the student"
    )
    seed: int = Field(default=0, description="The seed of the part's random probes")
    evidence: tuple[Evidence, ...] = ()
    grader_error: str = Field(default="", description="The traceback when the grader itself failed")


class Diagnosis(_Data):
    """The misconception that explains a wrong answer, for the student."""

    name: str
    concept: str = Field(description="The slide or idea it comes from")
    hint: str = Field(description="Leads on without giving the answer away")
    erratum: str = Field(default="", description="The lecture's misprint behind it, as numbered in the errata")


class Shown(_Data):
    """A visible example, and what the student's answer made of it: one call with numbers that students know."""

    call: str = Field(description="The call, with its arguments")
    expected: str = Field(description="What it should give, or that part of it in which the answer first differs")
    got: str = Field(description="What the student's answer gave, or the exception that it raised")
    right: bool = Field(default=False, description="The answer is right on every visible example; this is the first")
    differs_at: str = Field(default="", description="Where the two first differ, where there is a place to point at")
    besides: tuple[str, ...] = Field(
        default=(), description="Earlier answers of the student that are not right either and may show in this one"
    )


class Verdict(_Data):
    """What the judge found for one question."""

    question: str = Field(description="The grade_id of the solution cell")
    state: State
    points: float
    max_points: float
    message: str = Field(description="One message for the student")
    diagnosis: Diagnosis | None = None
    example: Shown | None = Field(default=None, description="Where the answer is not right: a visible example of it")
    parts: tuple[Part, ...] = ()

    @property
    def needs_attention(self) -> bool:
        """True when a person must look before the mark can stand."""
        return self.state is State.GRADER_FAILED


class NotebookVerdicts(_Data):
    """Everything the judge found in one notebook."""

    schema_version: int = SCHEMA_VERSION
    assignment: str
    notebook: str
    verdicts: tuple[Verdict, ...]
    notes: tuple[str, ...] = Field(default=(), description="What was repaired or went wrong around the cells")
    needs_attention: bool = Field(default=False, description="A person must look: the file could not be judged")
    start_seconds: float = Field(default=0.0, description="Until the jailed kernel was ready; part of run_seconds")
    run_seconds: float = Field(default=0.0, description="The kernel's start and the notebook's cells")
    judge_seconds: float = Field(default=0.0, description="The hidden suite, with all calls into the jail")

    @property
    def points(self) -> float:
        return sum(verdict.points for verdict in self.verdicts)

    @property
    def max_points(self) -> float:
        return sum(verdict.max_points for verdict in self.verdicts)

    def for_student(self) -> NotebookVerdicts:
        """The same verdicts without evidence, seeds, tracebacks or names of tests of ours."""
        return self.model_copy(
            update={
                "verdicts": tuple(
                    verdict.model_copy(
                        update={
                            "parts": tuple(
                                part.model_copy(update={"evidence": (), "grader_error": "", "seed": 0, "test": ""})
                                for part in verdict.parts
                            )
                        }
                    )
                    for verdict in self.verdicts
                )
            }
        )

    def student_json(self) -> str:
        """The student's copy of this data, under the same schema: without anything that is for the instructor."""
        ours = {"evidence", "grader_error", "seed", "test"}
        kept = self.for_student()
        return kept.model_dump_json(indent=1, exclude={"verdicts": {"__all__": {"parts": {"__all__": ours}}}})


def schema() -> str:
    """The JSON schema of the verdict files, as docs/verdict.schema.json holds it."""
    found = NotebookVerdicts.model_json_schema()
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **found}, indent=1) + "\n"


_WHEN_NO_POINTS = (
    State.NOT_ATTEMPTED,
    State.TAMPERED,
    State.OVER_LIMIT,
    State.TIMED_OUT,
    State.CRASHED,
    State.WRONG,
)


def combine(
    question: str, parts: tuple[Part, ...], diagnosis: Diagnosis | None = None, example: Shown | None = None
) -> Verdict:
    """One verdict from the parts of a question.

    A grader's failure in any part decides the state: the question needs a person. Without points the most telling
    state among the parts is taken (a question that timed out is not merely "wrong").
    """
    if not parts:
        raise ValueError(f"question {question!r} has no parts to combine")
    points = sum(part.points for part in parts)
    states = [part.state for part in parts]
    if State.GRADER_FAILED in states:
        state = State.GRADER_FAILED
    elif all(state is State.RIGHT for state in states):
        state = State.RIGHT
    elif points > 0:
        state = State.PARTLY
    else:
        state = next(state for state in _WHEN_NO_POINTS if state in states)
    messages = list(dict.fromkeys(part.message for part in parts if part.message))
    return Verdict(
        question=question,
        state=state,
        points=points,
        max_points=sum(part.max_points for part in parts),
        message="\n".join(messages) or "Right.",
        diagnosis=diagnosis,
        example=example if state not in (State.RIGHT, State.GRADER_FAILED) else None,
        parts=parts,
    )
