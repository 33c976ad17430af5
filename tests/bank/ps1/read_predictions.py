# %% wrong: the largest probability, not its place | points: 2 | idea: the probability in place of the digit
def predict_digit(P):
    return np.max(P, axis=1)

def confusion_matrix(y, y_hat, n_classes):
    M = np.zeros((n_classes, n_classes))
    for t, p in zip(y, y_hat):
        M[t, p] += 1
    return M

# %% wrong: argmax over the images | points: 2 | idea: the best image of each digit
def predict_digit(P):
    return P.argmax(axis=0)

def confusion_matrix(y, y_hat, n_classes):
    M = np.zeros((n_classes, n_classes))
    np.add.at(M, (y, y_hat), 1)
    return M

# %% wrong: argmax of everything | points: 2 | idea: one digit for all images
def predict_digit(P):
    return np.argmax(P)

def confusion_matrix(y, y_hat, n_classes):
    M = np.zeros((n_classes, n_classes))
    np.add.at(M, (y, y_hat), 1)
    return M

# %% wrong: columns are the true digits | points: 1 | idea: rows and columns exchanged
def predict_digit(P):
    return np.argmax(P, axis=1)

def confusion_matrix(y, y_hat, n_classes):
    M = np.zeros((n_classes, n_classes))
    for t, p in zip(y, y_hat):
        M[p, t] += 1
    return M

# %% wrong: += counts a pair once | points: 2 | idea: repeated pairs counted once
def predict_digit(P):
    return np.argmax(P, axis=1)

def confusion_matrix(y, y_hat, n_classes):
    M = np.zeros((n_classes, n_classes))
    M[y, y_hat] += 1
    return M

# %% wrong: shares of each row | points: 1 | idea: shares in place of counts
def predict_digit(P):
    return np.argmax(P, axis=1)

def confusion_matrix(y, y_hat, n_classes):
    M = np.zeros((n_classes, n_classes))
    for t, p in zip(y, y_hat):
        M[t, p] += 1
    return M / np.maximum(M.sum(axis=1, keepdims=True), 1)

# %% wrong: only classes that occur | points: 2 | idea: a table only for classes that occur
def predict_digit(P):
    return np.argmax(P, axis=-1)

def confusion_matrix(y, y_hat, n_classes):
    found = sorted(set(y.tolist()) | set(y_hat.tolist()))
    return np.array([[np.sum((y == t) & (y_hat == p)) for p in found] for t in found])

# %% wrong: scikit-learn without labels | points: 2 | idea: a table only for classes that occur
def predict_digit(P):
    return [list(row).index(max(row)) for row in P]

def confusion_matrix(y, y_hat, n_classes):
    from sklearn.metrics import confusion_matrix as sk

    return sk(y, y_hat)

# %% wrong: digits from 1 | points: 2 | idea: digits counted from 1
def predict_digit(P):
    return np.argmax(P, axis=1) + 1

def confusion_matrix(y, y_hat, n_classes):
    return np.bincount(n_classes * y + y_hat, minlength=n_classes**2).reshape(n_classes, n_classes)

# %% wrong: only digits above one half | points: 2 | idea: a threshold of one half
def predict_digit(P):
    answer = np.zeros(len(P), dtype=int)
    for i, row in enumerate(P):
        for digit in range(10):
            if row[digit] > 0.5:
                answer[i] = digit
    return answer

def confusion_matrix(y, y_hat, n_classes):
    return np.bincount(n_classes * y + y_hat, minlength=n_classes**2).reshape(n_classes, n_classes)

# %% wrong: mistakes only, the diagonal is zero | points: 1 | idea: right answers left out
def predict_digit(P):
    return np.argmax(P, axis=1)

def confusion_matrix(y, y_hat, n_classes):
    M = np.zeros((n_classes, n_classes), dtype=int)
    for t, p in zip(y, y_hat):
        if t != p:
            M[t, p] += 1
    return M

# %% wrong: two by two, right and wrong | points: 1 | idea: none
def predict_digit(P):
    return np.argmax(P, axis=1)

def confusion_matrix(y, y_hat, n_classes):
    right = np.sum(y == y_hat)
    return np.array([[right, len(y) - right], [len(y) - right, right]])

# %% wrong: the accuracy | points: 1 | idea: the accuracy in place of the table
def predict_digit(P):
    return np.argmax(P, axis=1)

def confusion_matrix(y, y_hat, n_classes):
    return np.mean(y == y_hat)

# %% wrong: one-hot rows | points: 2 | idea: one-hot in place of the digit
def predict_digit(P):
    return (P == P.max(axis=1, keepdims=True)).astype(int)

def confusion_matrix(y, y_hat, n_classes):
    M = np.zeros((n_classes, n_classes))
    for t, p in zip(y, y_hat):
        M[t, p] = M[t, p] + 1
    return M

# %% wrong: always ten classes | points: 1 | idea: ten classes built in
def predict_digit(P):
    return np.argmax(P, axis=1)

def confusion_matrix(y, y_hat, n_classes):
    M = np.zeros((10, 10))
    for t, p in zip(y, y_hat):
        M[t, p] += 1
    return M

# %% wrong: the least probable digit | points: 2 | idea: the least probable digit
def predict_digit(P):
    return np.argsort(P, axis=1)[:, 0]

def confusion_matrix(y, y_hat, n_classes):
    M = np.zeros((n_classes, n_classes))
    np.add.at(M, (y, y_hat), 1)
    return M

# %% right: argmax and a loop
def predict_digit(P):
    return np.argmax(P, axis=1)

def confusion_matrix(y, y_hat, n_classes):
    M = np.zeros((n_classes, n_classes), dtype=int)
    for t, p in zip(y, y_hat):
        M[t, p] += 1
    return M

# %% right: lists and comprehensions
def predict_digit(P):
    return [max(range(len(row)), key=lambda k: row[k]) for row in P]

def confusion_matrix(y, y_hat, n_classes):
    pairs = list(zip(y.tolist(), y_hat.tolist()))
    return [[pairs.count((t, p)) for p in range(n_classes)] for t in range(n_classes)]

# %% right: matrix product of one-hot tables
def predict_digit(P):
    return P.argmax(axis=-1).astype(np.float32)

def confusion_matrix(y, y_hat, n_classes):
    eye = np.eye(n_classes)
    return eye[y].T @ eye[y_hat]

# %% right: scikit-learn with labels
def predict_digit(P):
    return np.array([int(np.argmax(row)) for row in P])

def confusion_matrix(y, y_hat, n_classes):
    from sklearn.metrics import confusion_matrix as table

    return table(y, y_hat, labels=range(n_classes))

# %% right: histogram2d, argsort
def predict_digit(P: np.ndarray) -> np.ndarray:
    return P.argsort(axis=1)[:, -1]

def confusion_matrix(y: np.ndarray, y_hat: np.ndarray, n_classes: int) -> np.ndarray:
    edges = np.arange(n_classes + 1) - 0.5
    counts, _, _ = np.histogram2d(y, y_hat, bins=[edges, edges])
    print(counts.astype(int))
    return counts

# %% right: Keras backend and Counter
from collections import Counter

def predict_digit(P):
    return keras.ops.convert_to_numpy(keras.ops.argmax(P, axis=-1))

def confusion_matrix(y, y_hat, n_classes):
    seen = Counter((int(t), int(p)) for t, p in zip(y, y_hat))
    return np.array([[seen[t, p] for p in range(n_classes)] for t in range(n_classes)])

# %% right: bincount
def predict_digit(P):
    return np.argsort(P, axis=1)[:, -1]


def confusion_matrix(y, y_hat, n_classes):
    return np.bincount(y * n_classes + y_hat, minlength=n_classes**2).reshape(n_classes, -1)

# %% right: nested function and np.where
def predict_digit(P):
    return np.where(P == P.max(axis=1, keepdims=True))[1]


def confusion_matrix(y, y_hat, n_classes):
    c = np.zeros((n_classes, n_classes), int)
    for i in range(len(y)):
        c[int(y[i]), int(y_hat[i])] = c[int(y[i]), int(y_hat[i])] + 1
    return c

# %% wrong: rows share one list | points: 1 | idea: all rows are one and the same list
def predict_digit(P):
    return np.argmax(P, axis=1)


def confusion_matrix(y, y_hat, n_classes):
    c = [[0] * n_classes] * n_classes
    for a, b in zip(y, y_hat):
        c[a][b] += 1
    return c

# %% wrong: first above 0.3 | points: 2 | idea: none
def predict_digit(P):
    return np.argmax(P > 0.3, axis=1)


def confusion_matrix(y, y_hat, n_classes):
    return np.array([[np.sum((y == i) & (y_hat == j)) for j in range(n_classes)] for i in range(n_classes)])

# %% wrong: only the diagonal | points: 1 | idea: right answers only
def predict_digit(P):
    return np.argmax(P, axis=1)


def confusion_matrix(y, y_hat, n_classes):
    c = np.zeros((n_classes, n_classes), int)
    for a, b in zip(y, y_hat):
        if a == b:
            c[a, a] += 1
    return c

# %% wrong: counts in eight bits | points: 2 | idea: counts in eight bits
def predict_digit(P):
    return np.argmax(P, axis=1)

def confusion_matrix(y, y_hat, n_classes):
    M = np.zeros((n_classes, n_classes), dtype=np.uint8)
    for t, p in zip(y, y_hat):
        M[t, p] += 1
    return M

# %% wrong: goes on counting in the table of the last call | points: 1 | idea: none
def predict_digit(P):
    return np.argmax(P, axis=1)

tables = {}

def confusion_matrix(y, y_hat, n_classes):
    M = tables.setdefault(n_classes, np.zeros((n_classes, n_classes), dtype=int))
    np.add.at(M, (y, y_hat), 1)
    return M.copy()

# %% wrong: the last digit never wins | points: 2
def predict_digit(P):
    return np.array([max(range(9), key=lambda k: row[k]) for row in P])
def confusion_matrix(y, y_hat, n_classes):
    table = np.zeros((n_classes, n_classes), int)
    np.add.at(table, (y, y_hat), 1)
    return table
