# %% wrong: the minus is missing | points: 0 | idea: minus missing
def categorical_crossentropy(Y, P):
    return np.mean(np.sum(Y * np.log(P + 1e-12), axis=1))

# %% wrong: the sum over the batch | points: 0 | idea: sum for mean
def categorical_crossentropy(Y, P):
    return -np.sum(Y * np.log(P + 1e-12))

# %% wrong: the mean over all entries | points: 0 | idea: mean over every entry
def categorical_crossentropy(Y, P):
    return -np.mean(Y * np.log(np.clip(P, 1e-12, 1)))

# %% wrong: 0 log 0 is nan | points: 2 | idea: no guard at 0
def categorical_crossentropy(Y, P):
    return -np.mean(np.sum(Y * np.log(P), axis=1))

# %% wrong: base 2 | points: 0 | idea: logarithm to base 2
def categorical_crossentropy(Y, P):
    P = np.clip(P, 1e-12, 1)
    return -np.mean(np.sum(Y * np.log2(P), axis=1))

# %% wrong: one number for each row | points: 0 | idea: one loss for each observation
def categorical_crossentropy(Y, P):
    P = np.clip(P, 1e-12, 1)
    return -np.sum(Y * np.log(P), axis=1)

# %% wrong: binary terms as well | points: 0 | idea: binary cross-entropy in every column
def categorical_crossentropy(Y, P):
    P = np.clip(P, 1e-12, 1 - 1e-12)
    return -np.mean(np.sum(Y * np.log(P) + (1 - Y) * np.log(1 - P), axis=1))

# %% wrong: the log of the largest probability | points: 0 | idea: the most likely class in place of the true one
def categorical_crossentropy(Y, P):
    return -np.mean(np.log(P.max(axis=1)))

# %% wrong: Y and P swapped | points: 0 | idea: labels and probabilities exchanged
def categorical_crossentropy(Y, P):
    return -np.mean(np.sum(P * np.log(Y + 1e-12), axis=1))

# %% wrong: sums over the observations, means over classes | points: 0 | idea: mean over classes in place of observations
def categorical_crossentropy(Y, P):
    P = np.clip(P, 1e-12, 1)
    return -np.mean(np.sum(Y * np.log(P), axis=0))

# %% wrong: softmax applied again | points: 0 | idea: softmax applied again
def categorical_crossentropy(Y, P):
    Q = softmax(P)
    return -np.mean(np.sum(Y * np.log(Q), axis=1))

# %% wrong: mean of 1 - p | points: 0 | idea: one minus the probability
def categorical_crossentropy(Y, P):
    return np.mean(1 - np.sum(Y * P, axis=1))

# %% wrong: the log of the mean | points: 0 | idea: the logarithm of the mean
def categorical_crossentropy(Y, P):
    return -np.log(np.mean(np.sum(Y * P, axis=1)))

# %% wrong: accuracy's complement | points: 0 | idea: the share of wrong predictions
def categorical_crossentropy(Y, P):
    return np.mean(np.argmax(Y, axis=1) != np.argmax(P, axis=1))

# %% wrong: clipped at one tenth | points: 0 | idea: guarded too far from 0
def categorical_crossentropy(Y, P):
    P = np.clip(P, 0.1, 0.9)
    return -np.mean(np.sum(Y * np.log(P), axis=1))

# %% wrong: zeros replaced in P itself | points: 2 | idea: input changed in place
def categorical_crossentropy(Y, P):
    P[P == 0] = 1e-15
    return -(Y * np.log(P)).sum() / len(P)

# %% wrong: squared error | points: 0 | idea: squared error for cross-entropy
def categorical_crossentropy(Y, P):
    return np.mean(np.sum((Y - P) ** 2, axis=1))

# %% wrong: infinity put in by where | points: 2
def categorical_crossentropy(Y, P):
    logs = np.where(P > 0, np.log(P), -np.inf)
    return -np.mean(np.sum(Y * logs, axis=1))

# %% right: clip and sum
def categorical_crossentropy(Y, P):
    P = np.clip(P, 1e-12, 1.0)
    return -np.mean(np.sum(Y * np.log(P), axis=1))

# %% right: only the true class
def categorical_crossentropy(Y, P):
    true = np.argmax(Y, axis=1)
    return float(np.mean(-np.log(P[np.arange(len(P)), true])))

# %% right: loop with math.log
import math

def categorical_crossentropy(Y, P):
    losses = []
    for targets, shares in zip(Y, P):
        for t, s in zip(targets, shares):
            if t == 1:
                losses.append(-math.log(s))
    return sum(losses) / len(losses)

# %% right: Keras's epsilon, renormalised, (1,)
def categorical_crossentropy(Y, P):
    P = P / P.sum(axis=-1, keepdims=True)
    P = np.clip(P, 1e-7, 1 - 1e-7)
    return np.array([-np.sum(Y * np.log(P), axis=-1).mean()])

# %% right: boolean mask
def categorical_crossentropy(Y, P):
    return np.average(-np.log(P[Y.astype(bool)]))

# %% right: einsum then the logarithm, float32
def categorical_crossentropy(Y, P):
    hit = np.einsum("nk,nk->n", Y, P).astype(np.float32)
    return -np.log(hit).sum() / np.float32(len(hit))

# %% right: xlogy
def categorical_crossentropy(Y: np.ndarray, P: np.ndarray) -> float:
    from scipy.special import xlogy

    return -xlogy(Y, P).sum(axis=1).mean()

# %% right: powers and a product
def categorical_crossentropy(Y, P):
    return -np.log(np.prod(P ** Y, axis=1)).mean().reshape(1, 1)

# %% right: log only where P is positive, and a trace
def categorical_crossentropy(Y, P):
    logs = np.zeros(P.shape)
    np.log(P, out=logs, where=P > 0)
    return -np.trace(Y @ logs.T) / len(Y)

# %% wrong: the log of the mean, once more | points: 0 | idea: the logarithm of the mean
def categorical_crossentropy(Y, P):
    return -np.log(np.mean(np.sum(Y * P, axis=1)))

# %% wrong: the mean of the rows without nan | points: 2
def categorical_crossentropy(Y, P):
    return np.nanmean(-np.sum(Y * np.log(P), axis=1))

# %% wrong: clipped at one hundredth | points: 1 | idea: guarded a little too far from 0
def categorical_crossentropy(Y, P):
    return -np.mean(np.sum(Y * np.log(np.clip(P, 0.01, 1)), axis=1))
