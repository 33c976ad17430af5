"""The numbers of the class report: SciPy's where SciPy has them, and the laws that must hold for any class."""

from __future__ import annotations

import statistics
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_class import idea, shown
from scipy import stats

from grader.report import ClassWork, Report, compare, summarise
from grader.report.figures import corrected_item_total, distribution
from grader.report.gather import BY_HAND, NOT_HANDED_IN, TO_MARK, Answer, Asked, Work

ASKED = (Asked("one", "a", 4.0, True), Asked("one", "b", 2.0, True), Asked("two", "c", 3.0, False))
NOW = "2026-11-23T12:00:00+00:00"

points = st.sampled_from([0.0, 0.5, 1.0, 1.5, 2.0])
states = st.sampled_from(["right", "partly", "wrong", "crashed", "not attempted", NOT_HANDED_IN])


@st.composite
def answers(draw: st.DrawFn, automatic: bool) -> Answer:
    if not automatic and draw(st.booleans()):
        return Answer(0.0, TO_MARK, counts=False)
    state = draw(states) if automatic else BY_HAND
    saved = draw(st.sampled_from([0.0, 0.5])) if state in ("right", "partly") else 0.0
    named = idea(draw(st.sampled_from("xyz"))) if state == "wrong" else None
    return Answer(
        0.0 if state == NOT_HANDED_IN else draw(points),
        state,
        seconds=draw(st.none() | st.sampled_from([0.1, 0.7, 2.0])),
        saved=saved,
        given=((("a",), saved),) if saved else (),
        diagnosis=named,
        example=shown(draw(st.sampled_from("12"))) if named else None,
    )


@st.composite
def classes(draw: st.DrawFn) -> ClassWork:
    works = [
        Work(
            f"s{number}",
            "",
            "",
            tuple(draw(answers(asked.automatic)) for asked in ASKED),
            penalty=draw(st.sampled_from([0.0, 0.0, 1.0])),
        )
        for number in range(draw(st.integers(1, 8)))
    ]
    return ClassWork("ps1", ASKED, tuple(works))


def work(student: str, *earned: float, **more: object) -> Work:
    return Work(student, "", "", tuple(Answer(one, "right") for one in earned), **more)  # type: ignore[arg-type]


def summary(*works: Work) -> Report:
    return summarise(ClassWork("ps1", ASKED, works), NOW)


class TestDiscrimination:
    @pytest.mark.parametrize("seed", range(5))
    def test_it_is_pearsons_correlation(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        rest = random.integers(0, 90, 40).astype(float)
        item = np.round(rest / 30 + random.normal(size=40), 1)
        assert corrected_item_total(item, rest) == pytest.approx(stats.pearsonr(item, rest).statistic)

    @pytest.mark.parametrize("seed", range(5))
    def test_for_right_or_wrong_it_is_the_point_biserial(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        rest = random.normal(size=50)
        item = (rest + random.normal(size=50) > 0).astype(float)
        assert corrected_item_total(item, rest) == pytest.approx(stats.pointbiserialr(item, rest).statistic)

    @pytest.mark.parametrize("item", [[1.0, 1.0, 1.0], [0.0, 1.0], [1.0], []])
    def test_without_variation_or_students_there_is_none(self, item: list[float]) -> None:
        assert corrected_item_total(item, list(range(len(item)))) is None
        assert corrected_item_total(list(range(len(item))), item) is None

    @settings(max_examples=30)
    @given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 90)), min_size=3, max_size=20))
    def test_scale_does_not_matter_and_sign_does(self, pairs: list[tuple[int, int]]) -> None:
        item, rest = np.array(pairs, dtype=float).T
        found = corrected_item_total(item, rest)
        if found is None:
            assert len(set(item)) == 1 or len(set(rest)) == 1
        else:
            assert -1 <= found <= 1
            assert corrected_item_total(3 * item + 2, rest / 7) == pytest.approx(found)
            assert corrected_item_total(-item, rest) == pytest.approx(-found)

    def test_the_question_itself_is_no_part_of_the_total(self) -> None:
        rows = [(4, 0, 1), (0, 2, 2), (3, 1, 0), (1, 1, 3), (2, 0, 0)]
        report = summary(*(work(f"s{number}", *row) for number, row in enumerate(rows)))
        table = np.array(rows, dtype=float)
        for column, question in enumerate(report.questions):
            others = np.delete(table, column, axis=1).sum(axis=1)
            assert question.discrimination == pytest.approx(stats.pearsonr(table[:, column], others).statistic)

    def test_sums_of_tenths_that_are_equal_on_paper_vary_in_nothing(self) -> None:
        rows = [(0.1, 0.2, 3.3), (0.3, 0.0, 2.7), (0.2, 0.1, 1.1), (0.1, 0.2, 0.9)]
        report = summary(*(work(f"s{number}", *row) for number, row in enumerate(rows)))
        assert report.questions[2].discrimination is None
        assert report.questions[0].discrimination is not None

    def test_marks_to_be_decided_spoil_nothing(self) -> None:
        rows = [(4, 0, 0), (0, 2, 0), (3, 1, 0), (1, 0, 0)]
        works = [work(f"s{number}", *row) for number, row in enumerate(rows)]
        waiting = Answer(0.0, TO_MARK, counts=False)
        undecided = Answer(0.0, "grader failed", counts=False)
        works = [
            replace(one, answers=(*one.answers[:2], waiting if index else one.answers[2]))
            for index, one in enumerate(works)
        ]
        works.append(Work("s9", "", "", (undecided, Answer(2.0, "right"), waiting)))
        report = summary(*works)
        a, b, c = report.questions
        table = np.array(rows, dtype=float)
        assert b.discrimination == pytest.approx(stats.pearsonr(table[:, 1], table[:, 0]).statistic)
        assert a.discrimination == pytest.approx(b.discrimination)
        assert (c.success, c.discrimination, c.waiting) == (None, None, 4)
        assert (a.answers, a.waiting, b.answers) == (4, 1, 5)


class TestDistribution:
    @settings(max_examples=30)
    @given(st.lists(st.floats(0, 120), min_size=1, max_size=150))
    def test_everybody_is_in_one_bar_and_the_rest_is_scipys(self, values: list[float]) -> None:
        found = distribution(values, 100.0)
        assert sum(bin_.students for bin_ in found.bins) == found.students == len(values)
        assert found.bins[0].lowest == 0
        assert found.bins[-1].highest == 100
        assert all(one.highest == other.lowest for one, other in zip(found.bins, found.bins[1:], strict=False))
        assert found.mean == pytest.approx(statistics.mean(values))
        assert found.standard_deviation == pytest.approx(statistics.pstdev(values), abs=1e-6)
        assert (found.lowest, found.highest) == (min(values), max(values))
        assert found.median == pytest.approx(stats.scoreatpercentile(values, 50))
        assert found.upper_quartile - found.lower_quartile == pytest.approx(stats.iqr(values), abs=1e-9)

    def test_a_bound_belongs_to_the_bar_above_and_the_maximum_to_the_last(self) -> None:
        found = distribution([0, 10, 99, 100, 103], 100)
        assert [bin_.students for bin_ in found.bins] == [1, 1, 0, 0, 0, 0, 0, 0, 0, 3]


class TestTheWholeClass:
    @settings(max_examples=15)
    @given(classes(), st.randoms())
    def test_the_order_of_students_decides_nothing(self, made: ClassWork, random: object) -> None:
        shuffled = list(made.works)
        random.shuffle(shuffled)  # type: ignore[attr-defined]
        assert summarise(replace(made, works=tuple(shuffled)), NOW) == summarise(made, NOW)

    @settings(max_examples=15)
    @given(classes())
    def test_marks_add_up(self, made: ClassWork) -> None:
        report = summarise(made, NOW)
        for student, one in zip(report.students, made.works, strict=True):
            assert student.points == max(0.0, sum(mark.points for mark in student.marks) - one.penalty)
        decided = [question for question in report.questions if question.mean_points is not None]
        for question in decided:
            column = report.questions.index(question)
            assert question.mean_points is not None
            earned = sum(student.marks[column].points for student in report.students)
            assert question.mean_points * question.answers == pytest.approx(earned)
        for question in report.questions:
            assert sum(question.states.values()) == len(made.works)
            assert question.answers + question.waiting + question.missing == len(made.works)
        assert report.distribution.mean == pytest.approx(np.mean([student.points for student in report.students]))

    @settings(max_examples=15)
    @given(classes())
    def test_what_was_saved_is_the_same_from_every_side(self, made: ClassWork) -> None:
        report = summarise(made, NOW)
        saved = sum(one.points for one in report.follow_through)
        assert saved == sum(question.saved_points for question in report.questions)
        assert saved == sum(student.saved_points for student in report.students)

    @settings(max_examples=15)
    @given(classes())
    def test_misconceptions_are_ranked_and_all_there(self, made: ClassWork) -> None:
        report = summarise(made, NOW)
        counts = [one.students for one in report.misconceptions]
        assert counts == sorted(counts, reverse=True)
        assert sum(counts) == report.named_wrong == sum(a.diagnosis is not None for w in made.works for a in w.answers)

    def test_one_student(self) -> None:
        report = summary(work("only", 4, 1, 0))
        assert (report.distribution.mean, report.distribution.standard_deviation) == (5, 0)
        assert [question.success for question in report.questions] == [1, 0.5, 0]
        assert all(question.discrimination is None for question in report.questions)

    def test_who_did_not_hand_in_the_notebook_is_in_no_success(self) -> None:
        missing = Work("s2", "", "", (Answer(2.0, "partly"), Answer(0.0, "wrong"), Answer(0.0, NOT_HANDED_IN)))
        report = summary(work("s1", 4, 2, 3), missing)
        assert [question.success for question in report.questions] == [0.75, 0.5, 1]
        assert report.questions[2].missing == 1
        assert report.distribution.mean == 5.5

    def test_under_half_is_of_what_is_marked(self) -> None:
        waiting = Answer(0.0, TO_MARK, counts=False)
        enough = Work("s1", "", "", (Answer(3.0, "partly"), Answer(0.0, "wrong"), waiting))
        low = Work("s2", "", "", (Answer(2.5, "partly"), Answer(0.0, "wrong"), waiting))
        assert [student.low for student in summary(enough, low).students] == [False, True]


class TestExamples:
    def example(self, *people: tuple[Work, str]) -> str | None:
        works = [
            replace(one, answers=(Answer(0.0, "wrong", diagnosis=idea("x"), example=shown(got)), *one.answers[1:]))
            for one, got in people
        ]
        found = summary(*works).misconceptions[0].example
        return found.got if found else None

    def test_the_one_that_most_share(self) -> None:
        assert self.example(*((work(f"s{n}", 0, 0, 0), got) for n, got in enumerate(["7", "8", "8", "9"]))) == "8"

    @pytest.mark.parametrize("got", ["NameError: AMINA_D is not defined", "'Amina'", "my name is diallo"])
    def test_never_one_that_tells_whose_it_is(self, got: str) -> None:
        amina = Work("amina_d", "Amina", "Diallo", (Answer(0.0, "wrong"),) * 3)
        assert self.example((amina, got)) is None
        assert self.example((amina, got), (work("other", 0, 0, 0), "0.3")) == "0.3"

    @pytest.mark.parametrize("got", ["NameError: diallo is not defined", "'Jos\u00e9 was here'", "'jose'"])
    def test_an_id_tells_names_too(self, got: str) -> None:
        """Without a roster the gradebook knows no more; and accents get lost."""
        jose = Work("jos\u00e9-diallo7", "", "", (Answer(0.0, "wrong"),) * 3)
        assert self.example((jose, got)) is None
        assert self.example((jose, "0.25")) == "0.25"

    def test_not_one_that_came_out_right(self) -> None:
        right = shown("0.75").model_copy(update={"right": True})
        one = Work("s1", "", "", (Answer(0.0, "wrong", diagnosis=idea("x"), example=right), *work("", 0, 0).answers))
        assert summary(one).misconceptions[0].example is None


class TestComparison:
    def test_with_itself_nothing_changed(self) -> None:
        report = summary(work("s1", 4, 2, 3), work("s2", 1, 0, 0))
        found = compare(report, report)
        assert (found.students, found.misconceptions, found.same) == ((), (), 2)
        assert all(one.success_before == one.success_now for one in found.questions)

    def test_what_changed(self) -> None:
        wrong = Answer(0.0, "wrong", diagnosis=idea("x"), example=shown())
        before = summary(work("s1", 4, 2, 3), work("s2", 1, 0, 0), work("gone", 2, 2, 2))
        now = summary(work("s1", 4, 2, 3), Work("s2", "", "", (wrong, *work("", 2, 3).answers)), work("new", 1, 1, 1))
        found = compare(before, now)
        assert [(one.student, one.before, one.now) for one in found.students] == [
            ("gone", 6, None),
            ("s2", 1, 5),
            ("new", None, 3),
        ]
        assert found.same == 1
        assert [(one.name, one.before, one.now) for one in found.misconceptions] == [("x", 0, 1)]
        assert found.questions[0].success_before == pytest.approx(7 / 12)
        assert found.questions[0].success_now == pytest.approx(5 / 12)
        assert found.before == before.distribution
