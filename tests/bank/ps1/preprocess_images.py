# %% wrong: not scaled | points: 1 | idea: not scaled
def preprocess_images(images):
    return images.reshape(len(images), -1).astype("float32")

# %% wrong: not flattened | points: 1 | idea: not flattened
def preprocess_images(images):
    return images.astype("float32") / 255

# %% wrong: divided by 256 | points: 1 | idea: divided by the number of gray values
def preprocess_images(images):
    return images.reshape(images.shape[0], -1) / 256

# %% wrong: divided by the largest pixel of the batch | points: 1 | idea: scaled by what is in the batch
def preprocess_images(images):
    flat = images.reshape(len(images), -1).astype(float)
    return flat / flat.max()

# %% wrong: each image by its own maximum | points: 1 | idea: each image by its own brightest pixel
def preprocess_images(images):
    flat = images.reshape(len(images), -1).astype(float)
    return flat / flat.max(axis=1, keepdims=True)

# %% wrong: minimum and maximum of each column | points: 0 | idea: each pixel by its own range
def preprocess_images(images):
    flat = images.reshape(len(images), -1).astype(float)
    low, high = flat.min(axis=0), flat.max(axis=0)
    return (flat - low) / (high - low + 1e-9)

# %% wrong: standardised | points: 1 | idea: standardised
def preprocess_images(images):
    flat = images.reshape(len(images), -1).astype(float)
    return (flat - flat.mean()) / flat.std()

# %% wrong: integer division | points: 0 | idea: rounded down to whole numbers
def preprocess_images(images):
    return images.reshape(len(images), -1) // 255

# %% wrong: scaled, then uint8 again | points: 0 | idea: rounded down to whole numbers
def preprocess_images(images):
    return (images.reshape(len(images), -1) / 255).astype(images.dtype)

# %% wrong: -1 to 1 | points: 1 | idea: spread from -1 to 1
def preprocess_images(images):
    return images.reshape(len(images), -1) / 127.5 - 1

# %% wrong: the slide's 60000 and 784 written in | points: 0 | idea: MNIST's size built in
def preprocess_images(images):
    images = images.reshape((60000, 28 * 28))
    return images.astype("float32") / 255

# %% wrong: 784 written in | points: 0 | idea: MNIST's size built in
def preprocess_images(images):
    return images.reshape(-1, 784) / 255.0

# %% wrong: columns before rows | points: 1 | idea: column after column
def preprocess_images(images):
    n = images.shape[0]
    return images.transpose(0, 2, 1).reshape(n, -1) / 255

# %% wrong: one column an image | points: 1 | idea: one image a column
def preprocess_images(images):
    return (images.reshape(len(images), -1) / 255).T

# %% wrong: everything in one row | points: 1 | idea: all images in one row
def preprocess_images(images):
    return images.flatten() / 255

# %% wrong: black and white | points: 0 | idea: only black and white
def preprocess_images(images):
    return (images.reshape(len(images), -1) > 127).astype(float)

# %% wrong: inverted like ink on paper | points: 1 | idea: black and white exchanged
def preprocess_images(images):
    return 1 - images.reshape(len(images), -1) / 255

# %% right: reshape and divide
def preprocess_images(images):
    return images.reshape(images.shape[0], -1) / 255

# %% right: the slide's steps, float32
def preprocess_images(images):
    n, r, c = images.shape
    images = images.reshape((n, r * c))
    images = images.astype("float32") / 255
    return images

# %% right: a list for each image
def preprocess_images(images):
    rows = []
    for image in images:
        rows.append([float(pixel) / 255 for pixel in image.ravel()])
    return rows

# %% right: np.stack with a helper
def flatten_image(image):
    return np.concatenate([row for row in image])

def preprocess_images(images):
    return np.stack([flatten_image(image) for image in images]) * (1 / 255)

# %% right: einops by hand, np.divide, type hints
def preprocess_images(images: np.ndarray) -> np.ndarray:
    out = np.empty((len(images), images[0].size))
    for i, image in enumerate(images):
        np.divide(image.reshape(-1), 255, out=out[i])
    print("min", out.min(), "max", out.max())
    return out

# %% right: np.interp
def preprocess_images(images):
    return np.interp(images, [0, 255], [0.0, 1.0]).reshape(len(images), -1)

# %% right: a Keras model of Rescaling and Flatten
def preprocess_images(images):
    layers = keras.Sequential([keras.layers.Rescaling(1.0 / 255), keras.layers.Flatten()])
    return layers(images).numpy()

# %% right: concatenated columns by hstack
def preprocess_images(images):
    return np.hstack([images[:, i, :] for i in range(images.shape[1])]).astype(float) / 255.

# %% right: iinfo maximum
def preprocess_images(images: np.ndarray) -> np.ndarray:
    """Flatten and scale."""
    return images.reshape(len(images), np.prod(images.shape[1:])) / np.iinfo(images.dtype).max

# %% wrong: works on the notebook's x_train | points: 0 | idea: none
def preprocess_images(images):
    return x_train.reshape(len(x_train), -1) / 255
