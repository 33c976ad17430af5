# %% wrong: overflows at 1000 | points: 2 | idea: overflow at large logits
def softmax(z):
    e = np.exp(z)
    return e / np.sum(e, axis=-1, keepdims=True)

# %% wrong: sums over the whole table | points: 1 | idea: normalised over the whole table
def softmax(z):
    e = np.exp(z - np.max(z))
    return e / np.sum(e)

# %% wrong: axis 0 | points: 1 | idea: normalised down the columns
def softmax(z):
    e = np.exp(z - np.max(z, axis=0))
    return e / np.sum(e, axis=0)

# %% wrong: axis 1, so no vector | points: 1 | idea: tables only, no vector
def softmax(z):
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)

# %% wrong: one maximum for all rows | points: 2 | idea: one maximum for all rows
def softmax(z):
    e = np.exp(z - np.max(z))
    return e / np.sum(e, axis=-1, keepdims=True)

# %% wrong: keepdims is missing | points: 1 | idea: axes lost in the sum
def softmax(z):
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1)

# %% wrong: sigmoids | points: 0 | idea: sigmoid for softmax
def softmax(z):
    return 1 / (1 + np.exp(-z))

# %% wrong: shares without the exponential | points: 0 | idea: exponential forgotten
def softmax(z):
    return z / np.sum(z, axis=-1, keepdims=True)

# %% wrong: the hard maximum | points: 0 | idea: hard maximum
def softmax(z):
    return (z == np.max(z, axis=-1, keepdims=True)).astype(float)

# %% wrong: base 2 | points: 0 | idea: another base than e
def softmax(z):
    e = 2.0 ** (z - np.max(z, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)

# %% wrong: log softmax | points: 0 | idea: log-probabilities returned
def softmax(z):
    m = np.max(z, axis=-1, keepdims=True)
    return z - m - np.log(np.sum(np.exp(z - m), axis=-1, keepdims=True))

# %% wrong: softmin | points: 0 | idea: the smallest logit wins
def softmax(z):
    e = np.exp(np.min(z, axis=-1, keepdims=True) - z)
    return e / np.sum(e, axis=-1, keepdims=True)

# %% wrong: clips the logits at 500 | points: 2
def softmax(z):
    e = np.exp(np.clip(z, -500, 500))
    return e / np.sum(e, axis=-1, keepdims=True)

# %% wrong: only one vector | points: 1 | idea: the first row only
def softmax(z):
    z = np.asarray(z)
    if z.ndim == 2:
        z = z[0]
    e = np.exp(z - z.max())
    return e / e.sum()

# %% wrong: divides by K | points: 0 | idea: divided by the number of classes
def softmax(z):
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / z.shape[-1]

# %% wrong: zeros as on the slide, small values cut off | points: 0 | idea: rounded to two decimals
def softmax(z):
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return np.round(e / np.sum(e, axis=-1, keepdims=True), 2)

# %% wrong: z loses its maximum for good | points: 2 | idea: input changed in place
def softmax(z):
    z -= np.max(z, axis=-1, keepdims=True)
    e = np.exp(z)
    return e / np.sum(e, axis=-1, keepdims=True)

# %% wrong: 900 taken off whatever the logits are | points: 0
def softmax(z):
    e = np.exp(z - 900)
    return e / (np.sum(e, axis=-1, keepdims=True) + 1e-300)

# %% right: the largest logit taken off
def softmax(z):
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)

# %% right: through logsumexp of scipy
def softmax(z):
    from scipy.special import logsumexp

    return np.exp(z - logsumexp(z, axis=-1, keepdims=True))

# %% right: row by row, lists
def softmax(z):
    if np.ndim(z) == 1:
        top = max(z)
        e = [float(np.exp(v - top)) for v in z]
        total = sum(e)
        return [v / total for v in e]
    return [softmax(row) for row in z]

# %% right: transposes
def softmax(z: np.ndarray) -> np.ndarray:
    shifted = z.T - z.T.max(axis=0)
    e = np.exp(shifted)
    return (e / e.sum(axis=0)).T

# %% right: two cases
def softmax(z):
    if z.ndim == 1:
        e = np.exp(z - z.max())
        return e / e.sum()
    else:
        e = np.exp(z - z.max(axis=1).reshape(-1, 1))
        return e / e.sum(axis=1)[:, None]

# %% right: np.apply_along_axis with a helper, float32
def softmax_of_a_row(row):
    row = row.astype(np.float32)
    e = np.exp(row - row.max())
    return e / e.sum()

def softmax(z):
    return np.apply_along_axis(softmax_of_a_row, -1, z)

# %% right: one over the sum of differences
def softmax(z):
    with np.errstate(over="ignore"):
        return 1 / np.sum(np.exp(z[..., np.newaxis, :] - z[..., :, np.newaxis]), axis=-1)

# %% right: pairwise differences
def softmax(z):
    d = z[..., None, :] - z[..., :, None]
    with np.errstate(over="ignore"):
        return 1 / np.exp(d).sum(axis=-1)

# %% right: by logaddexp.reduce
def softmax(z):
    return np.exp(z - np.expand_dims(np.logaddexp.reduce(z, axis=-1), -1))

# %% wrong: shifted by the mean | points: 2 | idea: another number than the maximum taken off
def softmax(z):
    e = np.exp(z - np.mean(z, axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)

# %% wrong: shifted by the first logit | points: 2 | idea: another number than the maximum taken off
def softmax(z):
    z = np.asarray(z)
    e = np.exp(z - z[..., :1])
    return e / e.sum(axis=-1, keepdims=True)
