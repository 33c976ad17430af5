# ruff: noqa: E501 (the answers below are one-liners, easier to compare in a table than wrapped)
"""Notebook 2: its cells keep the contract, its solutions pass, its checks and its hidden suite know right from wrong.

The wrong answers below are put through both: the visible check, which must fail and name the slip where it can, and
the hidden suite, which must give exactly the points that are right. The suite runs in this process on a stand-in for
the jail, so that dozens of answers cost seconds.
"""

import inspect
import json
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from local_notebook import LocalNotebook
from nbgrader.preprocessors import ClearSolutions

from grader.judge import Student, StudentError, WrongAnswer, same
from grader.ps1.hidden import test_2_mlp_backprop as suite
from grader.ps1.reference import mlp

nbformat = pytest.importorskip("nbformat")

FOLDER = Path(__file__).resolve().parents[2] / "solutions" / "ps1"
NOTEBOOK = FOLDER / "2-mlp-backprop.ipynb"
# PS1.md, notebook 2
CONTRACT = {
    "hidden_unit": 2,
    "to_matrices": 2,
    "mlp_forward": 5,
    "mlp_backward": 8,
    "diagnose_slide": 3,
    "train_mlp": 4,
    "softmax": 3,
    "categorical_crossentropy": 3,
}


def cells():
    return nbformat.read(NOTEBOOK, as_version=4).cells


def label(cell):
    return cell.metadata.get("nbgrader", {})


@pytest.fixture(scope="module", autouse=True)
def helper():
    """The released helper, importable as it is for students; and plots that open no window."""
    import matplotlib

    matplotlib.use("Agg")
    sys.path.insert(0, str(FOLDER))
    try:
        import ps1_helper

        yield ps1_helper
    finally:
        sys.path.remove(str(FOLDER))


@pytest.fixture(scope="module")
def solved():
    """The names that the solution and supplied cells define."""
    space = {"np": np}
    for cell in cells():
        kind = label(cell)
        supplied = cell.id in ("numeric_gradient", "slide_gradient") or kind.get("locked")
        if cell.cell_type == "code" and not kind.get("grade") and (kind.get("solution") or supplied):
            exec(cell.source, space)
    return space


# ------------------------------------------------------------------------------- the cells


def test_questions_and_points_are_the_contract():
    found, previous = {}, None
    for cell in cells():
        kind = label(cell)
        if kind.get("grade") and not kind["solution"]:
            question = label(previous)["grade_id"]
            assert kind["grade_id"] == "test_" + question == cell.id
            assert kind["locked"]
            assert label(previous)["solution"]
            assert not label(previous)["grade"]
            assert cell.source.startswith((f"# {kind['points']} points.", f"# {kind['points']} points, in parts:"))
            found[question] = kind["points"]
        previous = cell
    assert found == CONTRACT
    assert list(found) == list(CONTRACT)


def test_written_question_shows_its_rubric_and_not_its_answer():
    (position,) = [i for i, cell in enumerate(cells()) if cell.id == "written_backprop"]
    written, rubric = cells()[position], cells()[position - 1]
    assert written.cell_type == rubric.cell_type == "markdown"
    assert label(written) == {
        "grade": True,
        "grade_id": "written_backprop",
        "locked": False,
        "points": 4,
        "schema_version": 3,
        "solution": True,
        "task": False,
    }
    assert "| points | for |" in rubric.source
    assert sum(CONTRACT.values()) + label(written)["points"] == 34


def test_cells_are_clean():
    raw = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    assert b"\r" not in NOTEBOOK.read_bytes()
    assert raw["nbformat_minor"] == 5
    assert raw["metadata"]["kernelspec"]["name"] == "python3"
    names = [cell.id for cell in cells()]
    assert len(set(names)) == len(names)
    for cell in cells():
        assert cell.source.isascii(), cell.id
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None
        if label(cell):
            assert label(cell)["grade_id"] == cell.id


def test_hidden_suite_and_notebook_agree_on_points():
    assert {question: sum(worth for *_, worth in parts(question)) for question in CONTRACT} == CONTRACT
    output = [worth for name, _, worth in parts("mlp_backward") if "output" in name]
    assert sum(output) == 3


def test_supplied_start_is_the_judges(solved):
    same(solved["xor_start"], mlp.XOR_START, rtol=0, atol=0)
    same(solved["xor_X"], mlp.XOR_X)
    same(solved["xor_y"], mlp.XOR_Y)
    (training,) = [cell.source for cell in cells() if cell.id == "training_plot"]
    assert f"train_mlp(xor_X, xor_y, xor_start, {mlp.XOR_LR}, {mlp.XOR_ITERS})" in training


def test_printed_losses_are_those_of_the_slides_gradient(solved):
    (source,) = [cell.source for cell in cells() if cell.id == "training_plot"]
    printed = {}
    exec(source.split("with when_solved")[0], printed)
    space = dict(solved)
    space["mlp_backward"] = solved["slide_gradient"]
    for cell in cells():
        if cell.id == "train_mlp":
            exec(cell.source, space)
    _params, history = space["train_mlp"](mlp.XOR_X, mlp.XOR_Y, mlp.XOR_START, mlp.XOR_LR, mlp.XOR_ITERS)
    at = [float(history[i]) for i in printed["slide_iterations"]]
    np.testing.assert_allclose(at, printed["slide_losses"], atol=6e-5)


def test_solutions_run_top_to_bottom():
    space = {}
    for cell in cells():
        if cell.cell_type == "code":
            exec(cell.source, space)


def test_released_notebook_runs_and_only_its_checks_fail(helper, capsys):
    released, _ = ClearSolutions().preprocess(nbformat.read(NOTEBOOK, as_version=4), {})
    space, failed, said = {}, [], []
    for cell in released.cells:
        if cell.cell_type != "code":
            continue
        try:
            exec(cell.source, space)
        except helper.CheckFailed as error:
            failed.append(cell.id)
            said.append(str(error))
    assert all("there is no answer yet" in message for message in said)
    assert failed == ["test_" + question for question in CONTRACT]
    (written,) = [cell.source for cell in released.cells if cell.id == "written_backprop"]
    assert written == "YOUR ANSWER HERE"
    assert {question: judge(question, space) for question in CONTRACT} == dict.fromkeys(CONTRACT, 0)


# ------------------------------------------------------------------------------- judging without a jail


def mark(thing, name):
    """The argument of a pytest mark."""
    return next((m.args[0] for m in getattr(thing, "pytestmark", []) if m.name == name), None)


def parts(question):
    """(name, test, points) of every part of a question."""
    (judge_class,) = [c for c in vars(suite).values() if inspect.isclass(c) and mark(c, "question") == question]
    found = [(name, test, mark(test, "points")) for name, test in inspect.getmembers(judge_class(), inspect.ismethod)]
    return [part for part in found if part[2] is not None]


def judge(question, space, seed=0):
    """The points of a question."""
    total = 0
    for _name, test, worth in parts(question):
        given = {"student": Student(LocalNotebook(space), b"seed"), "rng": np.random.default_rng(seed)}
        wanted = inspect.signature(test).parameters
        try:
            with np.errstate(all="ignore"):
                test(**{name: given[name] for name in wanted})
        except (WrongAnswer, StudentError):
            continue
        total += worth
    return total


def answered(solved, source):
    """The solved notebook with one answer replaced; the functions see the replacement too."""
    space = {}
    for cell in cells():
        kind = label(cell)
        if cell.cell_type == "code" and not kind.get("grade") and (kind.get("solution") or kind.get("locked")):
            exec("import numpy as np\n" + cell.source, space)
    space["slide_gradient"] = solved["slide_gradient"]
    exec(textwrap.dedent(source), space)
    return space


@pytest.mark.parametrize("seed", range(3))
def test_solutions_earn_every_point(solved, seed):
    assert {question: judge(question, solved, seed) for question in CONTRACT} == CONTRACT


# ------------------------------------------------------------------------------- wrong answers

FORWARD = """
def mlp_forward(X, W, B, w_o, b_o):
    Z = {Z}
    H = {H}
    o = {o}
    p = {p}
    return {{'Z': Z, 'H': H, 'o': o, 'p': p}}
"""


def forward(Z="W.T @ X + B", H="sigmoid(Z)", o="b_o + np.sum(w_o * H)", p="sigmoid(o)"):
    return FORWARD.format(Z=Z, H=H, o=o, p=p)


BACKWARD = """
def mlp_backward(X, y, W, B, w_o, b_o):
    out = mlp_forward(X, W, B, w_o, b_o)
    Z, H, o, p = out['Z'], out['H'], out['o'], out['p']
    d = {d}
    dw_o = {dw_o}
    db_o = {db_o}
    D = {D}
    dW = {dW}
    dB = {dB}
    return {{{entries}}}
"""


def backward(
    d="2 * (p - y) * p * (1 - p)",
    dw_o="d * H",
    db_o="d",
    D="d * w_o * H * (1 - H)",
    dW="X @ D.T",
    dB="D",
    entries="'dw_o': dw_o, 'db_o': db_o, 'dW': dW, 'dB': dB",
):
    return BACKWARD.format(d=d, dw_o=dw_o, db_o=db_o, D=D, dW=dW, dB=dB, entries=entries)


TRAIN = """
def train_mlp(X, y, params, lr, n_iters):
    theta = {start}
    history = []
    {before}
    for _ in range({loops}):
        total = {{name: 0.0 for name in theta}}
        loss = 0.0
        for k in range(len(y)):
            column = X[k].reshape(-1, 1)
            {each}
            loss = loss + (y[k] - mlp_forward(column, **theta)['p']) ** 2
            g = mlp_backward(column, y[k], **theta)
            for name in theta:
                total[name] = total[name] + g['d' + name]
            {sequential}
        for name in theta:
            {step}
        history.append({loss})
    {after}
    return {answer}
"""


def train(
    start="dict(params)",
    before="pass",
    loops="n_iters",
    each="pass",
    sequential="pass",
    step="theta[name] = theta[name] - lr * total[name]",
    loss="loss",
    after="pass",
    answer="theta, history",
):
    return TRAIN.format(
        start=start,
        before=before,
        loops=loops,
        each=each,
        sequential=sequential,
        step=step,
        loss=loss,
        after=after,
        answer=answer,
    )


def unit(expression):
    return f"def hidden_unit(x1, x2, w1, w2, b):\n    return {expression}"


def matrices(W, B="np.array([[q['b1']], [q['b2']], [q['b3']]])"):
    return f"def to_matrices(q):\n    return {W}, {B}"


RIGHT_W = "np.array([[q['w11'], q['w12'], q['w13']], [q['w21'], q['w22'], q['w23']]])"
COLUMNS = "np.array([[q['w11'], q['w21']], [q['w12'], q['w22']], [q['w13'], q['w23']]])"


def diagnosis(output="n['db_o'] / s['db_o']", hidden="np.ravel(n['dB'] / s['dB'])"):
    return f"def diagnose_slide(n, s):\n    return {{'output': {output}, 'hidden': {hidden}}}"


def soft(*lines):
    return "def softmax(z):\n    " + "\n    ".join(lines)


def entropy(*lines):
    return "def categorical_crossentropy(Y, P):\n    " + "\n    ".join(lines)


# question, what is wrong, the answer, the points it keeps, what the visible check must say
WRONG = [
    ("hidden_unit", "no sigmoid", unit("w1 * x1 + w2 * x2 + b"), 0, "weighted sum"),
    ("hidden_unit", "E6: sigmoid twice", unit("sigmoid(sigmoid(w1 * x1 + w2 * x2 + b))"), 0, "E6"),
    ("hidden_unit", "E2: the sign in exp", unit("1 / (1 + np.exp(w1 * x1 + w2 * x2 + b))"), 0, "sign"),
    ("hidden_unit", "no bias", unit("sigmoid(w1 * x1 + w2 * x2)"), 0, "forget b"),
    ("hidden_unit", "inputs crossed", unit("sigmoid(w1 * x2 + w2 * x1 + b)"), 0, ""),
    ("hidden_unit", "a constant", unit("0.5"), 0, ""),
    ("hidden_unit", "rounded", unit("round(float(sigmoid(w1 * x1 + w2 * x2 + b)), 2)"), 0, ""),
    ("hidden_unit", "a class", unit("float(w1 * x1 + w2 * x2 + b > 0)"), 0, ""),
    ("hidden_unit", "no return", "def hidden_unit(x1, x2, w1, w2, b):\n    sigmoid(w1 * x1)", 0, "return"),
    ("to_matrices", "transposed", matrices(RIGHT_W + ".T"), 1, "(3, 2)"),
    ("to_matrices", "E7: reshape for T", matrices(COLUMNS + ".reshape(2, 3)"), 1, "E7"),
    ("to_matrices", "E7: reshape of W", matrices(f"{RIGHT_W}.reshape(3, 2).T"), 1, "E7"),
    ("to_matrices", "E7: the slide's names", matrices("[[q['w11'], q['w21'], q['w31']]]"), 0, "E7"),
    ("to_matrices", "flat B", matrices(RIGHT_W, "np.array([q['b1'], q['b2'], q['b3']])"), 1, "column"),
    ("to_matrices", "row B", matrices(RIGHT_W, "np.array([[q['b1'], q['b2'], q['b3']]])"), 1, "column"),
    ("to_matrices", "B, W", "def to_matrices(q):\n    return np.ones((3, 1)), np.ones((2, 3))", 0, ""),
    (
        "to_matrices",
        "by place",
        matrices("np.array(list(q.values())[:6]).reshape(2, 3)", "np.array(list(q.values())[6:]).reshape(3, 1)"),
        0,
        "by name",
    ),
    ("mlp_forward", "E7: reshape for T", forward(Z="W.reshape(-1, len(X)) @ X + B"), 0, "E7"),
    ("mlp_forward", "W for W.T", forward(Z="W @ X + B"), 0, "raised"),
    ("mlp_forward", "no B", forward(Z="W.T @ X"), 0, "forget B"),
    ("mlp_forward", "E6: sigmoid twice", forward(H="sigmoid(sigmoid(Z))"), 1, "E6"),
    ("mlp_forward", "E6: Z after the sigmoid", forward(Z="sigmoid(W.T @ X + B)", H="Z"), 3, "E6"),
    ("mlp_forward", "E6: w_o on Z", forward(o="b_o + np.sum(w_o * Z)"), 2, "E6"),
    ("mlp_forward", "no b_o", forward(o="np.sum(w_o * H)"), 2, "forget b_o"),
    ("mlp_forward", "o for p", forward(p="o"), 3, "this is o"),
    ("mlp_forward", "p of Z", forward(p="sigmoid(Z)"), 3, "last unit"),
    ("mlp_forward", "p twice", forward(p="sigmoid(sigmoid(o))"), 3, "twice"),
    ("mlp_forward", "flat Z", forward(Z="(W.T @ X + B).ravel()", o="b_o + w_o.ravel() @ H"), 2, "shape"),
    ("mlp_forward", "flat H", forward(H="sigmoid(Z).ravel()", o="b_o + w_o.ravel() @ H"), 3, "shape"),
    ("mlp_forward", "flat broadcast", forward(Z="W.T @ X.ravel() + B"), 0, "shape"),
    ("mlp_forward", "three units only", forward(o="b_o + sum(w_o[j, 0] * H[j, 0] for j in (0, 1, 2))"), 4, "raised"),
    ("mlp_forward", "a list", forward() + "\n_f = mlp_forward\ndef mlp_forward(*a):\n    return list(_f(*a).values())", 0, "dict"),
    ("mlp_backward", "E3: output layer halved", backward(dw_o="d * H / 2", db_o="d / 2"), 5, "E3"),
    ("mlp_backward", "E3: the 2 missing", backward(d="(p - y) * p * (1 - p)"), 0, "E3"),
    ("mlp_backward", "E3 and E4: the slide", backward(d="(p - y) * p * (1 - p)", D="d * H * (1 - H)"), 0, "E3"),
    ("mlp_backward", "E4 alone", backward(D="d * H * (1 - H)"), 3, "E4"),
    ("mlp_backward", "E3 and E4 in the hidden layer", backward(D="d / 2 * H * (1 - H)"), 3, "2 w_oj"),
    ("mlp_backward", "E6: Z(1 - Z)", backward(D="d * w_o * Z * (1 - Z)"), 3, "E6"),
    ("mlp_backward", "no slope of the hidden unit", backward(D="d * w_o"), 3, "h (1 - h)"),
    ("mlp_backward", "half a slope", backward(D="d * w_o * H"), 3, ""),
    ("mlp_backward", "y - p", backward(d="2 * (y - p) * p * (1 - p)"), 0, "turned round"),
    ("mlp_backward", "E20: cross-entropy's", backward(d="p - y"), 0, ""),
    ("mlp_backward", "no p(1 - p)", backward(d="2 * (p - y)"), 0, "p (1 - p)"),
    ("mlp_backward", "slope of o", backward(d="2 * (p - y) * o * (1 - o)"), 0, ""),
    ("mlp_backward", "Z for H in dw_o", backward(dw_o="d * Z"), 6, ""),
    ("mlp_backward", "no bias gradients", backward(entries="'dw_o': dw_o, 'dW': dW"), 5, "missing"),
    ("mlp_backward", "no hidden layer", backward(entries="'dw_o': dw_o, 'db_o': db_o"), 3, "missing"),
    ("mlp_backward", "dB from dW", backward(dB="dW.sum(axis=0).reshape(-1, 1)"), 6, ""),
    ("mlp_backward", "flat dB", backward(dB="D.ravel()"), 6, "shape"),
    ("mlp_backward", "dW transposed", backward(dW="D @ X.T"), 5, "shape"),
    ("mlp_backward", "dW reshaped", backward(dW="(D @ X.T).reshape(W.shape)"), 5, ""),
    ("mlp_backward", "flat dw_o", backward(dw_o="(d * H).ravel()"), 6, "shape"),
    ("mlp_backward", "w_o twice", backward(D="d * w_o ** 2 * H * (1 - H)"), 3, ""),
    ("mlp_backward", "size of w_o only", backward(D="d * np.abs(w_o) * H * (1 - H)"), 3, ""),
    ("mlp_backward", "zeros", backward(d="0.0"), 0, ""),
    ("mlp_backward", "db_o = 1", backward(db_o="1.0"), 7, ""),
    ("diagnose_slide", "turned over", diagnosis("s['db_o'] / n['db_o']", "np.ravel(s['dB'] / n['dB'])"), 0, "other way"),
    ("diagnose_slide", "without sign", diagnosis(hidden="np.abs(np.ravel(n['dB'] / s['dB']))"), 1, "sign"),
    ("diagnose_slide", "a column", diagnosis(hidden="n['dB'] / s['dB']"), 1, "np.ravel"),
    ("diagnose_slide", "recalled output", diagnosis("2.0"), 2, "gradients you are given"),
    ("diagnose_slide", "recalled", diagnosis("2.0", "2 * np.ravel(xor_start['w_o'])"), 0, ""),
    ("diagnose_slide", "w_o alone", diagnosis(hidden="np.ravel(n['dB'] / s['dB']) / 2"), 1, ""),
    ("diagnose_slide", "one factor for all", diagnosis(hidden="np.mean(n['dB'] / s['dB'])"), 1, "shape"),
    ("diagnose_slide", "norms", diagnosis(hidden="np.linalg.norm(n['dW'], axis=0) / np.linalg.norm(s['dW'], axis=0)"), 1, "sign"),
    ("diagnose_slide", "differences", diagnosis("n['db_o'] - s['db_o']", "np.ravel(n['dB'] - s['dB'])"), 0, ""),
    ("train_mlp", "mean for sum", train(step="theta[name] = theta[name] - lr * total[name] / len(y)"), 0, "mean"),
    ("train_mlp", "E19: lr ignored", train(step="theta[name] = theta[name] - total[name]"), 0, "lr"),
    ("train_mlp", "uphill", train(step="theta[name] = theta[name] + lr * total[name]"), 0, "uphill"),
    ("train_mlp", "nothing moves", train(step="pass"), 0, "moved"),
    (
        "train_mlp",
        "one observation at a time",
        train(sequential="theta = {name: theta[name] - lr * g['d' + name] for name in theta}", step="pass"),
        0,
        "old parameters",
    ),
    (
        "train_mlp",
        "new output layer, old hidden layer",
        """
        def train_mlp(X, y, params, lr, n_iters):
            W, B, w_o, b_o = params['W'], params['B'], params['w_o'], params['b_o']
            history = []
            def add(entry):
                return sum(mlp_backward(x.reshape(-1, 1), t, W, B, w_o, b_o)[entry] for x, t in zip(X, y))
            for _ in range(n_iters):
                history.append(sum((t - mlp_forward(x.reshape(-1, 1), W, B, w_o, b_o)['p']) ** 2 for x, t in zip(X, y)))
                w_o = w_o - lr * add('dw_o')
                b_o = b_o - lr * add('db_o')
                W = W - lr * add('dW')
                B = B - lr * add('dB')
            return {'W': W, 'B': B, 'w_o': w_o, 'b_o': b_o}, history
        """,
        0,
        "old parameters",
    ),
    ("train_mlp", "last observation only", train(each="total = {name: 0.0 for name in theta}"), 0, ""),
    ("train_mlp", "biases stay", train(step="theta[name] = theta[name] - lr * total[name] * (name in ('W', 'w_o'))"), 0, ""),
    ("train_mlp", "one step only", train(loops="1", after="history = history * n_iters"), 1, ""),
    ("train_mlp", "sums never cleared", train(before="kept = {n: 0.0 for n in theta}", step="kept[name] = kept[name] + total[name]; theta[name] = theta[name] - lr * kept[name]"), 1, "repeat"),
    ("train_mlp", "mean in history", train(loss="loss / len(y)"), 3, "sum"),
    ("train_mlp", "one loss in history", train(after="history = history[-1:]"), 3, "losses"),
    ("train_mlp", "no history", train(answer="theta"), 0, "two things"),
    ("train_mlp", "changes its input", train(start="params"), 3, "unchanged"),
    (
        "train_mlp",
        "changes the arrays",
        train(step="theta[name] = theta[name] - lr * total[name] if name == 'b_o' else np.subtract(theta[name], lr * total[name], out=theta[name])"),
        3,
        "unchanged",
    ),
    ("train_mlp", "E3 and E4 inside", "mlp_backward = slide_gradient", 0, "E3"),
    ("softmax", "axis 0", soft("e = np.exp(z - z.max(axis=0))", "return e / e.sum(axis=0)"), 1, "column"),
    ("softmax", "over everything", soft("e = np.exp(z - z.max())", "return e / e.sum()"), 1, "together"),
    ("softmax", "overflows", soft("e = np.exp(z)", "return e / e.sum(axis=-1, keepdims=True)"), 2, "largest logit"),
    ("softmax", "one maximum", soft("e = np.exp(z - z.max())", "return e / e.sum(axis=-1, keepdims=True)"), 2, "row"),
    ("softmax", "clipped logits", soft("e = np.exp(np.clip(z, -700, 700))", "return e / e.sum(axis=-1, keepdims=True)"), 2, "row"),
    ("softmax", "no keepdims", soft("e = np.exp(z - np.max(z, axis=-1, keepdims=True))", "return e / e.sum(axis=-1)"), 1, "raised"),
    ("softmax", "sigmoid", soft("return sigmoid(z)"), 0, "sigmoids"),
    ("softmax", "no exp", soft("return z / z.sum(axis=-1, keepdims=True)"), 0, "exp"),
    ("softmax", "log", soft("return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))"), 0, ""),
    ("softmax", "argmax", soft("return np.eye(z.shape[-1])[z.argmax(axis=-1)]"), 0, ""),
    ("softmax", "changes z", soft("z -= z.max(axis=-1, keepdims=True)", "e = np.exp(z)", "return e / e.sum(axis=-1, keepdims=True)"), 2, "unchanged"),
    ("categorical_crossentropy", "E21: no minus", entropy("return np.mean(np.log(np.sum(Y * P, axis=1)))"), 0, "E21"),
    ("categorical_crossentropy", "sum", entropy("return -np.sum(np.log(np.sum(Y * P, axis=1)))"), 0, "sum over"),
    ("categorical_crossentropy", "mean of entries", entropy("return -np.mean(Y * np.log(P + 1e-12))"), 0, "rows only"),
    ("categorical_crossentropy", "base 2", entropy("return -np.mean(np.log2(np.sum(Y * P, axis=1)))"), 0, "base 2"),
    ("categorical_crossentropy", "base 10", entropy("return -np.mean(np.log10(np.sum(Y * P, axis=1)))"), 0, "base 10"),
    ("categorical_crossentropy", "nan", entropy("return -np.mean(np.sum(Y * np.log(P), axis=1))"), 2, "nan"),
    ("categorical_crossentropy", "large epsilon", entropy("return -np.mean(np.sum(Y * np.log(P + 0.01), axis=1))"), 0, ""),
    ("categorical_crossentropy", "each row", entropy("return -np.log(np.sum(Y * P, axis=1))"), 0, "shape"),
    ("categorical_crossentropy", "most likely class", entropy("return -np.mean(np.log(P.max(axis=1)))"), 0, "most likely"),
    ("categorical_crossentropy", "squared error", entropy("return np.mean(np.sum((Y - P) ** 2, axis=1))"), 0, ""),
    (
        "categorical_crossentropy",
        "binary",
        entropy("P = np.clip(P, 1e-9, 1 - 1e-9)", "return -np.mean(np.sum(Y * np.log(P) + (1 - Y) * np.log(1 - P), axis=1))"),
        0,
        "binary loss",
    ),
    ("categorical_crossentropy", "changes P", entropy("P[P == 0] = 1e-12", "return -np.mean(np.sum(Y * np.log(P), axis=1))"), 2, "unchanged"),
]  # fmt: skip


@pytest.mark.parametrize("question, slip, source, worth, said", WRONG, ids=[f"{w[0]}: {w[1]}" for w in WRONG])
def test_wrong_answer(helper, solved, question, slip, source, worth, said):
    space = answered(solved, source)
    assert judge(question, space) == worth
    with np.errstate(all="ignore"), pytest.raises(helper.CheckFailed) as failure:
        getattr(helper, "check_" + question)(space[question])
    assert said in str(failure.value)


# ------------------------------------------------------------------------------- right answers, spelled otherwise

RIGHT = [
    ("hidden_unit", "a list", unit("[float(sigmoid(w1 * x1 + w2 * x2 + b))]")),
    ("hidden_unit", "the textbook's", unit("1 / (1 + np.exp(-(w1 * x1 + w2 * x2 + b)))")),
    ("hidden_unit", "float32, (1, 1)", unit("np.array([[sigmoid(w1 * x1 + w2 * x2 + b)]], dtype=np.float32)")),
    ("to_matrices", "lists", matrices(RIGHT_W + ".tolist()", "[[q['b1']], [q['b2']], [q['b3']]]")),
    ("to_matrices", "transposed columns", matrices(COLUMNS + ".T", "np.array([[q['b1'], q['b2'], q['b3']]]).T")),
    ("mlp_forward", "(1, 1)", forward(o="w_o.T @ H + b_o")),
    ("mlp_forward", "float32", forward(H="sigmoid(Z).astype(np.float32)")),
    ("mlp_forward", "dot", forward(Z="np.dot(X.T, W).T + B", o="np.dot(w_o.ravel(), H.ravel()) + b_o")),
    (
        "mlp_forward",
        "loops, lists and more entries",
        """
        def mlp_forward(X, W, B, w_o, b_o):
            Z, H, o = [], [], b_o
            for j in range(W.shape[1]):
                z = B[j, 0]
                for i in range(W.shape[0]):
                    z += W[i, j] * X[i, 0]
                Z.append([z])
                H.append([float(1 / (1 + np.exp(-z)))])
                o += w_o[j, 0] * H[-1][0]
            return {'Z': Z, 'H': H, 'o': [o], 'p': np.float32(1 / (1 + np.exp(-o))), 'X': X}
        """,
    ),
    ("mlp_backward", "(1, 1)", forward(o="w_o.T @ H + b_o") + backward()),
    ("mlp_backward", "-2 (y - p)", backward(d="-2 * (y - p) * p * (1 - p)")),
    ("mlp_backward", "more entries, lists", backward(dB="D.tolist()", entries="'dw_o': dw_o, 'db_o': [db_o], 'dW': dW, 'dB': dB, 'p': p")),
    ("mlp_backward", "outer, float32", backward(dW="np.outer(X, D).astype(np.float32)")),
    (
        "mlp_backward",
        "by central differences",
        """
        def mlp_backward(X, y, W, B, w_o, b_o):
            theta, found = {'W': W, 'B': B, 'w_o': w_o, 'b_o': np.array(b_o)}, {}
            for name, value in theta.items():
                found['d' + name] = np.zeros(value.shape)
                for index in np.ndindex(value.shape):
                    step = np.zeros(value.shape)
                    step[index] = 1e-5
                    a, b = ((y - mlp_forward(X, **{**theta, name: value + s})['p']) ** 2 for s in (step, -step))
                    found['d' + name][index] = (a - b) / 2e-5
            return found
        """,
    ),
    ("diagnose_slide", "weights", diagnosis("(n['dw_o'] / s['dw_o'])[0]", "n['dW'][0] / s['dW'][0]")),
    ("diagnose_slide", "last weights", diagnosis("(n['dw_o'] / s['dw_o'])[-1, 0]", "n['dW'][-1] / s['dW'][-1]")),
    ("diagnose_slide", "means", diagnosis("np.mean(n['dw_o'] / s['dw_o'])", "np.mean(n['dW'] / s['dW'], axis=0)")),
    ("diagnose_slide", "sums", diagnosis("n['dw_o'].sum() / s['dw_o'].sum()", "n['dW'].sum(axis=0) / s['dW'].sum(axis=0)")),
    (
        "diagnose_slide",
        "least squares, a list",
        diagnosis(
            "np.sum(n['dw_o'] * s['dw_o']) / np.sum(s['dw_o'] ** 2)",
            "list(np.sum(n['dW'] * s['dW'], axis=0) / np.sum(s['dW'] ** 2, axis=0))",
        ),
    ),
    ("diagnose_slide", "median", diagnosis("np.median(n['dw_o'] / s['dw_o'])", "np.median(n['dW'] / s['dW'], axis=0)")),
    ("train_mlp", "a last loss", train(after="history.append(sum((t - mlp_forward(x.reshape(-1, 1), **theta)['p']) ** 2 for x, t in zip(X, y)))")),
    ("train_mlp", "losses after the step", train(step="theta[name] = theta[name] - lr * total[name]", loss="sum((t - mlp_forward(x.reshape(-1, 1), **theta)['p']) ** 2 for x, t in zip(X, y))")),
    ("train_mlp", "(1, 1) everywhere", forward(o="w_o.T @ H + b_o") + train()),
    ("train_mlp", "an array of losses, a list", train(answer="[{**theta, 'lr': lr}, np.array(history).reshape(-1, 1)]")),
    (
        "train_mlp",
        "the batch at once, in float32",
        """
        def train_mlp(X, y, params, lr, n_iters):
            W, B, w, b = (np.asarray(params[n], dtype=np.float32) for n in ('W', 'B', 'w_o', 'b_o'))
            X, y, lr, history = X.astype(np.float32), y.astype(np.float32)[:, None], np.float32(lr), []
            for _ in range(n_iters):
                H = sigmoid(X @ W + B.T).astype(np.float32)
                p = sigmoid(H @ w + b).astype(np.float32)
                history.append(float(np.sum((y - p) ** 2)))
                d = 2 * (p - y) * p * (1 - p)
                D = d @ w.T * H * (1 - H)
                W, B = W - lr * X.T @ D, B - lr * D.sum(axis=0)[:, None]
                w, b = w - lr * H.T @ d, b - lr * d.sum()
            return {'W': W, 'B': B, 'w_o': w, 'b_o': b}, history
        """,
    ),
    ("softmax", "shorter", soft("e = np.exp(z - z.max(-1, keepdims=True))", "return (e / e.sum(-1, keepdims=True)).tolist()")),
    ("softmax", "through logs", soft("m = z.max(axis=-1, keepdims=True)", "return np.exp(z - m - np.log(np.exp(z - m).sum(axis=-1, keepdims=True)))")),
    ("softmax", "by rows", soft("if z.ndim == 2:", "    return [softmax(row) for row in z]", "e = np.exp(z - max(z))", "return e / sum(e)")),
    ("softmax", "float32", soft("z = z.astype(np.float32)", "e = np.exp(z - z.max(axis=-1, keepdims=True))", "return e / e.sum(axis=-1, keepdims=True)")),
    ("softmax", "differences", soft("return 1 / np.sum(np.exp(z[..., None, :] - z[..., :, None]), axis=-1)")),
    *[
        ("categorical_crossentropy", f"clipped at {eps}", entropy(f"return -np.mean(np.sum(Y * np.log(np.clip(P, {eps}, 1 - {eps})), axis=-1))"))
        for eps in ("1e-7", "1e-9", "1e-12", "1e-15")
    ],
    ("categorical_crossentropy", "a little added", entropy("return -np.sum(Y * np.log(P + 1e-8)) / len(Y)")),
    ("categorical_crossentropy", "chosen", entropy("return [-np.mean(np.log(P[np.arange(len(Y)), Y.argmax(axis=1)]))]")),
    ("categorical_crossentropy", "masked", entropy("return -np.log(P[Y == 1]).mean()")),
    ("categorical_crossentropy", "nansum", entropy("return -np.mean(np.nansum(Y * np.log(P), axis=1))")),
    ("categorical_crossentropy", "where", entropy("return -np.mean(np.sum(np.where(Y > 0, np.log(P), 0), axis=1))")),
]  # fmt: skip


@pytest.mark.parametrize("question, spelling, source", RIGHT, ids=[f"{r[0]}: {r[1]}" for r in RIGHT])
def test_right_answer(helper, solved, question, spelling, source):
    space = answered(solved, source)
    for seed in range(1 if question == "train_mlp" else 4):
        assert judge(question, space, seed) == CONTRACT[question]
    with np.errstate(all="ignore"):
        getattr(helper, "check_" + question)(space[question])
