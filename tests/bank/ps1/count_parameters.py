# %% wrong: no biases | points: 0 | idea: biases forgotten
def n_params(sizes):
    return sum(sizes[i] * sizes[i + 1] for i in range(len(sizes) - 1))

# %% wrong: the lecture's number | points: 0 | idea: the lecture's number
def n_params(sizes):
    return 407050

# %% wrong: three sizes only | points: 1 | idea: sizes taken apart into three names
def n_params(sizes):
    n_in, n_hidden, n_out = sizes
    return n_in * n_hidden + n_hidden + n_hidden * n_out + n_out

# %% wrong: a bias for every input of a layer | points: 0 | idea: a bias for each input
def n_params(sizes):
    return sum(a * b + a for a, b in zip(sizes[:-1], sizes[1:]))

# %% wrong: one bias a layer | points: 0 | idea: one bias for each layer
def n_params(sizes):
    return sum(a * b + 1 for a, b in zip(sizes[:-1], sizes[1:]))

# %% wrong: biases for the input layer as well | points: 0 | idea: biases for the inputs too
def n_params(sizes):
    weights = sum(a * b for a, b in zip(sizes[:-1], sizes[1:]))
    return weights + sum(sizes)

# %% wrong: the product of all sizes | points: 0 | idea: all sizes multiplied with each other
def n_params(sizes):
    return int(np.prod(sizes)) + sum(sizes[1:])

# %% wrong: the loop ends one too early | points: 0 | idea: the last layer forgotten
def n_params(sizes):
    total = 0
    for i in range(len(sizes) - 2):
        total += (sizes[i] + 1) * sizes[i + 1]
    return total

# %% wrong: prints the number | points: 0 | idea: nothing returned
def n_params(sizes):
    print(sum((a + 1) * b for a, b in zip(sizes, sizes[1:])))

# %% wrong: returns after the first layer | points: 0 | idea: handed back after the first layer
def n_params(sizes):
    total = 0
    for a, b in zip(sizes, sizes[1:]):
        total += a * b + b
        return total

# %% wrong: a list, one count a layer | points: 0 | idea: one count for each layer
def n_params(sizes):
    return [(a + 1) * b for a, b in zip(sizes, sizes[1:])]

# %% wrong: plus 1 outside the product | points: 0 | idea: added where every unit meets every input
def n_params(sizes):
    return sum(a + 1 * b for a, b in zip(sizes, sizes[1:]))

# %% wrong: pairs step over each other | points: 0 | idea: every second layer left out
def n_params(sizes):
    return sum((sizes[i] + 1) * sizes[i + 1] for i in range(0, len(sizes) - 1, 2))

# %% wrong: the units | points: 0 | idea: units counted
def n_params(sizes):
    return sum(sizes)

# %% right: weights plus biases
def n_params(sizes):
    return sum(a * b + b for a, b in zip(sizes[:-1], sizes[1:]))

# %% right: a loop over positions
def n_params(sizes):
    total = 0
    for i in range(1, len(sizes)):
        total += sizes[i - 1] * sizes[i]  # weights
        total += sizes[i]  # biases
    return total

# %% right: recursion
def n_params(sizes):
    if len(sizes) < 2:
        return 0
    return (sizes[0] + 1) * sizes[1] + n_params(sizes[1:])

# %% right: NumPy dot, float
def n_params(sizes):
    s = np.array(sizes, dtype=float)
    return np.dot(s[:-1] + 1, s[1:])

# %% right: counts the weights of a Keras model
def n_params(sizes):
    model = keras.Sequential([keras.Input((sizes[0],))] + [keras.layers.Dense(n) for n in sizes[1:]])
    return model.count_params()

# %% right: reduce, a (1,) array
from functools import reduce

def n_params(sizes):
    pairs = list(zip(sizes, sizes[1:]))
    return np.array([reduce(lambda total, pair: total + pair[0] * pair[1] + pair[1], pairs, 0)])

# %% right: pops a copy
def n_params(sizes):
    sizes = list(sizes)
    n = 0
    while len(sizes) > 1:
        a = sizes.pop(0)
        n += (a + 1) * sizes[0]
    return n

# %% right: builds Dense layers by hand
def n_params(sizes):
    total = 0
    for a, b in zip(sizes[:-1], sizes[1:]):
        layer = keras.layers.Dense(b)
        layer.build((None, a))
        total += layer.count_params()
    return total

# %% wrong: first hidden and last only | points: 1 | idea: sizes taken apart into three names
def n_params(sizes):
    a, b, *_, c = sizes
    return (a + 1) * b + (b + 1) * c

# %% wrong: a plus one times b plus one | points: 0 | idea: a bias on both sides of a layer
def n_params(sizes):
    return sum((a + 1) * (b + 1) for a, b in zip(sizes[:-1], sizes[1:]))

# %% wrong: rounded to tens | points: 0 | idea: none
def n_params(sizes):
    return round(sum((a + 1) * b for a, b in zip(sizes[:-1], sizes[1:])), -1)

# %% wrong: empties the caller's list | points: 1 | idea: input changed in place
def n_params(sizes):
    total = 0
    while len(sizes) > 1:
        first = sizes.pop(0)
        total += (first + 1) * sizes[0]
    return total
