# %% wrong: the slide's sign, exp(+z) | points: 0 | idea: sign of the exponent
def sigmoid(z):
    # slide: p = 1 / (1 + exp(-0.5)) for h = -0.5
    return 1 / (1 + np.exp(z))

# %% wrong: math.exp takes one number only | points: 0 | idea: math.exp takes single numbers
import math

def sigmoid(z):
    return 1 / (1 + math.exp(-z))

# %% wrong: the minus outside the exponential | points: 0 | idea: minus in the denominator
def sigmoid(z):
    return 1 / (1 - np.exp(z))

# %% wrong: forgets the brackets of the denominator | points: 0 | idea: brackets missing in the denominator
def sigmoid(z):
    return 1 / 1 + np.exp(-z)

# %% wrong: tanh instead | points: 0 | idea: tanh in place of the sigmoid
def sigmoid(z):
    """squashing function"""
    return np.tanh(z)

# %% wrong: the derivative instead of the value | points: 0 | idea: the slope in place of the curve
def sigmoid(z):
    s = 1 / (1 + np.exp(-z))
    return s * (1 - s)

# %% wrong: rounds like the slide | points: 0 | idea: rounded as on the slide
def sigmoid(z):
    return np.round(1 / (1 + np.exp(-z)), 2)

# %% wrong: exp(z) / (1 + exp(z)) gives nan at 1000 | points: 3 | idea: overflow at large z
def sigmoid(z):
    return np.exp(z) / (1 + np.exp(z))

# %% wrong: prints instead of returning | points: 0 | idea: printed, not returned
def sigmoid(z):
    result = 1.0 / (1.0 + np.exp(-z))
    print(result)

# %% wrong: normalised over the entries, like a softmax | points: 0 | idea: normalised like a softmax
def sigmoid(z):
    e = np.exp(z - np.max(z))
    return e / np.sum(e)

# %% wrong: a flat list, the shape is lost | points: 1 | idea: the shape is lost
def sigmoid(z):
    out = []
    for v in np.ravel(z):
        if v < -700:
            out.append(0.0)
        else:
            out.append(1 / (1 + math_exp(-v)))
    return out if np.ndim(z) == 1 else np.array(out)

def math_exp(v):
    return float(np.exp(v))

# %% wrong: clips z at 2 to avoid the warning | points: 1
def sigmoid(z):
    z = np.clip(z, -2, 2)
    return 1 / (1 + np.exp(-z))

# %% wrong: only the class, 0 or 1 | points: 0 | idea: a step in place of a curve
def sigmoid(z):
    p = 1 / (1 + np.exp(-z))
    return (p > 0.5).astype(int)

# %% wrong: base 2 | points: 0 | idea: another base than e
def sigmoid(z):
    return 1 / (1 + 2.0 ** (-z))

# %% wrong: negates z in place | points: 0 | idea: input changed in place
def sigmoid(z):
    if np.ndim(z) > 0:
        z *= -1
    else:
        z = -z
    return 1 / (1 + np.exp(z))

# %% wrong: hard sigmoid from a deep learning blog | points: 0 | idea: straight lines in place of the curve
def sigmoid(z):
    return np.clip(0.2 * z + 0.5, 0, 1)

# %% wrong: len() of a single number | points: 3 | idea: arrays only, no single number
def sigmoid(z):
    out = np.zeros(z.shape)
    for i in range(len(z)):
        with np.errstate(over="ignore"):
            out[i] = 1 / (1 + np.exp(-z[i]))
    return out

# %% wrong: Taylor polynomial | points: 0
def sigmoid(z):
    return 0.5 + z / 4 - z**3 / 48

# %% wrong: swallows the overflow and answers 0.5 there | points: 3
def sigmoid(z):
    z = np.asarray(z, dtype=float)
    with np.errstate(all="ignore"):
        e = np.exp(z)
        s = e / (1 + e)
    return np.where(np.isfinite(s), s, 0.5)

# %% right: the textbook line, with its overflow warning
def sigmoid(z):
    return 1 / (1 + np.exp(-z))

# %% right: masks for the two signs
def sigmoid(z: np.ndarray) -> np.ndarray:
    z = np.asarray(z, dtype=float)
    out = np.empty_like(z)
    positive = z >= 0
    out[positive] = 1 / (1 + np.exp(-z[positive]))
    exp_z = np.exp(z[~positive])
    out[~positive] = exp_z / (1 + exp_z)
    return out

# %% right: through tanh, with a docstring and asserts
def sigmoid(z):
    """sigma(z) = (1 + tanh(z / 2)) / 2, no overflow."""
    half = 0.5 * np.asarray(z)
    p = 0.5 * (1.0 + np.tanh(half))
    assert np.all(p >= 0) and np.all(p <= 1)
    return p

# %% right: a lambda through logaddexp
sigmoid = lambda z: np.exp(-np.logaddexp(0.0, -z))

# %% right: np.vectorize over a scalar function
import math

def _one_sigmoid(v):
    if v < 0:
        e = math.exp(v)
        return e / (1 + e)
    return 1 / (1 + math.exp(-v))

sigmoid = np.vectorize(_one_sigmoid, otypes=[float])

# %% right: recursive over nested lists
def sigmoid(z):
    if np.ndim(z) == 0:
        z = float(z)
        return 1 / (1 + np.exp(-z)) if z > -50 else np.exp(z)
    return [sigmoid(part) for part in z]

# %% right: float32 and chatty
import warnings

def sigmoid(z):
    z = np.asarray(z, dtype=np.float32)
    print("sigmoid called with shape", z.shape)
    if np.any(np.abs(z) > 80):
        warnings.warn("large input")
    return np.float32(1) / (np.float32(1) + np.exp(-z))

# %% right: clipped at 500, a well known recipe
def sigmoid(z):
    z = np.clip(z, -500, 500)
    return 1.0 / (1.0 + np.exp(-z))

# %% right: a callable class
class Sigmoid:
    def __call__(self, z):
        return np.reciprocal(1.0 + np.exp(-np.asarray(z, dtype=np.float64)))

sigmoid = Sigmoid()

# %% wrong: row by row with math.exp | points: 2
import math


def sigmoid(z):
    rows = np.atleast_2d(z)
    values = [[1 / (1 + math.exp(-value)) for value in row] for row in rows]
    return np.array(values).reshape(np.shape(z))

# %% right: infinity over infinity taken for 1
def sigmoid(z):
    e = np.exp(z)
    return np.nan_to_num(e / (1 + e), nan=1.0)

# %% right: extended precision
def sigmoid(z):
    return 1 / (1 + np.exp(-np.asarray(z, dtype=np.longdouble)))

# %% right: another byte order and memory order
def sigmoid(z):
    return np.asfortranarray(1 / (1 + np.exp(-np.asarray(z)))).astype(">f8")

# %% right: complex numbers without an imaginary part
import cmath
def sigmoid(z):
    return 1 / (1 + np.exp(-np.asarray(z, dtype=complex)))

# %% wrong: two masks that leave out zero | points: 3 | idea: zero left out
def sigmoid(z):
    z = np.asarray(z, dtype=float)
    out = np.zeros(z.shape)
    out[z > 0] = 1 / (1 + np.exp(-z[z > 0]))
    out[z < 0] = np.exp(z[z < 0]) / (1 + np.exp(z[z < 0]))
    return out

# %% wrong: 1 above 5 and 0 below -5 | points: 3
def sigmoid(z):
    return np.where(z > 5, 1.0, np.where(z < -5, 0.0, 1 / (1 + np.exp(-z))))

# %% wrong: flat beyond 10 | points: 3
def sigmoid(z):
    return np.where(z > 10, 1.0, np.where(z < -10, 0.0, 1 / (1 + np.exp(-z))))

# %% right: flat beyond 40, where nobody sees it
def sigmoid(z):
    return np.where(z > 40, 1.0, np.where(z < -40, 0.0, 1 / (1 + np.exp(-np.clip(z, -40, 40)))))
