# %% wrong: adam | points: 2 | idea: another optimizer
def compile_model(model):
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    return model

# %% wrong: sgd | points: 2 | idea: another optimizer
def compile_model(model):
    model.compile(optimizer=keras.optimizers.SGD(0.01), loss="categorical_crossentropy", metrics=["accuracy"])
    return model

# %% wrong: mean squared error | points: 2 | idea: squared error for classes
def compile_model(model):
    model.compile(optimizer="rmsprop", loss="mse", metrics=["accuracy"])
    return model

# %% wrong: binary cross-entropy | points: 2 | idea: binary cross-entropy for ten classes
def compile_model(model):
    model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["categorical_accuracy"])
    return model

# %% wrong: binary cross-entropy, with the accuracy that goes with it | points: 1 | idea: binary cross-entropy for ten classes
def compile_model(model):
    model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["binary_accuracy"])
    return model

# %% wrong: sparse loss for one-hot labels | points: 2 | idea: the sparse loss for one-hot labels
def compile_model(model):
    model.compile("rmsprop", "sparse_categorical_crossentropy", metrics=["categorical_accuracy"])
    return model

# %% wrong: no metric | points: 2 | idea: no accuracy asked for
def compile_model(model):
    model.compile(optimizer="rmsprop", loss="categorical_crossentropy")
    return model

# %% wrong: the loss as its metric | points: 2 | idea: another metric than accuracy
def compile_model(model):
    model.compile(optimizer="rmsprop", loss="categorical_crossentropy", metrics=["categorical_crossentropy"])
    return model

# %% wrong: from_logits after softmax | points: 2 | idea: a loss on logits behind softmax
def compile_model(model):
    model.compile(
        optimizer="rmsprop",
        loss=keras.losses.CategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model

# %% wrong: not compiled | points: 0 | idea: never compiled
def compile_model(model):
    return model

# %% wrong: a new model is compiled and thrown away | points: 0 | idea: never compiled
def compile_model(model):
    copy_of_it = keras.models.clone_model(model)
    copy_of_it.compile(optimizer="rmsprop", loss="categorical_crossentropy", metrics=["accuracy"])

# %% wrong: the name of the loss misspelt | points: 2 | idea: a name that Keras does not know
def compile_model(model):
    model.compile(optimizer="rmsprop", loss="categorial_crossentropy", metrics=["categorical_accuracy"])
    return model

# %% wrong: keras.metrics.Accuracy compares for equality | points: 2 | idea: another metric than accuracy
def compile_model(model):
    model.compile(
        optimizer=keras.optimizers.RMSprop(),
        loss=keras.losses.CategoricalCrossentropy(),
        metrics=[keras.metrics.Accuracy()],
    )
    return model

# %% wrong: Adagrad, squared error and absolute error | points: 0 | idea: another optimizer
def compile_model(model):
    model.compile(optimizer="adagrad", loss="mean_squared_error", metrics=["mae"])
    return model

# %% wrong: label smoothing | points: 2 | idea: labels smoothed
def compile_model(model):
    model.compile(
        optimizer="rmsprop",
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.2),
        metrics=["accuracy"],
    )

# %% wrong: compiled again with adam | points: 2 | idea: another optimizer
def compile_model(model):
    model.compile(optimizer="rmsprop", loss="categorical_crossentropy", metrics=["accuracy"])
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    return model

# %% right: the slide's strings
def compile_model(model):
    model.compile(optimizer="rmsprop", loss="categorical_crossentropy", metrics=["accuracy"])
    return model

# %% right: classes, nothing returned
def compile_model(model):
    model.compile(
        optimizer=keras.optimizers.RMSprop(learning_rate=0.001),
        loss=keras.losses.CategoricalCrossentropy(),
        metrics=[keras.metrics.CategoricalAccuracy()],
    )

# %% right: acc, positional
def compile_model(model):
    model.compile("RMSprop", "categorical_crossentropy", metrics=["acc"])
    return model

# %% right: compiled twice, the last one counts
def compile_model(model):
    model.compile(optimizer="adam", loss="mse")
    model.compile(optimizer="rmsprop", loss=keras.losses.categorical_crossentropy, metrics=["accuracy"])
    return model

# %% right: a gentler rate, more metrics, prints
def compile_model(model):
    rmsprop = keras.optimizers.RMSprop(1e-4, rho=0.95)
    model.compile(
        rmsprop,
        loss="categorical_crossentropy",
        metrics=["categorical_accuracy", "mse", keras.metrics.TopKCategoricalAccuracy(k=2)],
    )
    print("compiled with", model.optimizer.name)
    return model

# %% right: the loss written by hand
def compile_model(model):
    def minus_log_of_the_true_class(y_true, y_pred):
        y_pred = keras.ops.clip(y_pred, 1e-7, 1.0)
        return -keras.ops.sum(y_true * keras.ops.log(y_pred), axis=-1)

    model.compile(optimizer="rmsprop", loss=minus_log_of_the_true_class, metrics=["categorical_accuracy"])
    return model

# %% right: tf.keras, a dict of settings
def compile_model(model):
    import tensorflow as tf

    settings = dict(
        optimizer=tf.keras.optimizers.RMSprop(),
        loss=tf.keras.losses.CategoricalCrossentropy(name="cross_entropy"),
        metrics=[tf.keras.metrics.CategoricalAccuracy("accuracy")],
    )
    model.compile(**settings)
    return model

# %% right: the loss and the optimizer as names of the notebook
loss = keras.losses.CategoricalCrossentropy()
accuracy = "accuracy"

def compile_model(model):
    model.compile(optimizer=keras.optimizers.RMSprop(0.002), loss=loss, metrics=[accuracy])
    return model

# %% right: weighted_metrics
def compile_model(model):
    model.compile(optimizer="rmsprop", loss="categorical_crossentropy", weighted_metrics=["accuracy"])
    return model

# %% right: Accuracy by own function
def accuracy(y_true, y_pred):
    return keras.ops.mean(keras.ops.cast(keras.ops.equal(keras.ops.argmax(y_true, -1), keras.ops.argmax(y_pred, -1)), "float32"))


def compile_model(model):
    model.compile(optimizer="rmsprop", loss="categorical_crossentropy", metrics=[accuracy])

# %% wrong: maximises | points: 2 | idea: the minus forgotten
def compile_model(model):
    model.compile(optimizer="rmsprop", loss=lambda t, p: keras.ops.sum(t * keras.ops.log(p + 1e-7), axis=-1), metrics=["accuracy"])

# %% wrong: top five accuracy | points: 2 | idea: another metric than accuracy
def compile_model(model):
    model.compile(optimizer="rmsprop", loss="categorical_crossentropy", metrics=["top_k_categorical_accuracy"])

# %% wrong: the third position is loss_weights, not metrics | points: 1 | idea: no accuracy asked for
def compile_model(model):
    model.compile("rmsprop", "categorical_crossentropy", ["accuracy"])
