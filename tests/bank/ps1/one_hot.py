# %% wrong: reshaped, as the slide says | points: 0 | idea: reshaped, not encoded
def one_hot(labels, n_classes=10):
    return labels.reshape(-1, n_classes)

# %% wrong: the first class dropped, dummy coding | points: 0 | idea: dummy coding
def one_hot(labels, n_classes=10):
    full = np.eye(n_classes)[labels]
    return full[:, 1:]

# %% wrong: columns for the labels that occur | points: 0 | idea: columns only for labels that occur
def one_hot(labels, n_classes=10):
    classes = np.unique(labels)
    return (labels[:, None] == classes).astype(float)

# %% wrong: as many columns as the largest label | points: 0 | idea: as many columns as the largest label needs
def one_hot(labels, n_classes=10):
    return np.eye(labels.max() + 1)[labels]

# %% wrong: always ten | points: 2 | idea: ten classes built in
def one_hot(labels, n_classes=10):
    out = np.zeros((len(labels), 10))
    out[np.arange(len(labels)), labels] = 1
    return out

# %% wrong: transposed | points: 0 | idea: one observation a column
def one_hot(labels, n_classes=10):
    out = np.zeros((n_classes, len(labels)))
    for i, label in enumerate(labels):
        out[label, i] = 1
    return out

# %% wrong: every row filled with all labels | points: 0 | idea: every row with the ones of all labels
def one_hot(labels, n_classes=10):
    out = np.zeros((len(labels), n_classes))
    out[:, labels] = 1
    return out

# %% wrong: labels from 1 | points: 0 | idea: classes counted from 1
def one_hot(labels, n_classes=10):
    out = np.zeros((len(labels), n_classes))
    for i in range(len(labels)):
        out[i, labels[i] - 1] = 1
    return out

# %% wrong: the label's value in its column | points: 0 | idea: the label in place of the 1
def one_hot(labels, n_classes=10):
    out = np.zeros((len(labels), n_classes))
    for i in range(len(labels)):
        out[i, labels[i]] = labels[i]
    return out

# %% wrong: zero and one exchanged | points: 0 | idea: zeros and ones exchanged
def one_hot(labels, n_classes=10):
    return 1 - np.eye(n_classes)[labels]

# %% wrong: one column too many | points: 0 | idea: one column too many
def one_hot(labels, n_classes=10):
    return np.eye(n_classes + 1)[labels]

# %% wrong: thermometer code | points: 0 | idea: ones up to the label
def one_hot(labels, n_classes=10):
    return (np.arange(n_classes) <= labels[:, None]).astype(float)

# %% wrong: sorted labels | points: 0 | idea: labels sorted
def one_hot(labels, n_classes=10):
    labels = np.sort(labels)
    return np.eye(n_classes)[labels]

# %% wrong: labels from 0 to 1 | points: 0 | idea: labels scaled like pixels
def one_hot(labels, n_classes=10):
    return labels / (n_classes - 1)

# %% wrong: one row only | points: 0 | idea: one row for the whole batch
def one_hot(labels, n_classes=10):
    out = np.zeros(n_classes)
    out[labels] = 1
    return out

# %% wrong: the array labels is used up | points: 0 | idea: input changed in place
def one_hot(labels, n_classes=10):
    out = np.zeros((len(labels), n_classes))
    for i in range(len(labels)):
        out[i, labels[i]] = 1
        labels[i] = 0
    return out

# %% right: rows of the identity
def one_hot(labels, n_classes=10):
    return np.eye(n_classes)[labels]

# %% right: zeros and a loop
def one_hot(labels, n_classes=10):
    out = np.zeros((len(labels), n_classes))
    for i, label in enumerate(labels):
        out[i, label] = 1
    return out

# %% right: booleans from a comparison
def one_hot(labels, n_classes=10):
    return labels.reshape(-1, 1) == np.arange(n_classes).reshape(1, -1)

# %% right: lists of ints
def one_hot(labels, n_classes=10):
    return [[1 if k == int(label) else 0 for k in range(n_classes)] for label in labels]

# %% right: to_categorical
def one_hot(labels, n_classes=10):
    from keras.utils import to_categorical

    return to_categorical(labels, num_classes=n_classes)

# %% right: scikit-learn's encoder
def one_hot(labels, n_classes=10):
    from sklearn.preprocessing import LabelBinarizer, OneHotEncoder

    encoder = OneHotEncoder(categories=[list(range(n_classes))])
    return encoder.fit_transform(labels.reshape(-1, 1)).toarray()

# %% right: fancy index, float32, hints
def one_hot(labels: np.ndarray, n_classes: int = 10) -> np.ndarray:
    codes = np.zeros((labels.size, n_classes), dtype=np.float32)
    codes[range(labels.size), labels.astype(int)] = 1.0
    return codes

# %% right: take along an axis
def one_hot(labels, n_classes=10):
    out = np.zeros((len(labels), n_classes), dtype=int)
    np.put_along_axis(out, labels.astype(np.int64)[:, None], 1, axis=1)
    return out

# %% right: flat index
def one_hot(labels, n_classes=10):
    y = np.zeros(labels.size * n_classes)
    y[np.arange(labels.size) * n_classes + labels] = 1
    return y.reshape(-1, n_classes)

# %% right: bincount per label
def one_hot(labels, n_classes=10):
    return np.array([np.bincount([l], minlength=n_classes) for l in labels])

# %% right: put_along_axis uint8
def one_hot(labels, n_classes=10):
    out = np.zeros((len(labels), n_classes), dtype=np.uint8)
    np.put_along_axis(out, labels[:, None].astype(int), 1, axis=1)
    return out

# %% wrong: label smoothing | points: 0 | idea: none
def one_hot(labels, n_classes=10):
    return np.eye(n_classes)[labels] * 0.9 + 0.1 / n_classes

# %% wrong: strings | points: 0 | idea: none
def one_hot(labels, n_classes=10):
    return [["1" if k == l else "0" for k in range(n_classes)] for l in labels]

# %% wrong: last row forgotten | points: 0 | idea: the last label forgotten
def one_hot(labels, n_classes=10):
    y = np.zeros((len(labels), n_classes))
    for i in range(len(labels) - 1):
        y[i, labels[i]] = 1
    return y

# %% wrong: off by one, class 0 last | points: 0 | idea: classes counted from 1
def one_hot(labels, n_classes=10):
    return np.eye(n_classes)[labels - 1]
