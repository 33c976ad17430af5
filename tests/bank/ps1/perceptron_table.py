# %% wrong: y_hat always 0, as in the slide's table | points: 2 | idea: no row above one half
def perceptron_table(X, w, b):
    h = weighted_sum(X, w, b)
    p = sigmoid(h)
    y_hat = np.zeros(len(p), dtype=int)
    return h, p, y_hat

# %% wrong: p never above one half, as the slide prints row 3 | points: 1 | idea: a positive h squeezed below one half
def perceptron_table(X, w, b):
    h = weighted_sum(X, w, b)
    p = 1 / (1 + np.exp(np.abs(h)))
    return h, p, (p > 0.5) * 1

# %% wrong: exp(+h) from the slide's worked example | points: 1 | idea: sign of the exponent
def perceptron_table(X, w, b):
    h = X @ w + b
    p = 1 / (1 + np.exp(h))
    y_hat = np.round(p)
    return h, p, y_hat

# %% wrong: threshold 0.5 on h | points: 2 | idea: h compared with one half
def perceptron_table(X, w, b):
    h = weighted_sum(X, w, b)
    p = sigmoid(h)
    y_hat = [1 if v > 0.5 else 0 for v in h]
    return h, p, y_hat

# %% wrong: 1 and -1 as classes | points: 2 | idea: classes 1 and -1
def perceptron_table(X, w, b):
    h = weighted_sum(X, w, b)
    p = sigmoid(h)
    return h, p, np.sign(h)

# %% wrong: the order p, h, y_hat | points: 2 | idea: results in another order
def perceptron_table(X, w, b):
    h = weighted_sum(X, w, b)
    p = sigmoid(h)
    y_hat = (p > 0.5).astype(float)
    return p, h, y_hat

# %% wrong: only y_hat comes back | points: 0 | idea: only the last column returned
def perceptron_table(X, w, b):
    h = weighted_sum(X, w, b)
    p = sigmoid(h)
    y_hat = np.where(p > 0.5, 1, 0)
    return y_hat

# %% wrong: the three columns as one (n, 3) table | points: 0 | idea: one table in place of three columns
def perceptron_table(X, w, b):
    h = weighted_sum(X, w, b)
    p = sigmoid(h)
    y_hat = (p > 0.5).astype(int)
    return np.column_stack([h, p, y_hat])

# %% wrong: threshold the wrong way round | points: 2 | idea: the classes turned round
def perceptron_table(X, w, b):
    h = weighted_sum(X, w, b)
    p = sigmoid(h)
    y_hat = np.where(p > 0.5, 0, 1)
    return h, p, y_hat

# %% wrong: the sigmoid twice | points: 1 | idea: the activation applied twice
def perceptron_table(X, w, b):
    h = weighted_sum(X, w, b)
    p = sigmoid(sigmoid(h))
    y_hat = (p > 0.5).astype(int)
    return h, p, y_hat

# %% wrong: p in per cent | points: 1 | idea: p in per cent
def perceptron_table(X, w, b):
    h = weighted_sum(X, w, b)
    p = 100 * sigmoid(h)
    y_hat = (p > 50).astype(int) * 100
    return h, p, y_hat

# %% wrong: p rounded to two decimals like the slide | points: 3 | idea: rounded as on the slide
def perceptron_table(X, w, b):
    h = weighted_sum(X, w, b)
    p = np.round(sigmoid(h), 2)
    y_hat = np.where(p > 0.5, 1, 0)
    return h, p, y_hat

# %% wrong: the four rows of the lecture | points: 0 | idea: the lecture's four rows built in
def perceptron_table(X, w, b):
    h, p, y_hat = np.zeros(4), np.zeros(4), np.zeros(4)
    for i in range(4):
        h[i] = X[i, 0] * w[0] + X[i, 1] * w[1] + b
        p[i] = 1 / (1 + np.exp(-h[i]))
        if p[i] > 0.5:
            y_hat[i] = 1
    return h, p, y_hat

# %% wrong: prints the table | points: 0 | idea: nothing returned
def perceptron_table(X, w, b):
    h = weighted_sum(X, w, b)
    p = sigmoid(h)
    for i in range(len(h)):
        print(i + 1, h[i], p[i], int(p[i] > 0.5))

# %% wrong: threshold at the mean of p | points: 2 | idea: none
def perceptron_table(X, w, b):
    h = weighted_sum(X, w, b)
    p = sigmoid(h)
    y_hat = (np.asarray(p) > np.mean(p)).astype(int)
    return h, p, y_hat

# %% wrong: one class for the whole table | points: 2
def perceptron_table(X, w, b):
    h = weighted_sum(X, w, b)
    p = sigmoid(h)
    y_hat = int(np.any(p > 0.5))
    return h, p, y_hat

# %% wrong: truncates p to an integer | points: 2
def perceptron_table(X, w, b):
    h = weighted_sum(X, w, b)
    p = sigmoid(h)
    return h, p, p.astype(int)

# %% wrong: sorts the rows by h | points: 0
def perceptron_table(X, w, b):
    h = np.sort(weighted_sum(X, w, b))
    p = sigmoid(h)
    return h, p, p > 0.5

# %% right: from the earlier answers
def perceptron_table(X, w, b):
    h = weighted_sum(X, w, b)
    p = sigmoid(h)
    y_hat = (p > 0.5).astype(int)
    return h, p, y_hat

# %% right: rounds p
def perceptron_table(X, w, b):
    h = weighted_sum(X, w, b)
    p = sigmoid(h)
    return h, p, np.rint(p)

# %% right: loops and three lists
def perceptron_table(X, w, b):
    h, p, y_hat = [], [], []
    for row in X:
        total = sum(wi * xi for wi, xi in zip(w, row)) + b
        prob = 1 / (1 + np.exp(-total))
        h.append(total)
        p.append(prob)
        y_hat.append(True if prob > 0.5 else False)
    return h, p, y_hat

# %% right: nothing from upstream, one array of three rows
def perceptron_table(X, w, b):
    table = np.empty((3, len(X)))
    table[0] = X @ w + b
    table[1] = 1 / (1 + np.exp(-table[0]))
    table[2] = np.heaviside(table[1] - 0.5, 0)
    return table

# %% right: float32 and a named tuple
from collections import namedtuple

PerceptronTable = namedtuple("PerceptronTable", "h p y_hat")

def perceptron_table(X, w, b):
    h = weighted_sum(X, w, b).astype(np.float32) if hasattr(weighted_sum(X, w, b), "astype") else weighted_sum(X, w, b)
    p = sigmoid(np.asarray(h))
    return PerceptronTable(h, p, np.asarray(p) > 0.5)

# %% right: the class from the sign of h
def perceptron_table(X, w, b):
    h = weighted_sum(X, w, b)
    p = sigmoid(h)
    y_hat = [int(value > 0) for value in h]  # p > 0.5 exactly when h > 0
    return h, p, y_hat

# %% right: draws a picture on the way
def perceptron_table(X, w, b):
    h = weighted_sum(X, w, b)
    p = sigmoid(h)
    y_hat = np.where(np.asarray(p) > 0.5, 1, 0)
    fig, ax = plt.subplots()
    ax.plot(p, "o")
    plt.close(fig)
    return [h, p, y_hat]

# %% right: np.select, >= and an intermediate print
def perceptron_table(X, w, b):
    h = weighted_sum(X, w, b)
    p = np.array(sigmoid(h))
    y_hat = np.select([p >= 0.5], [1.0], default=0.0)
    print(h, p, y_hat)
    return (h, p, y_hat)

# %% wrong: h handed back rounded, as the slide prints it | points: 3 | idea: h rounded as on the slide
def perceptron_table(X, w, b):
    h = weighted_sum(X, w, b)
    p = sigmoid(h)
    return np.round(h, 2), p, np.where(p > 0.5, 1, 0)

# %% right: rows first, turned into columns by zip
import math
def perceptron_table(X, w, b):
    rows = []
    for row in X:
        h = sum(x * v for x, v in zip(row, w)) + b
        p = 1 / (1 + math.exp(-h))
        rows.append((h, p, int(p > 0.5)))
    return tuple(zip(*rows))

# %% right: a named tuple
from collections import namedtuple
HPY = namedtuple("HPY", "h p y_hat")
def perceptron_table(X, w, b):
    h = weighted_sum(X, w, b)
    p = sigmoid(np.asarray(h))
    return HPY(h, p, np.heaviside(h, 0))

# %% right: an object array of three arrays
def perceptron_table(X, w, b):
    out = np.empty(3, dtype=object)
    out[0] = weighted_sum(X, w, b)
    out[1] = sigmoid(out[0])
    out[2] = (out[1] > 0.5) * 1
    return out

# %% wrong: the first row's y_hat for all | points: 2
def perceptron_table(X, w, b):
    h = weighted_sum(X, w, b)
    p = sigmoid(h)
    return h, p, np.full(len(p), int(p[0] > 0.5))
