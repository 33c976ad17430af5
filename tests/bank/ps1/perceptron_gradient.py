# %% wrong: the factor 2 is missing | points: 0 | idea: factor 2 missing
def perceptron_gradient(x, y, w, b):
    p = sigmoid(x @ w + b)
    delta = (p - y) * p * (1 - p)
    return {"dw": delta * x, "db": delta}

# %% wrong: the sign | points: 0 | idea: y - p for p - y
def perceptron_gradient(x, y, w, b):
    p = sigmoid(np.dot(w, x) + b)
    common = 2 * (y - p) * p * (1 - p)
    return {"dw": common * x, "db": common}

# %% wrong: the gradient of the cross-entropy | points: 0 | idea: the cross-entropy's gradient
def perceptron_gradient(x, y, w, b):
    p = sigmoid(np.dot(w, x) + b)
    return {"dw": (p - y) * x, "db": p - y}

# %% wrong: the sigmoid's slope is forgotten | points: 0 | idea: the slope of the sigmoid forgotten
def perceptron_gradient(x, y, w, b):
    p = sigmoid(w @ x + b)
    return {"dw": 2 * (p - y) * x, "db": 2 * (p - y)}

# %% wrong: h (1 - h) for p (1 - p) | points: 0 | idea: slope taken at h
def perceptron_gradient(x, y, w, b):
    h = w @ x + b
    p = sigmoid(h)
    delta = 2 * (p - y) * h * (1 - h)
    return {"dw": delta * x, "db": delta}

# %% wrong: the bias is left out of h | points: 0 | idea: bias forgotten in h
def perceptron_gradient(x, y, w, b):
    p = sigmoid(w @ x)
    delta = dl_dp(y, p) * dp_dh(p)
    return {"dw": delta * dh_dw(x), "db": delta}

# %% wrong: db carries a b | points: 3 | idea: the bias in its own gradient
def perceptron_gradient(x, y, w, b):
    p = sigmoid(w @ x + b)
    delta = dl_dp(y, p) * dp_dh(p)
    return {"dw": delta * dh_dw(x), "db": delta * b}

# %% wrong: db is missing | points: 3 | idea: a key missing from the dict
def perceptron_gradient(x, y, w, b):
    p = sigmoid(w @ x + b)
    return {"dw": dl_dp(y, p) * dp_dh(p) * dh_dw(x)}

# %% wrong: db is the sum of dw | points: 3 | idea: dw added up for the bias
def perceptron_gradient(x, y, w, b):
    p = sigmoid(w @ x + b)
    dw = dl_dp(y, p) * dp_dh(p) * dh_dw(x)
    return {"dw": dw, "db": np.sum(dw)}

# %% wrong: a pair, not a dict | points: 0 | idea: two results in place of a dict
def perceptron_gradient(x, y, w, b):
    p = sigmoid(w @ x + b)
    delta = dl_dp(y, p) * dp_dh(p)
    return delta * x, delta

# %% wrong: other keys | points: 0 | idea: a key missing from the dict
def perceptron_gradient(x, y, w, b):
    p = sigmoid(w @ x + b)
    delta = dl_dp(y, p) * dp_dh(p)
    return {"w": delta * x, "b": delta}

# %% wrong: w for x | points: 1 | idea: the weight in place of the input
def perceptron_gradient(x, y, w, b):
    p = sigmoid(w @ x + b)
    delta = dl_dp(y, p) * dp_dh(p)
    return {"dw": delta * w, "db": delta}

# %% wrong: two inputs written out | points: 1 | idea: two inputs built in
def perceptron_gradient(x, y, w, b):
    p = sigmoid(w @ x + b)
    delta = dl_dp(y, p) * dp_dh(p)
    return {"dw": np.array([delta * x[0], delta * x[1]]), "db": delta}

# %% wrong: dw is one number, the inputs are summed | points: 1 | idea: dw added up over the inputs
def perceptron_gradient(x, y, w, b):
    p = sigmoid(w @ x + b)
    delta = dl_dp(y, p) * dp_dh(p)
    return {"dw": np.sum(delta * x), "db": delta}

# %% wrong: the step is returned, not the gradient | points: 0 | idea: a step in place of the gradient
def perceptron_gradient(x, y, w, b):
    lr = 1.0
    p = sigmoid(w @ x + b)
    delta = dl_dp(y, p) * dp_dh(p)
    return {"dw": w - lr * delta * x, "db": b - lr * delta}

# %% wrong: slope of the sigmoid taken at p | points: 0 | idea: the sigmoid applied again
def perceptron_gradient(x, y, w, b):
    p = sigmoid(w @ x + b)
    slope = sigmoid(p) * (1 - sigmoid(p))
    return {"dw": 2 * (p - y) * slope * x, "db": 2 * (p - y) * slope}

# %% wrong: the class for the probability | points: 0 | idea: the class in place of the probability
def perceptron_gradient(x, y, w, b):
    p = sigmoid(w @ x + b)
    y_hat = 1.0 if p > 0.5 else 0.0
    delta = 2 * (y_hat - y) * p * (1 - p)
    return {"dw": delta * x, "db": delta}

# %% wrong: x is scaled in place | points: 0 | idea: input changed in place
def perceptron_gradient(x, y, w, b):
    p = sigmoid(w @ x + b)
    delta = dl_dp(y, p) * dp_dh(p)
    x *= delta
    return {"dw": x, "db": delta}

# %% right: the chain rule from the parts
def perceptron_gradient(x, y, w, b):
    p = sigmoid(w @ x + b)
    delta = dl_dp(y, p) * dp_dh(p)
    return {"dw": delta * dh_dw(x), "db": delta}

# %% right: written out, no upstream
def perceptron_gradient(x, y, w, b):
    h = float(np.sum(w * x)) + b
    p = 1 / (1 + np.exp(-h))
    return {
        "dw": -2 * (y - p) * p * (1 - p) * x,
        "db": -2 * (y - p) * p * (1 - p),
    }

# %% right: by central differences
def perceptron_gradient(x, y, w, b, eps=1e-5):
    def squared(w_, b_):
        return (y - 1 / (1 + np.exp(-(w_ @ x + b_)))) ** 2

    dw = np.zeros(len(w))
    for i in range(len(w)):
        step = np.zeros(len(w))
        step[i] = eps
        dw[i] = (squared(w + step, b) - squared(w - step, b)) / (2 * eps)
    return dict(dw=dw, db=(squared(w, b + eps) - squared(w, b - eps)) / (2 * eps))

# %% right: lists, (1,) and an extra entry
def perceptron_gradient(x, y, w, b):
    _, p, _ = perceptron_table(x.reshape(1, -1), w, b)
    p = np.asarray(p)
    delta = 2 * (p - y) * p * (1 - p)
    return {"dw": [float(delta[0] * xi) for xi in x], "db": delta, "loss": (y - p) ** 2}

# %% right: weighted_sum with a row, (1, d) squeezed
def perceptron_gradient(x, y, w, b):
    h = np.asarray(weighted_sum(x[np.newaxis, :], w, b))
    p = np.asarray(sigmoid(h))
    delta = np.squeeze(2 * (p - y) * p * (1 - p))
    return {"db": delta, "dw": np.outer(delta, x).ravel()}

# %% right: a helper named loss_slope and float32
def loss_slope(y, p):
    return 2 * (p - y) * p * (1 - p)

def perceptron_gradient(x, y, w, b):
    p = np.float32(1 / (1 + np.exp(-(np.dot(x, w) + b))))
    return {"dw": np.float32(loss_slope(y, p)) * x.astype(np.float32), "db": np.float32(loss_slope(y, p))}

# %% right: an OrderedDict and prints
from collections import OrderedDict

def perceptron_gradient(x, y, w, b):
    p = sigmoid(sum(xi * wi for xi, wi in zip(x, w)) + b)
    grads = OrderedDict()
    grads["dw"] = np.array([dl_dp(y, p) * dp_dh(p) * xi for xi in x])
    grads["db"] = dl_dp(y, p) * dp_dh(p) * 1
    print(grads)
    return grads

# %% right: a helper named loss
def loss(y, p):
    return (y - p) ** 2

def perceptron_gradient(x, y, w, b):
    p = sigmoid(w @ x + b)
    e = 1e-6
    slope = (loss(y, p + e) - loss(y, p - e)) / (2 * e) * p * (1 - p)
    return {"dw": slope * x, "db": slope}

# %% right: the complex step
def perceptron_gradient(x, y, w, b):
    theta = np.append(w, b).astype(complex)
    xs = np.append(x, 1)
    g = np.zeros(len(theta))
    for j in range(len(theta)):
        t = theta.copy()
        t[j] += 1e-30j
        g[j] = ((y - 1 / (1 + np.exp(-(t @ xs)))) ** 2).imag / 1e-30
    return {"dw": g[:-1], "db": g[-1].item()}

# %% right: by numerical_gradient over all parameters
def perceptron_gradient(x, y, w, b):
    def f(theta):
        return (y - sigmoid(theta[:-1] @ x + theta[-1])) ** 2
    g = numerical_gradient(f, np.append(w, b))
    return {"dw": g[:-1], "db": g[-1]}

# %% right: a defaultdict, with the bias as a weight
from collections import defaultdict
def perceptron_gradient(x, y, w, b):
    theta, ones = np.r_[w, b], np.r_[x, 1.0]
    p = 1 / (1 + np.exp(-theta @ ones))
    g = -2 * (y - p) * p * (1 - p) * ones
    out = defaultdict(list)
    out["dw"].extend(g[:-1])
    out["db"] = g[-1]
    return out

# %% right: multiplied out, db as (1, 1)
def perceptron_gradient(x, y, w, b):
    p = sigmoid(np.dot(x, w) + b)
    delta = 2 * (p**2 - p**3 - y * p + y * p**2)
    return {"dw": np.multiply(x, delta), "db": np.array([[delta]])}
