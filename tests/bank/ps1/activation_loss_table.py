# %% wrong: softmax for two classes | points: 4 | idea: softmax for two classes and one output
activation_loss = {
    "binary": ("softmax", "binary_crossentropy"),
    "multiclass": ("softmax", "categorical_crossentropy"),
    "multilabel": ("sigmoid", "binary_crossentropy"),
    "regression": (None, "mse"),
    "unit_regression": ("sigmoid", "mse"),
}

# %% wrong: many labels taken for one of many | points: 4 | idea: softmax where several labels may be true
activation_loss = {
    "binary": ("sigmoid", "binary_crossentropy"),
    "multiclass": ("softmax", "categorical_crossentropy"),
    "multilabel": ("softmax", "categorical_crossentropy"),
    "regression": ("linear", "mse"),
    "unit_regression": ("sigmoid", "mse"),
}

# %% wrong: sigmoid for multiclass | points: 4 | idea: sigmoid where one class excludes the others
activation_loss = {
    "binary": ("sigmoid", "bce"),
    "multiclass": ("sigmoid", "cce"),
    "multilabel": ("sigmoid", "bce"),
    "regression": (None, "mse"),
    "unit_regression": ("sigmoid", "mse"),
}

# %% wrong: relu for regression | points: 4 | idea: relu cuts off negative values
activation_loss = {
    "binary": ("sigmoid", "binary cross-entropy"),
    "multiclass": ("softmax", "categorical cross-entropy"),
    "multilabel": ("sigmoid", "binary cross-entropy"),
    "regression": ("relu", "mean squared error"),
    "unit_regression": ("sigmoid", "mean squared error"),
}

# %% wrong: no activation for a number in [0, 1] | points: 4 | idea: an output free to leave 0 to 1
activation_loss = dict(
    binary=("sigmoid", "binary crossentropy"),
    multiclass=("softmax", "categorical crossentropy"),
    multilabel=("sigmoid", "binary crossentropy"),
    regression=("none", "MSE"),
    unit_regression=("none", "MSE"),
)

# %% wrong: MSE for everything | points: 2 | idea: squared error for classes
activation_loss = {
    "binary": ("sigmoid", "mse"),
    "multiclass": ("softmax", "mse"),
    "multilabel": ("sigmoid", "mse"),
    "regression": (None, "mse"),
    "unit_regression": ("sigmoid", "mse"),
}

# %% wrong: loss first | points: 0 | idea: loss and activation swapped
activation_loss = {
    "binary": ("binary_crossentropy", "sigmoid"),
    "multiclass": ("categorical_crossentropy", "softmax"),
    "multilabel": ("binary_crossentropy", "sigmoid"),
    "regression": ("mse", None),
    "unit_regression": ("mse", "sigmoid"),
}

# %% wrong: binary cross-entropy for multiclass | points: 4 | idea: binary cross-entropy where one class excludes the others
activation_loss = {
    "binary": ("sigmoid", "binary_crossentropy"),
    "multiclass": ("softmax", "binary_crossentropy"),
    "multilabel": ("sigmoid", "binary_crossentropy"),
    "regression": (None, "mse"),
    "unit_regression": ("sigmoid", "binary_crossentropy"),
}

# %% wrong: other keys | points: 0 | idea: rows not under the task's keys
activation_loss = {
    "binary classification": ("sigmoid", "binary_crossentropy"),
    "multiclass classification": ("softmax", "categorical_crossentropy"),
    "multilabel classification": ("sigmoid", "binary_crossentropy"),
    "regression to any value": (None, "mse"),
    "regression in 0 to 1": ("sigmoid", "mse"),
}

# %% wrong: a list in the slide's order | points: 0 | idea: rows not under the task's keys
activation_loss = [
    ("sigmoid", "binary_crossentropy"),
    ("softmax", "categorical_crossentropy"),
    ("sigmoid", "binary_crossentropy"),
    (None, "mse"),
    ("sigmoid", "mse"),
]

# %% wrong: activations only | points: 0 | idea: one word where a pair is asked
activation_loss = {
    "binary": "sigmoid",
    "multiclass": "softmax",
    "multilabel": "sigmoid",
    "regression": None,
    "unit_regression": "sigmoid",
}

# %% wrong: hedged, both losses where only one is right | points: 3 | idea: two answers in one place
activation_loss = {
    "binary": ("sigmoid", "binary cross-entropy or MSE"),
    "multiclass": ("softmax or sigmoid", "categorical cross-entropy"),
    "multilabel": ("sigmoid", "binary cross-entropy"),
    "regression": ("linear", "MSE"),
    "unit_regression": ("sigmoid", "MSE or binary cross-entropy"),
}

# %% wrong: the last two rows left open | points: 3 | idea: a row left open
activation_loss = {
    "binary": ("sigmoid", "binary_crossentropy"),
    "multiclass": ("softmax", "sparse_categorical_crossentropy"),
    "multilabel": ("sigmoid", "binary_crossentropy"),
    "regression": (None, None),
    "unit_regression": None,
}

# %% wrong: MAE and hinge | points: 2 | idea: an output that is no probability
activation_loss = {
    "binary": ("tanh", "hinge"),
    "multiclass": ("softmax", "categorical_crossentropy"),
    "multilabel": ("sigmoid", "binary_crossentropy"),
    "regression": (None, "mae"),
    "unit_regression": ("softmax", "mse"),
}

# %% wrong: a loss on logits | points: 4 | idea: a loss on logits behind an activation
activation_loss = {
    "binary": ("sigmoid", "BinaryCrossentropy()"),
    "multiclass": ("softmax", "CategoricalCrossentropy(from_logits=True)"),
    "multilabel": ("sigmoid", "BinaryCrossentropy()"),
    "regression": ("linear", "MeanSquaredError()"),
    "unit_regression": ("sigmoid", "MeanSquaredError()"),
}

# %% right: the slide's words
activation_loss = {
    "binary": ("sigmoid", "binary_crossentropy"),
    "multiclass": ("softmax", "categorical_crossentropy"),
    "multilabel": ("sigmoid", "binary_crossentropy"),
    "regression": (None, "mse"),
    "unit_regression": ("sigmoid", "mse or binary_crossentropy"),
}

# %% right: in words, with capitals
activation_loss = {
    "binary": ("Sigmoid", "Binary Cross Entropy"),
    "multiclass": ("Softmax", "Categorical Cross Entropy"),
    "multilabel": ("Sigmoid", "Binary Cross Entropy"),
    "regression": ("None", "Mean Squared Error"),
    "unit_regression": ("Sigmoid", "Mean Squared Error"),
}

# %% right: abbreviations in lists
activation_loss = {
    "binary": ["sigmoid", "BCE"],
    "multiclass": ["softmax", "CCE"],
    "multilabel": ["sigmoid", "BCE"],
    "regression": ["linear", "MSE"],
    "unit_regression": ["sigmoid", "BCE"],
}

# %% right: Keras class names
activation_loss = {
    "binary": ("keras.activations.sigmoid", "keras.losses.BinaryCrossentropy"),
    "multiclass": ("keras.activations.softmax", "keras.losses.SparseCategoricalCrossentropy"),
    "multilabel": ("keras.activations.sigmoid", "keras.losses.BinaryCrossentropy"),
    "regression": ("keras.activations.linear", "keras.losses.MeanSquaredError"),
    "unit_regression": ("keras.activations.sigmoid", "keras.losses.MeanSquaredError"),
}

# %% right: hyphens, brackets and a spare key
bce, mse_loss = "binary cross-entropy", "mean-squared-error (MSE)"
activation_loss = {}
activation_loss["binary"] = ("sigmoid()", bce)
activation_loss["multiclass"] = ("softmax()", "categorical cross-entropy (sparse for integer labels)".split(" (")[0])
activation_loss["multilabel"] = ("sigmoid()", bce)
activation_loss["regression"] = ("identity", mse_loss)
activation_loss["unit_regression"] = ("sigmoid()", mse_loss)
activation_loss["note"] = "from the slide"

# %% right: a loop that fills a table
activation_loss = {}
for task, act, loss_name in [
    ("binary", "SIGMOID", "BINARY_CROSSENTROPY"),
    ("multiclass", "SOFTMAX", "SPARSE_CATEGORICAL_CROSSENTROPY"),
    ("multilabel", "SIGMOID", "BINARY_CROSSENTROPY"),
    ("regression", "LINEAR", "MEAN_SQUARED_ERROR"),
    ("unit_regression", "SIGMOID", "MEAN_SQUARED_ERROR"),
]:
    activation_loss[task] = (act, loss_name)
    print(task, act, loss_name)

# %% right: log loss, no activation
activation_loss = {
    "binary": ("logistic sigmoid", "log loss"),
    "multiclass": ("softmax activation", "categorical cross entropy loss"),
    "multilabel": ("sigmoid function", "binary cross entropy loss"),
    "regression": ("no activation", "squared error"),
    "unit_regression": ("sigmoid", "mean square error"),
}

# %% right: full paths
activation_loss = {
    "binary": ("keras.activations.sigmoid", "keras.losses.BinaryCrossentropy()"),
    "multiclass": ("keras.activations.softmax", "keras.losses.CategoricalCrossentropy()"),
    "multilabel": ("keras.activations.sigmoid", "keras.losses.BinaryCrossentropy()"),
    "regression": ("keras.activations.linear", "keras.losses.MeanSquaredError()"),
    "unit_regression": ("keras.activations.sigmoid", "keras.losses.MeanSquaredError()"),
}

# %% right: arrays of strings
activation_loss = {
    "binary": np.array(["sigmoid", "binary crossentropy"]),
    "multiclass": np.array(["softmax", "categorical crossentropy"]),
    "multilabel": np.array(["sigmoid", "binary crossentropy"]),
    "regression": np.array(["linear", "mean squared error"]),
    "unit_regression": np.array(["sigmoid", "mean squared error"]),
}

# %% wrong: not a sigmoid | points: 4 | idea: an activation of a similar name
activation_loss = {
    "binary": ("hard_sigmoid", "binary_crossentropy"),
    "multiclass": ("softmax", "categorical_crossentropy"),
    "multilabel": ("sigmoid", "binary_crossentropy"),
    "regression": (None, "mse"),
    "unit_regression": ("sigmoid", "mse"),
}

# %% wrong: log softmax | points: 4 | idea: an activation of a similar name
activation_loss = {
    "binary": ("sigmoid", "binary_crossentropy"),
    "multiclass": ("log_softmax", "categorical_crossentropy"),
    "multilabel": ("sigmoid", "binary_crossentropy"),
    "regression": (None, "mse"),
    "unit_regression": ("sigmoid", "mse"),
}

# %% wrong: binary focal crossentropy, categorical hinge | points: 3 | idea: a loss that is not on the slide
activation_loss = {
    "binary": ("sigmoid", "binary_focal_crossentropy"),
    "multiclass": ("softmax", "categorical_hinge"),
    "multilabel": ("sigmoid", "binary_crossentropy"),
    "regression": (None, "mse"),
    "unit_regression": ("sigmoid", "mse"),
}

# %% wrong: rmse and msle | points: 3 | idea: a loss that is not on the slide
activation_loss = {
    "binary": ("sigmoid", "binary_crossentropy"),
    "multiclass": ("softmax", "categorical_crossentropy"),
    "multilabel": ("sigmoid", "binary_crossentropy"),
    "regression": (None, "mean squared logarithmic error"),
    "unit_regression": ("sigmoid", "mae"),
}

# %% wrong: hedging, both activations named | points: 2 | idea: two answers in one place
activation_loss = {
    "binary": ("sigmoid or softmax", "binary_crossentropy"),
    "multiclass": ("softmax/sigmoid", "categorical_crossentropy"),
    "multilabel": ("sigmoid, softmax", "binary or categorical crossentropy"),
    "regression": (None, "mse"),
    "unit_regression": ("sigmoid", "mse"),
}

# %% wrong: cross-entropy without saying which | points: 2 | idea: none
activation_loss = {
    "binary": ("sigmoid", "cross-entropy"),
    "multiclass": ("softmax", "cross-entropy"),
    "multilabel": ("sigmoid", "cross-entropy"),
    "regression": (None, "mse"),
    "unit_regression": ("sigmoid", "mse"),
}
