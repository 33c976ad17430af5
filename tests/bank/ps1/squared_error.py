# %% wrong: absolute error | points: 0 | idea: absolute error
def squared_error(y, p):
    return np.abs(y - p)

def mean_squared_error(y, p):
    return np.mean(squared_error(y, p))

# %% wrong: the difference, not squared | points: 0 | idea: not squared
def squared_error(y, p):
    return y - p

def mean_squared_error(y, p):
    return (squared_error(y, p)).mean()

# %% wrong: one half in front | points: 0 | idea: a half in front
def squared_error(y, p):
    return 0.5 * (y - p) ** 2

def mean_squared_error(y, p):
    return np.mean(0.5 * (y - p) ** 2)

# %% wrong: the sum for the mean | points: 1 | idea: sum for mean
def squared_error(y, p):
    return (y - p) ** 2

def mean_squared_error(y, p):
    return np.sum((y - p) ** 2)

# %% wrong: already summed | points: 1 | idea: already summed
def squared_error(y, p):
    return np.sum((y - p) ** 2)

def mean_squared_error(y, p):
    return squared_error(y, p) / len(y)

# %% wrong: the root of the mean | points: 1 | idea: root of the mean
def squared_error(y, p):
    return (y - p) ** 2

def mean_squared_error(y, p):
    return np.sqrt(np.mean((y - p) ** 2))

# %% wrong: divides by 4, the rows of the slide | points: 1 | idea: the slide's four rows built in
def squared_error(y, p):
    return np.square(y - p)

def mean_squared_error(y, p):
    return sum(squared_error(y, p)) / 4

# %% wrong: y squared minus p squared | points: 0 | idea: squares subtracted
def squared_error(y, p):
    return y**2 - p**2

def mean_squared_error(y, p):
    return np.mean(y**2 - p**2)

# %% wrong: ^ is not a power | points: 0 | idea: a caret for the power
def squared_error(y, p):
    return (y - p) ^ 2

def mean_squared_error(y, p):
    return np.mean(squared_error(y, p))

# %% wrong: every pair of y and p | points: 0 | idea: every y with every p
def squared_error(y, p):
    return (y.reshape(-1, 1) - p) ** 2

def mean_squared_error(y, p):
    return np.mean(squared_error(y, p))

# %% wrong: divides by n - 1 | points: 1 | idea: divided by one less
def squared_error(y, p):
    e = y - p
    return e * e

def mean_squared_error(y, p):
    return squared_error(y, p).sum() / (len(y) - 1)

# %% wrong: rounds the probabilities first | points: 0 | idea: the class in place of the probability
def squared_error(y, p):
    return (y - np.round(p)) ** 2

def mean_squared_error(y, p):
    return float(np.mean(squared_error(y, p)))

# %% wrong: the variance | points: 1 | idea: the variance
def squared_error(y, p):
    return (p - y) ** 2

def mean_squared_error(y, p):
    return np.var(p - y)

# %% wrong: the second function is missing | points: 1
def squared_error(y, p):
    return (y - p) ** 2

# %% wrong: the mean keeps every entry | points: 1 | idea: divided, but not added up
def squared_error(y, p):
    return (y - p) ** 2

def mean_squared_error(y, p):
    return (y - p) ** 2 / len(y)

# %% wrong: changes p in place | points: 1 | idea: input changed in place
def squared_error(y, p):
    p -= y
    return p**2

def mean_squared_error(y, p):
    total = 0
    for a, q in zip(y, p):
        total += (a - q) ** 2
    return total / len(y)

# %% right: the formula twice
def squared_error(y, p):
    return (y - p) ** 2

def mean_squared_error(y, p):
    return np.mean((y - p) ** 2)

# %% right: one calls the other, float
def squared_error(y, p):
    return np.power(p - y, 2)

def mean_squared_error(y, p):
    return float(squared_error(y, p).mean())

# %% right: comprehensions and statistics.mean
import statistics

def squared_error(y, p):
    return [(float(a) - float(q)) ** 2 for a, q in zip(y, p)]

def mean_squared_error(y, p):
    return statistics.mean(squared_error(y, p))

# %% right: a dot product, (1, 1)
def squared_error(y, p):
    return y**2 - 2 * y * p + p**2

def mean_squared_error(y, p):
    e = (y - p).reshape(-1, 1)
    return e.T @ e / len(e)

# %% right: with scikit-learn
def squared_error(y, p):
    difference = np.subtract(y, p)
    return np.multiply(difference, difference)

def mean_squared_error(y, p):
    from sklearn.metrics import mean_squared_error as mse

    return mse(y, p)

# %% right: float32 and an accumulating loop
def squared_error(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    return ((y - p) ** 2).astype("float32")

def mean_squared_error(y: np.ndarray, p: np.ndarray) -> float:
    total = 0.0
    for i in range(y.shape[0]):
        total += (y[i] - p[i]) ** 2
    return total / y.shape[0]

# %% right: the second before the first, 0-d array
def mean_squared_error(y, p):
    return np.array(np.average(squared_error(y, p)))

def squared_error(y, p):
    return abs(y - p) ** 2

# %% right: the variance plus the square of the mean
def squared_error(y, p):
    return (p - y) ** 2
def mean_squared_error(y, p):
    r = y - p
    return r.var() + r.mean() ** 2

# %% right: a mean of shape (1,)
def squared_error(y, p):
    return np.square(y - p)
def mean_squared_error(y, p):
    return np.mean(squared_error(y, p), keepdims=True)
