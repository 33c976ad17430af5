"""Zanele Khumalo: typical mistakes of notebook 3; nothing else handed in.

Sigmoid for softmax, pixels divided by the largest of the batch, a column too few, biases forgotten, adam for
rmsprop, the last batch dropped, rows and columns of the confusion matrix exchanged.
"""

START = "solution"
MISSING = ["0-start-here", "1-perceptron", "2-mlp-backprop"]
EXPECTED = {
    "activation_loss_table": (3, "partly"),
    "preprocess_images": (1, "partly"),
    "one_hot": (0, "wrong"),
    "build_model": (2, "partly"),
    "count_parameters": (0, "wrong"),
    "compile_model": (2, "partly"),
    "train_model": (2, "partly"),
    "read_predictions": (1, "partly"),
}

# %% activation_loss_table
activation_loss = {
    "binary": ("sigmoid", "binary cross-entropy"),
    "multiclass": ("softmax", "categorical cross-entropy"),
    "multilabel": ("softmax", "categorical cross-entropy"),
    "regression": ("relu", "mean squared error"),
    "unit_regression": ("sigmoid", "mean squared error"),
}

# %% preprocess_images
def preprocess_images(images):
    return images.reshape(len(images), -1) / images.max()


# %% one_hot
def one_hot(labels, n_classes=10):
    return np.eye(n_classes)[labels][:, 1:]


# %% build_model
def build_model():
    return keras.Sequential(
        [
            keras.Input((784,)),
            keras.layers.Dense(512, activation="relu"),
            keras.layers.Dense(10, activation="sigmoid"),
        ]
    )


# %% count_parameters
def n_params(sizes):
    return sum(n_in * n_out for n_in, n_out in zip(sizes[:-1], sizes[1:]))


# %% compile_model
def compile_model(model):
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    return model


# %% train_model
def train_model(model, X, Y, epochs=5, batch_size=32):
    return model.fit(X, Y, epochs=epochs, batch_size=batch_size, verbose=0)


def updates_per_epoch(n, batch_size):
    return n // batch_size


# %% read_predictions
def predict_digit(P):
    return np.argmax(P, axis=1)


def confusion_matrix(y, y_hat, n_classes):
    counts = np.zeros((n_classes, n_classes), dtype=int)
    for true, predicted in zip(y, y_hat):
        counts[predicted, true] += 1
    return counts
