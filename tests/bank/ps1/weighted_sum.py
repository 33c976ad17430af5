# %% wrong: the bias is forgotten | points: 0 | idea: bias forgotten
def weighted_sum(X, w, b):
    h = np.dot(X, w)
    return h

# %% wrong: the bias is subtracted | points: 0 | idea: bias subtracted
def weighted_sum(X, w, b):
    return X.dot(w) - b

# %% wrong: the slide's two inputs written out | points: 1 | idea: two inputs built in
def weighted_sum(X, w, b):
    x1 = X[:, 0]
    x2 = X[:, 1]
    return w[0] * x1 + w[1] * x2 + b

# %% wrong: element-wise product, nothing summed | points: 0 | idea: products not added up
def weighted_sum(X, w, b):
    return X * w + b

# %% wrong: one number for the whole table | points: 0 | idea: summed over all rows
def weighted_sum(X, w, b):
    h = 0
    for i in range(X.shape[0]):
        for j in range(X.shape[1]):
            h += X[i, j] * w[j]
    return h + b

# %% wrong: the sum along the wrong axis | points: 0 | idea: summed down the columns
def weighted_sum(X, w, b):
    return np.sum(X * w, axis=0) + b

# %% wrong: the bias is added once for each input | points: 0 | idea: bias added once for each input
def weighted_sum(X, w, b):
    return np.sum(X * w + b, axis=1)

# %% wrong: mean of the products | points: 0 | idea: mean for sum
def weighted_sum(X, w, b):
    return (X * w).mean(axis=1) + b

# %% wrong: X.T @ w | points: 0 | idea: X transposed
def weighted_sum(X, w, b):
    return X.T @ w + b

# %% wrong: a column (n, 1) | points: 0 | idea: a column in place of a vector
def weighted_sum(X, w, b):
    w = w.reshape(-1, 1)
    return X @ w + b

# %% wrong: the sigmoid already applied | points: 0 | idea: the activation too early
def weighted_sum(X, w, b):
    h = X @ w + b
    return sigmoid(h)

# %% wrong: the slide's column h typed in | points: 0 | idea: the slide's column typed in
def weighted_sum(X, w, b):
    return np.array([-0.5, -1.5, 0.5, -0.5])

# %% wrong: ignores the arguments and uses the slide's weights | points: 0 | idea: the slide's weights built in
def weighted_sum(X, w, b):
    return X @ w_slide + b_slide

# %% wrong: only the first row | points: 0 | idea: the first row only
def weighted_sum(X, w, b):
    for row in X:
        total = b
        for x_i, w_i in zip(row, w):
            total += x_i * w_i
        return total

# %% wrong: the bias is multiplied | points: 0 | idea: bias multiplied
def weighted_sum(X, w, b):
    return (X @ w) * b

# %% wrong: adds the bias to X in place | points: 0 | idea: input changed in place
def weighted_sum(X, w, b):
    X *= w
    return X.sum(axis=1) + b

# %% wrong: the loop forgets the last input | points: 0 | idea: the last input left out
def weighted_sum(X, w, b):
    n, d = X.shape
    h = np.full(n, float(b))
    for j in range(d - 1):
        h += X[:, j] * w[j]
    return h

# %% right: matrix product
def weighted_sum(X, w, b):
    return X @ w + b

# %% right: einsum with type hints
import numpy.typing as npt

def weighted_sum(X: npt.NDArray, w: npt.NDArray, b: float) -> npt.NDArray:
    return np.einsum("nd,d->n", X, w) + b

# %% right: double loop into a list
def weighted_sum(X, w, b):
    answer = []
    for i in range(len(X)):
        total = b
        for j in range(len(w)):
            total = total + w[j] * X[i][j]
        answer.append(total)
    return answer

# %% right: a column of ones
def weighted_sum(X, w, b):
    ones = np.ones((X.shape[0], 1))
    design = np.hstack([ones, X])
    theta = np.concatenate([[b], w])
    return design.dot(theta)

# %% right: float32 through np.inner
def weighted_sum(X, w, b):
    return np.inner(np.float32(X), np.float32(w)) + np.float32(b)

# %% right: helper for one row and map
def row_times_weights(row, w):
    return sum(a * c for a, c in zip(row, w))

def weighted_sum(X, w, b):
    return np.array(list(map(lambda row: row_times_weights(row, w) + b, X)))

# %% right: column by column, prints the shapes
def weighted_sum(X, w, b):
    print("X", X.shape, "w", w.shape)
    h = np.zeros(X.shape[0]) + b
    for j, wj in enumerate(w):
        h += wj * X[:, j]
    return h

# %% right: tensordot on copies, flattened
def weighted_sum(X, w, b):
    X, w = X.copy(), w.copy().reshape(-1, 1)
    return (np.tensordot(X, w, axes=1) + b).flatten()

# %% right: recursion over the inputs
def weighted_sum(X, w, b):
    if len(w) == 0:
        return np.zeros(len(X)) + b
    return X[:, 0] * w[0] + weighted_sum(X[:, 1:], w[1:], b)

# %% right: arrays of Python objects
def weighted_sum(X, w, b):
    return X.astype(object) @ w.astype(object) + b

# %% right: parameters of other names, and more of them
def weighted_sum(inputs, weights, bias=0, *more):
    return tuple(float(np.vdot(row, weights) + bias) for row in inputs)

# %% wrong: X turned where that happens to fit | points: 1 | idea: turned only where it does not fit
def weighted_sum(X, w, b):
    try:
        return X.T @ w + b
    except ValueError:
        return X @ w + b

# %% wrong: the bias without its sign | points: 0 | idea: none
def weighted_sum(X, w, b):
    return X @ w + abs(b)
