# %% wrong: W is transposed, (3, 2) | points: 1 | idea: W transposed
def to_matrices(params):
    W = np.array([[params["w11"], params["w21"]], [params["w12"], params["w22"]], [params["w13"], params["w23"]]])
    B = np.array([[params["b1"]], [params["b2"]], [params["b3"]]])
    return W, B

# %% wrong: reshaped in place of transposed | points: 1 | idea: reshape for transpose
def to_matrices(params):
    W = np.array([[params["w11"], params["w21"]], [params["w12"], params["w22"]], [params["w13"], params["w23"]]])
    B = np.array([[params["b1"]], [params["b2"]], [params["b3"]]])
    return W.reshape(2, 3), B

# %% wrong: B is flat | points: 1 | idea: B without a second axis
def to_matrices(params):
    W = np.array([[params[f"w{i}{j}"] for j in range(1, 4)] for i in range(1, 3)])
    B = np.array([params[f"b{j}"] for j in range(1, 4)])
    return W, B

# %% wrong: B is a row | points: 1 | idea: B as a row
def to_matrices(params):
    W = np.array([[params[f"w{i}{j}"] for j in range(1, 4)] for i in range(1, 3)])
    B = np.array([[params["b1"], params["b2"], params["b3"]]])
    return W, B

# %% wrong: goes by the order of the dict | points: 0 | idea: taken by place, not by name
def to_matrices(params):
    values = list(params.values())
    W = np.array(values[:6]).reshape(2, 3)
    B = np.array(values[6:]).reshape(3, 1)
    return W, B

# %% wrong: the two inputs swapped | points: 1 | idea: rows exchanged
def to_matrices(params):
    W = np.array([[params["w21"], params["w22"], params["w23"]], [params["w11"], params["w12"], params["w13"]]])
    B = np.array([[params["b1"]], [params["b2"]], [params["b3"]]])
    return W, B

# %% wrong: a typing slip in one entry | points: 1
def to_matrices(params):
    W = np.array([[params["w11"], params["w12"], params["w13"]], [params["w21"], params["w22"], params["w22"]]])
    B = np.array([[params["b1"]], [params["b2"]], [params["b3"]]])
    return W, B

# %% wrong: keys counted from 0 | points: 0 | idea: names that the dict does not have
def to_matrices(params):
    W = np.zeros((2, 3))
    for i in range(2):
        for j in range(3):
            W[i, j] = params[f"w{i}{j}"]
    B = np.array([[params[f"b{j}"]] for j in range(3)])
    return W, B

# %% wrong: B before W | points: 0 | idea: results in another order
def to_matrices(params):
    W = np.array([[params[f"w{i}{j}"] for j in (1, 2, 3)] for i in (1, 2)])
    B = np.array([[params[f"b{j}"]] for j in (1, 2, 3)])
    return B, W

# %% wrong: a dict comes back | points: 0 | idea: a dict in place of two results
def to_matrices(params):
    W = np.array([[params[f"w{i}{j}"] for j in (1, 2, 3)] for i in (1, 2)])
    B = np.array([[params[f"b{j}"]] for j in (1, 2, 3)])
    return {"W": W, "B": B}

# %% wrong: the biases in W as a third row | points: 1 | idea: the biases as a row of W
def to_matrices(params):
    W = np.array([
        [params["w11"], params["w12"], params["w13"]],
        [params["w21"], params["w22"], params["w23"]],
        [params["b1"], params["b2"], params["b3"]],
    ])
    return W, W[2].reshape(3, 1)

# %% wrong: the numbers of the example typed in | points: 0 | idea: the example's numbers typed in
def to_matrices(params):
    W = np.array([[0.5, -0.3, 0.8], [0.2, 0.7, -0.6]])
    B = np.array([[0.1], [-0.2], [0.3]])
    return W, B

# %% wrong: integers | points: 0 | idea: cut to whole numbers
def to_matrices(params):
    W = np.zeros((2, 3), dtype=int)
    B = np.zeros((3, 1), dtype=int)
    for i in range(2):
        for j in range(3):
            W[i, j] = params[f"w{i + 1}{j + 1}"]
            B[j, 0] = params[f"b{j + 1}"]
    return W, B

# %% wrong: the biases with a minus | points: 1 | idea: the biases with a minus
def to_matrices(params):
    W = np.array([[params[f"w{i}{j}"] for j in (1, 2, 3)] for i in (1, 2)])
    B = np.array([[-params[f"b{j}"]] for j in (1, 2, 3)])
    return W, B

# %% right: typed out
def to_matrices(params):
    W = np.array([
        [params["w11"], params["w12"], params["w13"]],
        [params["w21"], params["w22"], params["w23"]],
    ])
    B = np.array([[params["b1"]], [params["b2"]], [params["b3"]]])
    return W, B

# %% right: loops into zeros
def to_matrices(params):
    W = np.zeros((2, 3))
    B = np.zeros((3, 1))
    for j in range(3):
        B[j] = params["b" + str(j + 1)]
        for i in range(2):
            W[i, j] = params["w" + str(i + 1) + str(j + 1)]
    return W, B

# %% right: nested lists
def to_matrices(params):
    W = [[params["w%d%d" % (i, j)] for j in (1, 2, 3)] for i in (1, 2)]
    B = [[params["b%d" % j]] for j in (1, 2, 3)]
    return W, B

# %% right: by columns and a transpose, float32
def to_matrices(params):
    columns = [[params[f"w1{j}"], params[f"w2{j}"]] for j in (1, 2, 3)]
    W = np.array(columns, dtype=np.float32).T
    B = np.array([params["b1"], params["b2"], params["b3"]])[:, None]
    return [W, B]

# %% right: sorted keys
def to_matrices(params):
    names = sorted(params)
    W = np.array([params[n] for n in names if n.startswith("w")]).reshape(2, 3)
    B = np.array([params[n] for n in names if n.startswith("b")]).reshape(-1, 1)
    return W, B

# %% right: goes through the items and reads the name
import re

def to_matrices(params):
    W, B = np.full((2, 3), np.nan), np.full((3, 1), np.nan)
    for name, value in params.items():
        digits = [int(d) - 1 for d in re.findall(r"\d", name)]
        if name[0] == "w":
            W[tuple(digits)] = value
        else:
            B[digits[0], 0] = value
    return W, B

# %% right: by np.matrix
def to_matrices(params):
    g = params.get
    return np.matrix([[g("w11"), g("w12"), g("w13")], [g("w21"), g("w22"), g("w23")]]), np.matrix([g("b1"), g("b2"), g("b3")]).T

# %% right: takes the entries out of a copy
def to_matrices(params):
    params = dict(params)
    B = [[params.pop("b1")], [params.pop("b2")], [params.pop("b3")]]
    W = np.stack([np.array([params.pop("w1" + c) for c in "123"]), np.array([params.pop("w2" + c) for c in "123"])])
    assert not params
    return (W, np.array(B))

# %% right: an object array filled entry by entry
def to_matrices(params):
    W = np.empty((2, 3), dtype=object)
    for i in range(2):
        for j in range(3):
            W[i][j] = params["w" + str(i + 1) + str(j + 1)]
    return W, np.vstack([params["b1"], params["b2"], params["b3"]])

# %% wrong: takes the numbers out of the caller's dict | points: 1 | idea: input changed in place
def to_matrices(params):
    W = np.array([[params.pop(f"w{i}{j}") for j in (1, 2, 3)] for i in (1, 2)])
    B = np.array([[params.pop(f"b{j}")] for j in (1, 2, 3)])
    return W, B
