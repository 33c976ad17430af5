# %% wrong: no activation | points: 0 | idea: the activation forgotten
def hidden_unit(x1, x2, w1, w2, b):
    return w1 * x1 + w2 * x2 + b

# %% wrong: no bias | points: 0 | idea: bias forgotten
def hidden_unit(x1, x2, w1, w2, b):
    return sigmoid(w1 * x1 + w2 * x2)

# %% wrong: the sigmoid twice, the slides call both h | points: 0 | idea: the activation applied twice
def hidden_unit(x1, x2, w1, w2, b):
    h = sigmoid(w1 * x1 + w2 * x2 + b)
    return sigmoid(h)

# %% wrong: exp(+z) | points: 0 | idea: sign of the exponent
def hidden_unit(x1, x2, w1, w2, b):
    z = w1 * x1 + w2 * x2 + b
    return 1 / (1 + np.exp(z))

# %% wrong: relu, as in the last lecture | points: 0 | idea: relu in place of the sigmoid
def hidden_unit(x1, x2, w1, w2, b):
    return max(0.0, w1 * x1 + w2 * x2 + b)

# %% wrong: tanh | points: 0 | idea: tanh in place of the sigmoid
def hidden_unit(x1, x2, w1, w2, b):
    return np.tanh(w1 * x1 + w2 * x2 + b)

# %% wrong: weights crossed over | points: 0 | idea: weights and inputs crossed
def hidden_unit(x1, x2, w1, w2, b):
    return sigmoid(w2 * x1 + w1 * x2 + b)

# %% wrong: minus the bias, a threshold | points: 0 | idea: bias subtracted
def hidden_unit(x1, x2, w1, w2, b):
    return sigmoid(w1 * x1 + w2 * x2 - b)

# %% wrong: two activations added | points: 0 | idea: each input squashed by itself
def hidden_unit(x1, x2, w1, w2, b):
    return sigmoid(w1 * x1) + sigmoid(w2 * x2) + b

# %% wrong: bias outside the sigmoid | points: 0 | idea: bias outside the activation
def hidden_unit(x1, x2, w1, w2, b):
    return sigmoid(w1 * x1 + w2 * x2) + b

# %% wrong: the class, not the output | points: 0 | idea: a step in place of a curve
def hidden_unit(x1, x2, w1, w2, b):
    return 1.0 if w1 * x1 + w2 * x2 + b > 0 else 0.0

# %% wrong: rounded to three decimals | points: 0 | idea: rounded to three decimals
def hidden_unit(x1, x2, w1, w2, b):
    return round(float(sigmoid(w1 * x1 + w2 * x2 + b)), 3)

# %% wrong: the products of a vector, not summed | points: 0 | idea: products not added up
def hidden_unit(x1, x2, w1, w2, b):
    x = np.array([x1, x2])
    w = np.array([w1, w2])
    return sigmoid(w * x + b)

# %% wrong: the sum is forgotten to be returned | points: 0 | idea: nothing returned
def hidden_unit(x1, x2, w1, w2, b):
    z = w1 * x1 + w2 * x2 + b
    h = sigmoid(z)

# %% wrong: the weights are added to the inputs | points: 0
def hidden_unit(x1, x2, w1, w2, b):
    return sigmoid((w1 + x1) * (w2 + x2) + b)

# %% right: sigmoid of the sum
def hidden_unit(x1, x2, w1, w2, b):
    return sigmoid(w1 * x1 + w2 * x2 + b)

# %% right: written out with math
import math

def hidden_unit(x1, x2, w1, w2, b):
    z = b + w1 * x1 + w2 * x2
    return 1 / (1 + math.exp(-z))

# %% right: vectors and a (1, 1) result
def hidden_unit(x1, x2, w1, w2, b):
    x = np.array([[x1], [x2]])
    w = np.array([[w1], [w2]])
    return sigmoid(w.T @ x + b)

# %% right: a list of one float32
def hidden_unit(x1, x2, w1, w2, b):
    return [np.float32(sigmoid(np.dot([w1, w2], [x1, x2]) + b))]

# %% right: a lambda with tanh
hidden_unit = lambda x1, x2, w1, w2, b: (1 + np.tanh((w1 * x1 + w2 * x2 + b) / 2)) / 2

# %% right: helper with a bias input and type hints
def unit_output(inputs, weights_):
    return float(sigmoid(sum(i * w for i, w in zip(inputs, weights_))))

def hidden_unit(x1: float, x2: float, w1: float, w2: float, b: float) -> float:
    return unit_output((x1, x2, 1.0), (w1, w2, b))

# %% right: a (1, 1) array by a matrix product
def hidden_unit(x1, x2, w1, w2, b):
    return sigmoid(np.array([[x1, x2]]) @ np.array([[w1], [w2]]) + b)

# %% right: a sigmoid of its own
def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))
def hidden_unit(x1, x2, w1, w2, b):
    return sigmoid(x1 * w1 + x2 * w2 + b)
