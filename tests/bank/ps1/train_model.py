# %% wrong: no return | points: 2 | idea: the History not handed back
def train_model(model, X, Y, epochs=5, batch_size=32):
    model.fit(X, Y, epochs=epochs, batch_size=batch_size, verbose=0)

def updates_per_epoch(n, batch_size):
    return int(np.ceil(n / batch_size))

# %% wrong: the model comes back | points: 2 | idea: the History not handed back
def train_model(model, X, Y, epochs=5, batch_size=32):
    model.fit(X, Y, epochs=epochs, batch_size=batch_size, verbose=0)
    return model

def updates_per_epoch(n, batch_size):
    return -(-n // batch_size)

# %% wrong: floor division | points: 2 | idea: the last, smaller batch forgotten
def train_model(model, X, Y, epochs=5, batch_size=32):
    return model.fit(X, Y, epochs=epochs, batch_size=batch_size, verbose=0)

def updates_per_epoch(n, batch_size):
    return n // batch_size

# %% wrong: always one more | points: 2 | idea: one batch too many when it comes out even
def train_model(model, X, Y, epochs=5, batch_size=32):
    return model.fit(X, Y, epochs=epochs, batch_size=batch_size, verbose=0)

def updates_per_epoch(n, batch_size):
    return n // batch_size + 1

# %% wrong: an epoch is an update, as the legend says | points: 2 | idea: one update for each epoch
def train_model(model, X, Y, epochs=5, batch_size=32):
    return model.fit(X, Y, epochs=epochs, batch_size=batch_size, verbose=0)

def updates_per_epoch(n, batch_size):
    return 1

# %% wrong: batch_size is not passed on | points: 2 | idea: batch_size ignored
def train_model(model, X, Y, epochs=5, batch_size=32):
    return model.fit(X, Y, epochs=epochs, verbose=0)

def updates_per_epoch(n, batch_size):
    return -(-n // batch_size)

# %% wrong: epochs is not passed on | points: 2 | idea: epochs ignored
def train_model(model, X, Y, epochs=5, batch_size=32):
    return model.fit(X, Y, batch_size=batch_size, verbose=0)

def updates_per_epoch(n, batch_size):
    return -(-n // batch_size)

# %% wrong: five epochs of 128 as on the slide | points: 2 | idea: epochs ignored
def train_model(model, X, Y, epochs=5, batch_size=32):
    return model.fit(X, Y, epochs=5, batch_size=128, verbose=0)

def updates_per_epoch(n, batch_size):
    return (n + batch_size - 1) // batch_size

# %% wrong: labels shuffled apart from the images | points: 2 | idea: images and labels out of step
def train_model(model, X, Y, epochs=5, batch_size=32):
    X = X[np.random.permutation(len(X))]
    return model.fit(X, Y, epochs=epochs, batch_size=batch_size, verbose=0)

def updates_per_epoch(n, batch_size):
    return (n + batch_size - 1) // batch_size

# %% wrong: a clone is trained | points: 1 | idea: the model handed in is not trained
def train_model(model, X, Y, epochs=5, batch_size=32):
    twin = keras.models.clone_model(model)
    twin.compile("rmsprop", "categorical_crossentropy", metrics=["accuracy"])
    return twin.fit(X, Y, epochs=epochs, batch_size=batch_size, verbose=0)

def updates_per_epoch(n, batch_size):
    return (n + batch_size - 1) // batch_size

# %% wrong: evaluate in place of fit | points: 1 | idea: the model handed in is not trained
def train_model(model, X, Y, epochs=5, batch_size=32):
    return model.evaluate(X, Y, batch_size=batch_size, verbose=0)

def updates_per_epoch(n, batch_size):
    return int(np.ceil(n / batch_size))

# %% wrong: only the losses | points: 2 | idea: the History not handed back
def train_model(model, X, Y, epochs=5, batch_size=32):
    history = model.fit(X, Y, epochs=epochs, batch_size=batch_size, verbose=0)
    return history.history["loss"]

def updates_per_epoch(n, batch_size):
    return int(np.ceil(n / batch_size))

# %% wrong: one batch only | points: 1 | idea: one update for each epoch
def train_model(model, X, Y, epochs=5, batch_size=32):
    losses = [float(np.ravel(model.train_on_batch(X[:batch_size], Y[:batch_size]))[0]) for _ in range(epochs)]
    return {"loss": losses}

def updates_per_epoch(n, batch_size):
    return int(np.ceil(n / batch_size))

# %% wrong: a fraction of an update | points: 2 | idea: a fraction of an update
def train_model(model, X, Y, epochs=5, batch_size=32):
    return model.fit(X, Y, epochs=epochs, batch_size=batch_size, verbose=0)

def updates_per_epoch(n, batch_size):
    return n / batch_size

# %% wrong: images are scaled once more and shuffled rows | points: 1
def train_model(model, X, Y, epochs=5, batch_size=32):
    X = X / 255.0
    Y = np.roll(Y, 1, axis=0)
    model.fit(X, Y, epochs=epochs, batch_size=batch_size, verbose=0)
    return None

def updates_per_epoch(n, batch_size):
    return int(np.ceil(n / batch_size))

# %% wrong: rounds to the nearest | points: 2 | idea: rounded to the nearest
def train_model(model, X, Y, epochs=5, batch_size=32):
    return model.fit(X, Y, epochs=epochs, batch_size=batch_size, verbose=0)

def updates_per_epoch(n, batch_size):
    return round(n / batch_size)

# %% right: fit and the History
def train_model(model, X, Y, epochs=5, batch_size=32):
    return model.fit(X, Y, epochs=epochs, batch_size=batch_size, verbose=0)

def updates_per_epoch(n, batch_size):
    return int(np.ceil(n / batch_size))

# %% right: its dict, with progress bars
def train_model(model, X, Y, epochs=5, batch_size=32):
    history = model.fit(X, Y, epochs=epochs, batch_size=batch_size)
    return history.history

def updates_per_epoch(n, batch_size):
    full, rest = divmod(n, batch_size)
    return full + (rest > 0)

# %% right: epoch by epoch
def train_model(model, X, Y, epochs=5, batch_size=32):
    record = {"loss": []}
    for _ in range(epochs):
        h = model.fit(X, Y, batch_size=batch_size, epochs=1, verbose=0)
        record["loss"].append(h.history["loss"][0])
    return record

def updates_per_epoch(n, batch_size):
    return len(range(0, n, batch_size))

# %% right: a validation split and a callback
def train_model(model, X, Y, epochs=5, batch_size=32):
    class Say(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            print("epoch", epoch + 1, "done")

    return model.fit(X, Y, epochs=epochs, batch_size=batch_size, validation_split=0.1, callbacks=[Say()], verbose=2)

def updates_per_epoch(n, batch_size):
    return (n - 1) // batch_size + 1

# %% right: float32 arrays and a plot of the curve
def train_model(model, X, Y, epochs=5, batch_size=32):
    history = model.fit(np.asarray(X, "float32"), np.asarray(Y, "float32"), batch_size, epochs, verbose=0)
    plt.figure()
    plt.plot(history.history["loss"])
    plt.close()
    return history

def updates_per_epoch(n, batch_size):
    import math

    return float(math.ceil(n / batch_size))

# %% right: own batches, a list of losses in a dict
def train_model(model, X, Y, epochs=5, batch_size=32):
    losses = []
    for epoch in range(epochs):
        seen = []
        for i in range(0, len(X), batch_size):
            out = model.train_on_batch(X[i : i + batch_size], Y[i : i + batch_size])
            seen.append(float(np.ravel(out)[0]))
        losses.append(np.mean(seen))
    return {"loss": losses}

def updates_per_epoch(n, batch_size):
    count = 0
    while n > 0:
        n -= batch_size
        count += 1
    return [count]

# %% wrong: rows of a smaller last batch left out of the fit | points: 2
def train_model(model, X, Y, epochs=5, batch_size=32):
    n = len(X) // batch_size * batch_size
    return model.fit(X[:n], Y[:n], epochs=epochs, batch_size=batch_size, verbose=0)
def updates_per_epoch(n, batch_size):
    return -(-n // batch_size)

# %% wrong: the nearest number to a half more | points: 2
def train_model(model, X, Y, epochs=5, batch_size=32):
    return model.fit(X, Y, epochs=epochs, batch_size=batch_size, verbose=0)
def updates_per_epoch(n, batch_size):
    return round(n / batch_size + 0.5)

# %% wrong: a fit for each epoch, the record of the last | points: 2 | idea: none
def train_model(model, X, Y, epochs=5, batch_size=32):
    for _ in range(epochs):
        history = model.fit(X, Y, epochs=1, batch_size=batch_size, verbose=0)
    return history
def updates_per_epoch(n, batch_size):
    return -(-n // batch_size)

# %% wrong: the first batch over and over | points: 2 | idea: none
def train_model(model, X, Y, epochs=5, batch_size=32):
    record = {"loss": []}
    for _ in range(epochs):
        for _ in range(0, len(X), batch_size):
            record["loss"].append(float(np.ravel(model.train_on_batch(X[:batch_size], Y[:batch_size]))[0]))
    record["loss"] = record["loss"][-epochs:]
    return record
def updates_per_epoch(n, batch_size):
    return -(-n // batch_size)
