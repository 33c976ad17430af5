# %% wrong: no error found | points: 0 | idea: the slide taken on trust
slide_errors = set()

# %% wrong: still None | points: 0 | idea: nothing filled in
slide_errors = None

# %% wrong: an empty dict by mistake | points: 0 | idea: a dict in place of a set
slide_errors = {}

# %% wrong: only the probability | points: 1 | idea: the column that follows from it
slide_errors = {(3, "p")}

# %% wrong: only the class | points: 1 | idea: the column that led to it
slide_errors = {(3, "y_hat")}

# %% wrong: rows counted from 0 | points: 0 | idea: rows counted from 0
slide_errors = {(2, "p"), (2, "y_hat")}

# %% wrong: h as well | points: 1 | idea: the whole row taken for wrong
slide_errors = {(3, "h"), (3, "p"), (3, "y_hat")}

# %% wrong: the row (0, 1) instead of (1, 0) | points: 0
slide_errors = {(2, "p"), (2, "y_hat"), (2, "h")}

# %% wrong: column and row swapped | points: 0 | idea: column before row
slide_errors = {("p", 3), ("y_hat", 3)}

# %% wrong: every entry of the columns p and y_hat | points: 0 | idea: both columns in every row
slide_errors = set()
for row in range(1, 5):
    slide_errors.add((row, "p"))
    slide_errors.add((row, "y_hat"))

# %% wrong: one pair, not a set of pairs | points: 0 | idea: one pair for both entries
slide_errors = (3, "p", "y_hat")

# %% wrong: the two columns as text | points: 0
slide_errors = {"3 p", "3 y_hat"}

# %% wrong: last row too, because its y is 1 | points: 1 | idea: a bad prediction among the misprints
slide_errors = {(3, "p"), (3, "y_hat"), (4, "y_hat")}

# %% wrong: where the perceptron's answer is not y | points: 0 | idea: bad predictions taken for misprints
slide_errors = {(2, "y_hat"), (3, "y_hat"), (4, "y_hat")}

# %% wrong: the slide's spelling of the class for OR mixed up | points: 0
slide_errors = {(3, "y"), (3, "P")}

# %% wrong: a function that returns them | points: 0
def slide_errors():
    return {(3, "p"), (3, "y_hat")}

# %% right: the two entries
slide_errors = {(3, "p"), (3, "y_hat")}

# %% right: a list of tuples
slide_errors = [(3, "y_hat"), (3, "p")]

# %% right: computed from the printed table
_printed = {
    "h": [-0.5, -1.5, 0.5, -0.5],
    "p": [0.38, 0.18, 0.38, 0.38],
    "y_hat": [0, 0, 0, 0],
}
_h, _p, _y = perceptron_table(X, w_slide, b_slide)
slide_errors = set()
for _name, _column in (("h", [-0.5, -1.5, 0.5, -0.5]), ("p", 1 / (1 + np.exp([0.5, 1.5, -0.5, 0.5]))), ("y_hat", [0, 0, 1, 0])):
    for _i in range(4):
        if abs(_column[_i] - _printed[_name][_i]) > 0.006:
            slide_errors.add((_i + 1, _name))

# %% right: a comprehension
slide_errors = {(3, column) for column in ("p", "y_hat")}

# %% right: built with add
slide_errors = set()
slide_errors.add((3, "p"))
slide_errors.add((3, "y_hat"))

# %% right: floats for rows, in a tuple
slide_errors = ((3.0, "p"), (3.0, "y_hat"))

# %% right: lists in a list, one twice
slide_errors = [[3, "p"], [3, "y_hat"], [3, "p"]]

# %% right: a frozenset with a comment
wrong_row = 3  # X = (1, 0): h = +0.5, so p = 0.62
slide_errors = frozenset([(wrong_row, "p"), (wrong_row, "y_hat")])

# %% right: NumPy's own integers and texts
slide_errors = {(np.int32(3), np.str_("p")), (np.int64(3), np.str_("y_hat"))}

# %% wrong: both misprints and the classes that are not y | points: 1
slide_errors = {(2, "y_hat"), (3, "p"), (3, "y_hat"), (4, "y_hat")}
