# %% wrong: sigmoid in the hidden layer | points: 2 | idea: sigmoid in the hidden layer
def build_model():
    model = keras.Sequential()
    model.add(keras.Input(shape=(784,)))
    model.add(keras.layers.Dense(512, activation="sigmoid"))
    model.add(keras.layers.Dense(10, activation="softmax"))
    return model

# %% wrong: sigmoid at the output | points: 2 | idea: sigmoid output
def build_model():
    return keras.Sequential([
        keras.Input((784,)),
        keras.layers.Dense(512, activation="relu"),
        keras.layers.Dense(10, activation="sigmoid"),
    ])

# %% wrong: softmax in the hidden layer too | points: 2 | idea: another activation in the hidden layer
def build_model():
    return keras.Sequential([
        keras.Input((784,)),
        keras.layers.Dense(512, activation="softmax"),
        keras.layers.Dense(10, activation="softmax"),
    ])

# %% wrong: no activation in the hidden layer | points: 2 | idea: no activation in the hidden layer
def build_model():
    return keras.Sequential([
        keras.Input((784,)),
        keras.layers.Dense(512),
        keras.layers.Dense(10, activation="softmax"),
    ])

# %% wrong: logits | points: 2 | idea: linear output (logits)
def build_model():
    return keras.Sequential([
        keras.Input((784,)),
        keras.layers.Dense(512, activation="relu"),
        keras.layers.Dense(10),
    ])

# %% wrong: 128 units, from the tutorial | points: 1 | idea: another number of hidden units
def build_model():
    return keras.Sequential([
        keras.Input((28, 28)),
        keras.layers.Flatten(),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ])

# %% wrong: two hidden layers | points: 1 | idea: layers that the lecture's network does not have
def build_model():
    return keras.Sequential([
        keras.Input((784,)),
        keras.layers.Dense(512, activation="relu"),
        keras.layers.Dense(512, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ])

# %% wrong: Dropout | points: 3 | idea: something that acts in training only
def build_model():
    return keras.Sequential([
        keras.Input((784,)),
        keras.layers.Dense(512, activation="relu"),
        keras.layers.Dropout(0.5),
        keras.layers.Dense(10, activation="softmax"),
    ])

# %% wrong: Flatten forgotten | points: 0 | idea: images not flattened
def build_model():
    return keras.Sequential([
        keras.Input((28, 28)),
        keras.layers.Dense(512, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ])

# %% wrong: no hidden layer | points: 1 | idea: no hidden layer
def build_model():
    return keras.Sequential([keras.Input((784,)), keras.layers.Dense(10, activation="softmax")])

# %% wrong: a single output | points: 1 | idea: outputs and classes do not match
def build_model():
    return keras.Sequential([
        keras.Input((784,)),
        keras.layers.Dense(512, activation="relu"),
        keras.layers.Dense(1, activation="sigmoid"),
    ])

# %% wrong: softmax twice | points: 2 | idea: another computation than the slide's
def build_model():
    return keras.Sequential([
        keras.Input((784,)),
        keras.layers.Dense(512, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
        keras.layers.Softmax(),
    ])

# %% wrong: without biases | points: 2 | idea: biases switched off
def build_model():
    return keras.Sequential([
        keras.Input((784,)),
        keras.layers.Dense(512, activation="relu", use_bias=False),
        keras.layers.Dense(10, activation="softmax", use_bias=False),
    ])

# %% wrong: the model is forgotten to be returned | points: 0 | idea: no model handed back
def build_model():
    model = keras.Sequential([
        keras.Input((784,)),
        keras.layers.Dense(512, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ])
    model.summary()

# %% wrong: tanh, functional | points: 2 | idea: another activation in the hidden layer
def build_model():
    inputs = keras.Input(shape=(784,))
    x = keras.layers.Dense(512, activation="tanh")(inputs)
    outputs = keras.layers.Dense(10, activation="softmax")(x)
    return keras.Model(inputs, outputs)

# %% wrong: all weights start at zero | points: 3 | idea: all weights start equal
def build_model():
    return keras.Sequential([
        keras.Input((784,)),
        keras.layers.Dense(512, activation="relu", kernel_initializer="zeros"),
        keras.layers.Dense(10, activation="softmax", kernel_initializer="zeros"),
    ])

# %% wrong: the hidden layer is frozen | points: 3 | idea: weights frozen
def build_model():
    hidden = keras.layers.Dense(512, activation="relu", trainable=False)
    return keras.Sequential([keras.Input((784,)), hidden, keras.layers.Dense(10, activation="softmax")])

# %% wrong: the summary comes back | points: 0 | idea: no model handed back
def build_model():
    model = keras.Sequential([
        keras.Input((784,)),
        keras.layers.Dense(512, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ])
    return model.summary()

# %% right: Sequential with Input
def build_model():
    return keras.Sequential([
        keras.Input(shape=(784,)),
        keras.layers.Dense(512, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ])

# %% right: add() and input_shape, as on the slide
from keras import layers, models

def build_model():
    network = models.Sequential()
    network.add(layers.Dense(512, activation="relu", input_shape=(28 * 28,)))
    network.add(layers.Dense(10, activation="softmax"))
    return network

# %% right: functional with Flatten and Rescaling
def build_model():
    image = keras.Input((28, 28), name="image")
    x = keras.layers.Rescaling(1 / 255)(image)
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dense(512, activation=keras.activations.relu)(x)
    return keras.Model(image, keras.layers.Dense(10, activation=keras.activations.softmax)(x), name="digits")

# %% right: subclassed
class LectureNetwork(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = keras.layers.Dense(512, activation="relu")
        self.output_layer = keras.layers.Dense(10, activation="softmax")

    def call(self, x):
        return self.output_layer(self.hidden(x))

def build_model():
    return LectureNetwork()

# %% right: activation layers of their own, built later
def build_model():
    return keras.models.Sequential([
        keras.layers.Dense(512),
        keras.layers.Activation("relu"),
        keras.layers.Dense(10),
        keras.layers.Softmax(),
    ])

# %% right: tf.keras
def build_model():
    import tensorflow as tf

    model = tf.keras.Sequential([
        tf.keras.layers.InputLayer(shape=(784,)),
        tf.keras.layers.Dense(units=512, activation=tf.nn.relu, kernel_initializer="he_normal"),
        tf.keras.layers.Dense(units=10, activation=tf.nn.softmax),
    ])
    return model

# %% right: compiled and summarised on the way
def build_model():
    model = keras.Sequential([
        keras.Input((784,)),
        keras.layers.Dense(512, activation="relu", name="hidden"),
        keras.layers.Dense(10, activation="softmax", name="digit"),
    ])
    model.compile("rmsprop", "categorical_crossentropy", metrics=["accuracy"])
    model.summary()
    return model

# %% right: a nested Sequential and ReLU
def build_model():
    encoder = keras.Sequential([keras.Input((784,)), keras.layers.Dense(512), keras.layers.ReLU()])
    return keras.Sequential([encoder, keras.layers.Dense(10, activation="softmax")])

# %% right: own layer
class MyDense(keras.layers.Layer):
    def __init__(self, units, activation):
        super().__init__()
        self.units = units
        self.activation = activation

    def build(self, shape):
        self.bias = self.add_weight(shape=(self.units,), initializer="zeros")
        self.kernel = self.add_weight(shape=(shape[-1], self.units), initializer="glorot_uniform")

    def call(self, x):
        return self.activation(keras.ops.matmul(x, self.kernel) + self.bias)


def build_model():
    return keras.Sequential([keras.Input((784,)), MyDense(512, keras.ops.relu), MyDense(10, keras.ops.softmax)])

# %% right: subclass, output layer made first, built
class Net(keras.Model):
    def __init__(self, units=512, **kw):
        super().__init__(**kw)
        self.out = keras.layers.Dense(10)
        self.hid = keras.layers.Dense(units)

    def call(self, inputs, training=False):
        h = keras.ops.relu(self.hid(inputs))
        return keras.ops.softmax(self.out(h), axis=-1)


def build_model():
    net = Net(name="net")
    net.build((None, 784))
    return net

# %% wrong: one model for all calls | points: 3 | idea: one model for all calls
network = keras.Sequential([
    keras.Input((784,)),
    keras.layers.Dense(512, activation="relu"),
    keras.layers.Dense(10, activation="softmax"),
])

def build_model():
    return network

# %% wrong: a leaky relu | points: 2 | idea: another computation than the slide's
def build_model():
    return keras.Sequential([
        keras.Input((784,)),
        keras.layers.Dense(512),
        keras.layers.LeakyReLU(negative_slope=0.1),
        keras.layers.Dense(10, activation="softmax"),
    ])
