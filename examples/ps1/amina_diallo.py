"""Amina Diallo: everything right, in loops as in a first programming course."""

START = "solution"
EXPECTED = {}

# %% sigmoid
import math


def sigmoid(z):
    flat = []
    for value in np.ravel(z):
        if value >= 0:
            flat.append(1 / (1 + math.exp(-value)))
        else:
            flat.append(math.exp(value) / (1 + math.exp(value)))
    return np.array(flat).reshape(np.shape(z))


# %% weighted_sum
def weighted_sum(X, w, b):
    h = []
    for row in X:
        total = b
        for i in range(len(w)):
            total = total + w[i] * row[i]
        h.append(total)
    return np.array(h)


# %% perceptron_table
def perceptron_table(X, w, b):
    h = weighted_sum(X, w, b)
    p = sigmoid(h)
    y_hat = np.zeros(len(p))
    for i in range(len(p)):
        if p[i] > 0.5:
            y_hat[i] = 1
    return h, p, y_hat


# %% slide_errors
slide_errors = set()
slide_errors.add((3, "p"))
slide_errors.add((3, "y_hat"))

# %% squared_error
def squared_error(y, p):
    errors = []
    for i in range(len(y)):
        errors.append((y[i] - p[i]) ** 2)
    return np.array(errors)


def mean_squared_error(y, p):
    total = 0
    for error in squared_error(y, p):
        total += error
    return total / len(y)


# %% binary_cross_entropy
def binary_cross_entropy(y, p):
    total = 0
    for target, guess in zip(y, p):
        guess = min(max(guess, 1e-15), 1 - 1e-15)
        total -= target * math.log(guess) + (1 - target) * math.log(1 - guess)
    return total / len(y)


# %% perceptron_gradient
def perceptron_gradient(x, y, w, b):
    h = b
    for i in range(len(x)):
        h += w[i] * x[i]
    p = 1 / (1 + math.exp(-h))
    dw = np.zeros(len(x))
    for i in range(len(x)):
        dw[i] = 2 * (p - y) * p * (1 - p) * x[i]
    return {"dw": dw, "db": 2 * (p - y) * p * (1 - p)}


# %% numerical_gradient
def numerical_gradient(f, theta, eps=1e-5):
    theta = np.array(theta, dtype=float)
    flat = theta.reshape(-1)
    gradient = np.zeros(len(flat))
    for i in range(len(flat)):
        kept = flat[i]
        flat[i] = kept + eps
        above = f(theta)
        flat[i] = kept - eps
        below = f(theta)
        flat[i] = kept
        gradient[i] = (above - below) / (2 * eps)
    return gradient.reshape(theta.shape)


# %% train_perceptron
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w = [float(value) for value in w0]
    b = float(b0)
    history = []
    for _ in range(n_iters):
        dw, db, loss = [0.0] * len(w), 0.0, 0.0
        for row, target in zip(X, y):
            gradient = perceptron_gradient(row, target, w, b)
            for i in range(len(w)):
                dw[i] += gradient["dw"][i]
            db += gradient["db"]
            loss += float((target - sigmoid(weighted_sum([row], w, b))[0]) ** 2)
        for i in range(len(w)):
            w[i] -= lr * dw[i]
        b -= lr * db
        history.append(loss)
    return np.array(w), b, history


# %% to_matrices
def to_matrices(params):
    W = np.zeros((2, 3))
    B = np.zeros((3, 1))
    for i in range(2):
        for j in range(3):
            W[i, j] = params["w" + str(i + 1) + str(j + 1)]
    for j in range(3):
        B[j, 0] = params["b" + str(j + 1)]
    return W, B


# %% mlp_forward
def mlp_forward(X, W, B, w_o, b_o):
    n_in, n_hidden = W.shape
    Z = np.zeros((n_hidden, 1))
    H = np.zeros((n_hidden, 1))
    o = b_o
    for j in range(n_hidden):
        Z[j, 0] = B[j, 0]
        for i in range(n_in):
            Z[j, 0] += W[i, j] * X[i, 0]
        H[j, 0] = 1 / (1 + np.exp(-Z[j, 0]))
        o = o + w_o[j, 0] * H[j, 0]
    return {"Z": Z, "H": H, "o": o, "p": 1 / (1 + np.exp(-o))}


# %% mlp_backward
def mlp_backward(X, y, W, B, w_o, b_o):
    found = mlp_forward(X, W, B, w_o, b_o)
    H, p = found["H"], found["p"]
    n_in, n_hidden = W.shape
    db_o = 2 * (p - y) * p * (1 - p)
    dw_o = np.zeros((n_hidden, 1))
    dB = np.zeros((n_hidden, 1))
    dW = np.zeros((n_in, n_hidden))
    for j in range(n_hidden):
        dw_o[j, 0] = db_o * H[j, 0]
        dB[j, 0] = db_o * w_o[j, 0] * H[j, 0] * (1 - H[j, 0])
        for i in range(n_in):
            dW[i, j] = dB[j, 0] * X[i, 0]
    return {"dw_o": dw_o, "db_o": db_o, "dW": dW, "dB": dB}


# %% softmax
import math


def softmax(z):
    if np.ndim(z) == 2:
        return np.array([softmax(row) for row in z])
    largest = max(z)
    powers = [math.exp(value - largest) for value in z]
    return np.array([power / sum(powers) for power in powers])


# %% categorical_crossentropy
def categorical_crossentropy(Y, P):
    total = 0
    for i in range(len(Y)):
        for k in range(len(Y[i])):
            if Y[i][k] == 1:
                total -= np.log(P[i][k])
    return total / len(Y)


# %% preprocess_images
def preprocess_images(images):
    rows = []
    for image in images:
        rows.append([int(pixel) / 255 for line in image for pixel in line])
    return np.array(rows)


# %% one_hot
def one_hot(labels, n_classes=10):
    rows = np.zeros((len(labels), n_classes))
    for i in range(len(labels)):
        rows[i, labels[i]] = 1
    return rows


# %% count_parameters
def n_params(sizes):
    total = 0
    for i in range(len(sizes) - 1):
        total += sizes[i] * sizes[i + 1]
        total += sizes[i + 1]
    return total


# %% build_model
def build_model():
    model = keras.Sequential()
    model.add(keras.layers.Dense(512, activation="relu", input_shape=(784,)))
    model.add(keras.layers.Dense(10, activation="softmax"))
    return model


# %% train_model
def train_model(model, X, Y, epochs=5, batch_size=32):
    history = model.fit(X, Y, epochs=epochs, batch_size=batch_size)
    return history


def updates_per_epoch(n, batch_size):
    updates = n // batch_size
    if n % batch_size > 0:
        updates = updates + 1
    return updates


# %% read_predictions
def predict_digit(P):
    digits = []
    for row in P:
        best = 0
        for digit in range(10):
            if row[digit] > row[best]:
                best = digit
        digits.append(best)
    return digits


def confusion_matrix(y, y_hat, n_classes):
    counts = [[0] * n_classes for _ in range(n_classes)]
    for i in range(len(y)):
        counts[int(y[i])][int(y_hat[i])] += 1
    return counts
