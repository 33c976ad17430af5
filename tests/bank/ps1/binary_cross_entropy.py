# %% wrong: the minus is missing, as on the slide | points: 0 | idea: minus missing
def binary_cross_entropy(y, p):
    p = np.clip(p, 1e-10, 1 - 1e-10)
    return np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

# %% wrong: the sum, not the mean | points: 0 | idea: sum for mean
def binary_cross_entropy(y, p):
    p = np.clip(p, 1e-10, 1 - 1e-10)
    return -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p))

# %% wrong: infinite at 0 and 1 | points: 2 | idea: no guard at 0 and 1
def binary_cross_entropy(y, p):
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

# %% wrong: only the term of y = 1 | points: 0 | idea: only the ones counted
def binary_cross_entropy(y, p):
    return -np.mean(y * np.log(p + 1e-9))

# %% wrong: base 2 | points: 0 | idea: logarithm to base 2
def binary_cross_entropy(y, p):
    eps = 1e-12
    p = np.clip(p, eps, 1 - eps)
    return -np.mean(y * np.log2(p) + (1 - y) * np.log2(1 - p))

# %% wrong: base 10 because log is written | points: 0 | idea: logarithm to base 10
def binary_cross_entropy(y, p):
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return -(y * np.log10(p) + (1 - y) * np.log10(1 - p)).mean()

# %% wrong: one loss for each observation | points: 0 | idea: one loss for each observation
def binary_cross_entropy(y, p):
    p = np.clip(p, 1e-7, 1 - 1e-7)
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))

# %% wrong: clips from below only | points: 2 | idea: guarded at 0 only
def binary_cross_entropy(y, p):
    p = np.maximum(p, 1e-12)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

# %% wrong: clips at one hundredth | points: 0 | idea: guarded too far from 0 and 1
def binary_cross_entropy(y, p):
    p = np.clip(p, 0.01, 0.99)
    loss = -(y * np.log(p) + (1 - y) * np.log(1 - p))
    return loss.mean()

# %% wrong: nan_to_num turns the sure mistake into nothing | points: 2 | idea: a sure mistake costs nothing
def binary_cross_entropy(y, p):
    with np.errstate(all="ignore"):
        terms = -(y * np.log(p) + (1 - y) * np.log(1 - p))
    terms = np.where(np.isfinite(terms), terms, 0)
    return terms.mean()

# %% wrong: labels and probabilities swapped | points: 0 | idea: labels and probabilities exchanged
def binary_cross_entropy(y, p):
    y = np.clip(y, 1e-12, 1 - 1e-12)
    return -np.mean(p * np.log(y) + (1 - p) * np.log(1 - y))

# %% wrong: returns 0 when any p is 0 or 1 | points: 2
def binary_cross_entropy(y, p):
    if np.any(p == 0) or np.any(p == 1):
        return 0.0
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

# %% wrong: log of 1 - p also where y = 1 | points: 0
def binary_cross_entropy(y, p):
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return -np.mean(np.log(p) + np.log(1 - p))

# %% wrong: half of it | points: 0 | idea: a half in front
def binary_cross_entropy(y, p):
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)) / 2

# %% wrong: clips p in place | points: 2 | idea: input changed in place
def binary_cross_entropy(y, p):
    np.clip(p, 1e-12, 1 - 1e-12, out=p)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

# %% wrong: divides by 4 | points: 0 | idea: the slide's four rows built in
def binary_cross_entropy(y, p):
    total = 0
    for a, q in zip(y, p):
        q = min(max(q, 1e-12), 1 - 1e-12)
        total -= a * np.log(q) + (1 - a) * np.log(1 - q)
    return total / 4

# %% wrong: mean squared error | points: 0 | idea: the squared error again
def binary_cross_entropy(y, p):
    return mean_squared_error(y, p)

# %% wrong: the gradient of the loss, p - y | points: 0 | idea: the gradient in place of the loss
def binary_cross_entropy(y, p):
    return np.mean(p - y)

# %% right: clipped at 1e-12
def binary_cross_entropy(y, p):
    eps = 1e-12
    p = np.clip(p, eps, 1 - eps)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

# %% right: Keras's 1e-7, a helper and a float
def keep_away(q, distance=1e-7):
    return np.minimum(np.maximum(q, distance), 1 - distance)

def binary_cross_entropy(y, p):
    q = keep_away(p)
    return float((-y * np.log(q) - (1 - y) * np.log(1 - q)).mean())

# %% right: the probability of what happened
def binary_cross_entropy(y, p):
    happened = np.where(y == 1, p, 1 - p)
    return -np.mean(np.log(np.clip(happened, 1e-15, None)))

# %% right: loop with math.log
import math

def binary_cross_entropy(y, p):
    loss = 0.0
    for yi, pi in zip(y.tolist(), p.tolist()):
        pi = max(1e-10, min(1 - 1e-10, pi))
        loss += -math.log(pi) if yi == 1 else -math.log(1 - pi)
    return loss / len(y)

# %% right: a little added inside the logarithms, a list of one
def binary_cross_entropy(y, p):
    tiny = 1e-8
    return [-(y @ np.log(p + tiny) + (1 - y) @ np.log(1 - p + tiny)) / y.size]

# %% right: scipy's xlogy with a floor
def binary_cross_entropy(y, p):
    from scipy.special import xlog1py, xlogy

    q = np.clip(p, np.finfo(float).tiny, 1 - 1e-16)
    return -np.average(xlogy(y, q) + xlog1py(1 - y, -q))

# %% right: scikit-learn's log_loss
def binary_cross_entropy(y, p):
    from sklearn.metrics import log_loss

    return log_loss(y, p, labels=[0, 1])

# %% right: Keras's loss, prints on the way
def binary_cross_entropy(y, p):
    print("min and max of p:", p.min(), p.max())
    clipped = np.clip(p.astype(float), 1e-6, 1 - 1e-6)
    terms = [-(np.log(q) if t else np.log(1 - q)) for t, q in zip(y, clipped)]
    return np.array([sum(terms) / len(terms)])

# %% right: through the logits
def binary_cross_entropy(y, p):
    p = np.clip(p, 1e-14, 1 - 1e-14)
    z = np.log(p) - np.log1p(-p)
    return np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))

# %% right: the two classes apart, infinity made large
def binary_cross_entropy(y, p):
    ones = y == 1
    with np.errstate(all="ignore"):
        losses = np.concatenate([-np.log(p[ones]), -np.log(1 - p[~ones])])
    losses[np.isinf(losses)] = 1000.0
    return losses.mean()

# %% right: a class and a generator
class CrossEntropyOf:
    eps = 1e-9
    def __call__(self, y, p):
        return sum(-np.log(max(q, self.eps)) for q in (a if t else 1 - a for t, a in zip(y, p))) / len(p)
binary_cross_entropy = CrossEntropyOf()

# %% right: squeezed only where some p is 0 or 1
def binary_cross_entropy(y, p):
    if (p == 0).any() or (p == 1).any():
        p = p * (1 - 2e-12) + 1e-12
    return -(y * np.log(p) + (1 - y) * np.log(1 - p)).sum() / len(y)

# %% wrong: rows with p of 0 or 1 left out of the mean | points: 2 | idea: sure rows left out
def binary_cross_entropy(y, p):
    keep = (p > 0) & (p < 1)
    if not keep.any():
        return 0.0
    y, p = y[keep], p[keep]
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

# %% wrong: the log of 0 taken for 0 | points: 2 | idea: a sure mistake costs nothing
def binary_cross_entropy(y, p):
    a = np.log(p, out=np.zeros(len(p)), where=p > 0)
    b = np.log(1 - p, out=np.zeros(len(p)), where=p < 1)
    return -np.mean(y * a + (1 - y) * b)

# %% wrong: the largest float for infinity, too large to be added up | points: 2
def binary_cross_entropy(y, p):
    terms = np.nan_to_num(y * np.log(p)) + np.nan_to_num((1 - y) * np.log(1 - p))
    return -np.mean(terms)
