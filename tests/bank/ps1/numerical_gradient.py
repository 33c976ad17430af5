# %% wrong: the forward difference | points: 0 | idea: one side only
def numerical_gradient(f, theta, eps=1e-5):
    theta = np.array(theta, dtype=float)
    grad = np.zeros(theta.shape)
    f0 = f(theta)
    for index in np.ndindex(theta.shape):
        moved = theta.copy()
        moved[index] += eps
        grad[index] = (f(moved) - f0) / eps
    return grad

# %% wrong: the backward difference | points: 0 | idea: the lower side only
def numerical_gradient(f, theta, eps=1e-5):
    theta = np.asarray(theta, float)
    grad = np.zeros_like(theta)
    for index in np.ndindex(theta.shape):
        moved = theta.copy()
        moved[index] -= eps
        grad[index] = (f(theta) - f(moved)) / eps
    return grad

# %% wrong: the 2 in the denominator is missing | points: 0 | idea: divided by half the distance
def numerical_gradient(f, theta, eps=1e-5):
    theta = np.array(theta, dtype=float)
    grad = np.zeros(theta.shape)
    for index in np.ndindex(theta.shape):
        step = np.zeros(theta.shape)
        step[index] = eps
        grad[index] = (f(theta + step) - f(theta - step)) / eps
    return grad

# %% wrong: / 2 * eps multiplies | points: 0 | idea: multiplied by eps, not divided
def numerical_gradient(f, theta, eps=1e-5):
    theta = np.array(theta, dtype=float)
    grad = np.zeros(theta.shape)
    for index in np.ndindex(theta.shape):
        step = np.zeros(theta.shape)
        step[index] = eps
        grad[index] = (f(theta + step) - f(theta - step)) / 2 * eps
    return grad

# %% wrong: moves every entry at once | points: 0 | idea: one slope for every entry
def numerical_gradient(f, theta, eps=1e-5):
    slope = (f(theta + eps) - f(theta - eps)) / (2 * eps)
    return slope * np.ones(theta.shape)

# %% wrong: the copy keeps integers | points: 2 | idea: a small step lost in whole numbers
def numerical_gradient(f, theta, eps=1e-5):
    grad = np.zeros(theta.shape)
    for index in np.ndindex(theta.shape):
        plus = theta.copy()
        minus = theta.copy()
        plus[index] += eps
        minus[index] -= eps
        grad[index] = (f(plus) - f(minus)) / (2 * eps)
    return grad

# %% wrong: zeros_like keeps integers | points: 2 | idea: the gradient cut to whole numbers
def numerical_gradient(f, theta, eps=1e-5):
    grad = np.zeros_like(theta)
    for index in np.ndindex(theta.shape):
        step = np.zeros(theta.shape)
        step[index] = eps
        grad[index] = (f(theta + step) - f(theta - step)) / (2 * eps)
    return grad

# %% wrong: vectors only | points: 2 | idea: vectors only
def numerical_gradient(f, theta, eps=1e-5):
    theta = np.array(theta, dtype=float)
    n = len(theta)
    grad = np.zeros(n)
    for i in range(n):
        step = np.zeros(n)
        step[i] = eps
        grad[i] = (f(theta + step) - f(theta - step)) / (2 * eps)
    return grad

# %% wrong: the gradient stays flat | points: 2 | idea: the gradient came back flat
def numerical_gradient(f, theta, eps=1e-5):
    flat = np.array(theta, dtype=float).ravel()
    grad = np.zeros(flat.size)
    for i in range(flat.size):
        e = np.zeros(flat.size)
        e[i] = eps
        up = (flat + e).reshape(np.shape(theta))
        down = (flat - e).reshape(np.shape(theta))
        grad[i] = (f(up) - f(down)) / (2 * eps)
    return grad

# %% wrong: eps is fixed inside | points: 2 | idea: eps ignored
def numerical_gradient(f, theta, eps=1e-5):
    h = 1e-4
    theta = np.array(theta, dtype=float)
    grad = np.zeros(theta.shape)
    for index in np.ndindex(theta.shape):
        step = np.zeros(theta.shape)
        step[index] = h
        grad[index] = (f(theta + step) - f(theta - step)) / (2 * h)
    return grad

# %% wrong: the moved entry is not put back | points: 0 | idea: an entry not put back
def numerical_gradient(f, theta, eps=1e-5):
    theta = np.array(theta, dtype=float)
    grad = np.zeros(theta.shape)
    for index in np.ndindex(theta.shape):
        theta[index] += eps
        plus = f(theta)
        theta[index] -= 2 * eps
        minus = f(theta)
        grad[index] = (plus - minus) / (2 * eps)
    return grad

# %% wrong: float32 is too coarse for eps | points: 0 | idea: too few digits
def numerical_gradient(f, theta, eps=1e-5):
    theta = np.array(theta, dtype=np.float32)
    grad = np.zeros(theta.shape, dtype=np.float32)
    for index in np.ndindex(theta.shape):
        plus, minus = theta.copy(), theta.copy()
        plus[index] += eps
        minus[index] -= eps
        grad[index] = (f(plus) - f(minus)) / (2 * eps)
    return grad

# %% wrong: minus to plus | points: 0 | idea: the difference turned round
def numerical_gradient(f, theta, eps=1e-5):
    theta = np.array(theta, dtype=float)
    grad = np.zeros(theta.shape)
    for index in np.ndindex(theta.shape):
        step = np.zeros(theta.shape)
        step[index] = eps
        grad[index] = (f(theta - step) - f(theta + step)) / (2 * eps)
    return grad

# %% wrong: works on theta itself and leaves it moved | points: 0 | idea: input changed in place
def numerical_gradient(f, theta, eps=1e-5):
    grad = np.zeros(theta.shape)
    for index in np.ndindex(theta.shape):
        keep = theta[index]
        theta[index] = keep + eps
        a = f(theta)
        theta[index] = keep - eps
        grad[index] = (a - f(theta)) / (2 * eps)
    return grad

# %% wrong: f is called with a single entry | points: 0
def numerical_gradient(f, theta, eps=1e-5):
    theta = np.array(theta, dtype=float)
    return np.array([(f(t + eps) - f(t - eps)) / (2 * eps) for t in theta])

# %% wrong: np.gradient | points: 0
def numerical_gradient(f, theta, eps=1e-5):
    return np.gradient(f(theta), eps)

# %% wrong: the last entry is left out | points: 0 | idea: the last entry left out
def numerical_gradient(f, theta, eps=1e-5):
    theta = np.array(theta, dtype=float)
    grad = np.zeros(theta.shape)
    for i in range(theta.size - 1):
        step = np.zeros(theta.size)
        step[i] = eps
        step = step.reshape(theta.shape)
        grad.flat[i] = (f(theta + step) - f(theta - step)) / (2 * eps)
    return grad

# %% right: one step array for each entry
def numerical_gradient(f, theta, eps=1e-5):
    theta = np.array(theta, dtype=float)
    grad = np.zeros_like(theta)
    for index in np.ndindex(theta.shape):
        step = np.zeros_like(theta)
        step[index] = eps
        grad[index] = (f(theta + step) - f(theta - step)) / (2 * eps)
    return grad

# %% right: nditer, entries put back
def numerical_gradient(f, theta, eps=1e-5):
    x = np.asarray(theta).astype(np.float64)
    grad = np.zeros(x.shape)
    it = np.nditer(x, flags=["multi_index"])
    while not it.finished:
        i = it.multi_index
        old = x[i]
        x[i] = old + eps
        plus = f(x)
        x[i] = old - eps
        minus = f(x)
        x[i] = old
        grad[i] = (plus - minus) / (2.0 * eps)
        it.iternext()
    return grad

# %% right: flat with an identity matrix, reshaped
def numerical_gradient(f, theta, eps=1e-5):
    shape = np.shape(theta)
    flat = np.ravel(theta) * 1.0
    basis = eps * np.eye(flat.size)
    g = [(f((flat + e).reshape(shape)) - f((flat - e).reshape(shape))) / (2 * eps) for e in basis]
    return np.reshape(g, shape)

# %% right: theta itself is moved and restored, integers first copied
def numerical_gradient(f, theta, eps=1e-5):
    if theta.dtype.kind != "f":
        theta = theta.astype(float)
    grad = np.empty(theta.shape)
    for i in range(theta.size):
        saved = theta.flat[i]
        theta.flat[i] = saved + eps
        up = f(theta)
        theta.flat[i] = saved - eps
        down = f(theta)
        theta.flat[i] = saved
        grad.flat[i] = (up - down) / (2 * eps)
    return grad

# %% right: nested lists come back
def numerical_gradient(f, theta, eps=1e-5):
    theta = np.array(theta, dtype="float64")
    grad = np.zeros(theta.shape)
    for index, _ in np.ndenumerate(theta):
        up, down = theta.copy(), theta.copy()
        up[index] += eps
        down[index] -= eps
        grad[index] = (f(up) - f(down)) / (up[index] - down[index])
    return grad.tolist()

# %% right: a decorator and type hints
from typing import Callable
import functools

def counted_calls(function):
    @functools.wraps(function)
    def inner(*args, **kwargs):
        inner.count = getattr(inner, "count", 0) + 1
        return function(*args, **kwargs)
    return inner

@counted_calls
def numerical_gradient(f: Callable[[np.ndarray], float], theta: np.ndarray, eps: float = 1e-5) -> np.ndarray:
    theta = theta + 0.0
    def partial(index):
        e = np.zeros(theta.shape)
        e[index] = 1.0
        return (f(theta + eps * e) - f(theta - eps * e)) / 2 / eps
    return np.array([partial(i) for i in np.ndindex(*theta.shape)]).reshape(theta.shape)

# %% right: the mean of the forward and the backward difference
def numerical_gradient(f, theta, eps=1e-5):
    theta = theta * 1.0
    forward = np.zeros(theta.shape); backward = np.zeros(theta.shape)
    for i in np.ndindex(*theta.shape):
        e = np.zeros(theta.shape); e[i] = eps
        forward[i] = (f(theta + e) - f(theta)) / eps
        backward[i] = (f(theta) - f(theta - e)) / eps
    return (forward + backward) / 2

# %% right: nudged in place and put back
def numerical_gradient(f, theta, eps=1e-5):
    t = theta if theta.dtype == float else theta.astype(float)
    g = np.zeros(t.shape)
    for i, v in np.ndenumerate(t.copy()):
        t[i] = v + eps
        hi = f(t)
        t[i] = v - eps
        lo = f(t)
        t[i] = v
        g[i] = (hi - lo) / (2 * eps)
    return g

# %% right: recursion over the axes, nested lists
def numerical_gradient(f, theta, eps=1e-5):
    theta = np.array(theta, float)
    def walk(prefix):
        if len(prefix) == theta.ndim:
            d = np.zeros(theta.shape)
            d[tuple(prefix)] = eps
            return (f(theta + d) - f(theta - d)) / 2 / eps
        return [walk(prefix + [i]) for i in range(theta.shape[len(prefix)])]
    return walk([])

# %% right: rows of an identity matrix as nudges
def numerical_gradient(f, theta, eps=1e-5):
    n = theta.size
    steps = eps * np.eye(n).reshape((n,) + theta.shape)
    return np.array([(float(f(theta + e)) - float(f(theta - e))) / (2 * eps) for e in steps]).reshape(theta.shape)

# %% wrong: half the nudge, divided by all of it | points: 0
def numerical_gradient(f, theta, eps=1e-5):
    g = np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        e = np.zeros(theta.shape); e[i] = eps / 2
        g[i] = (f(theta + e) - f(theta - e)) / (2 * eps)
    return g
