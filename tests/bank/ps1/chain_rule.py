# %% wrong: the factor 2 is missing | points: 2 | idea: factor 2 missing
def dl_dp(y, p):
    return p - y

def dp_dh(p):
    return p * (1 - p)

def dh_dw(x):
    return x

# %% wrong: 2 (y - p), the inner derivative is forgotten | points: 2 | idea: y - p for p - y
def dl_dp(y, p):
    return 2 * (y - p)

def dp_dh(p):
    return p * (1 - p)

def dh_dw(x):
    return x

# %% wrong: the derivative of the cross-entropy | points: 2 | idea: the cross-entropy's derivative
def dl_dp(y, p):
    return -y / p + (1 - y) / (1 - p)

def dp_dh(p):
    return p * (1 - p)

def dh_dw(x):
    return x

# %% wrong: dp_dh takes h for p | points: 2 | idea: the sigmoid applied again
def dl_dp(y, p):
    return -2 * (y - p)

def dp_dh(p):
    s = sigmoid(p)
    return s * (1 - s)

def dh_dw(x):
    return x

# %% wrong: tanh's slope | points: 2 | idea: the slope of tanh
def dl_dp(y, p):
    return -2 * (y - p)

def dp_dh(p):
    return 1 - p**2

def dh_dw(x):
    return x

# %% wrong: dh_dw is 1 | points: 2 | idea: a single one for all weights
def dl_dp(y, p):
    return 2 * (p - y)

def dp_dh(p):
    return p * (1 - p)

def dh_dw(x):
    return 1

# %% wrong: dh_dw sums the inputs | points: 2 | idea: the inputs added up
def dl_dp(y, p):
    return 2 * (p - y)

def dp_dh(p):
    return p * (1 - p)

def dh_dw(x):
    return np.sum(x)

# %% wrong: two inputs and a 1 for the bias | points: 2 | idea: a one for the bias appended
def dl_dp(y, p):
    return 2 * p - 2 * y

def dp_dh(p):
    return p - p**2

def dh_dw(x):
    return np.append(x, 1.0)

# %% wrong: everything of the slide, no 2 and x squared | points: 1 | idea: factor 2 missing
def dl_dp(y, p):
    return -(y - p)

def dp_dh(p):
    return p * (1 - p)

def dh_dw(x):
    return x**2

# %% wrong: sign of dp_dh | points: 2 | idea: a falling sigmoid
def dl_dp(y, p):
    return 2 * (p - y)

def dp_dh(p):
    return p * (p - 1)

def dh_dw(x):
    return x

# %% wrong: dl_dp is the loss, dp_dh is p | points: 1 | idea: the loss in place of its derivative
def dl_dp(y, p):
    return (y - p) ** 2

def dp_dh(p):
    return p

def dh_dw(x):
    return x

# %% wrong: two inputs only | points: 2 | idea: two inputs built in
def dl_dp(y, p):
    return 2 * (p - y)

def dp_dh(p):
    return p * (1 - p)

def dh_dw(x):
    return np.array([x[0], x[1]])

# %% wrong: rounded to two decimals | points: 1 | idea: rounded to two decimals
def dl_dp(y, p):
    return round(2 * (p - y), 2)

def dp_dh(p):
    return round(p * (1 - p), 2)

def dh_dw(x):
    return x

# %% wrong: the weights where the inputs belong | points: 2 | idea: the weights in place of the inputs
def dl_dp(y, p):
    return 2 * (p - y)

def dp_dh(p):
    return p * (1 - p)

def dh_dw(x):
    return w_slide

# %% wrong: only the first is written | points: 1
def dl_dp(y, p):
    return 2 * (p - y)

def dp_dh(p):
    raise NotImplementedError()

def dh_dw(x):
    raise NotImplementedError()

# %% wrong: the absolute value of the difference | points: 2 | idea: the sign of the error lost
def dl_dp(y, p):
    return 2 * np.abs(y - p)

def dp_dh(p):
    return p * (1 - p)

def dh_dw(x):
    return x

# %% right: the three lines
def dl_dp(y, p):
    return 2 * (p - y)

def dp_dh(p):
    return p * (1 - p)

def dh_dw(x):
    return x

# %% right: as on paper, with copies
def dl_dp(y, p):
    outer = 2 * (y - p)
    inner = -1
    return outer * inner

def dp_dh(p):
    h = np.log(p / (1 - p))
    return np.exp(-h) / (1 + np.exp(-h)) ** 2

def dh_dw(x):
    return x.copy()

# %% right: lambdas
dl_dp = lambda y, p: -2.0 * (y - p)
dp_dh = lambda p: p - p * p
dh_dw = lambda x: 1.0 * x

# %% right: lists and one-element arrays
def dl_dp(y, p):
    return [2 * (p - y)]

def dp_dh(p):
    return np.array([[p * (1 - p)]])

def dh_dw(x):
    return [float(v) for v in x]

# %% right: float32
def dl_dp(y, p):
    return np.float32(2) * (np.float32(p) - np.float32(y))

def dp_dh(p):
    p = np.float32(p)
    return p * (1 - p)

def dh_dw(x):
    return np.asarray(x, dtype="float32")

# %% right: dl_dp by central differences
def dl_dp(y, p, step=1e-4):
    return ((y - (p + step)) ** 2 - (y - (p - step)) ** 2) / (2 * step)

def dp_dh(p):
    return 0.25 - (p - 0.5) ** 2

def dh_dw(x):
    return np.eye(len(x)) @ x

# %% right: type hints and docstrings
def dl_dp(y: float, p: float) -> float:
    """d/dp (y - p)^2"""
    return 2 * p - 2 * y

def dp_dh(p: float) -> float:
    """slope of the sigmoid"""
    return (1 - p) * p

def dh_dw(x: np.ndarray) -> np.ndarray:
    """dh/dw_i = x_i"""
    return +x

# %% right: dl_dp by the complex step
def dl_dp(y, p):
    return ((y - (p + 1e-20j)) ** 2).imag / 1e-20
def dp_dh(p):
    return p - p * p
def dh_dw(x):
    return 1 * x

# %% right: one formula for each label
def dl_dp(y, p):
    if y == 1:
        return -2 * (1 - p)
    return 2 * p
def dp_dh(p):
    q = 1 - p
    return q * (1 - q)
def dh_dw(x):
    return +x

# %% right: dh_dw by nudging each weight
def dl_dp(y, p):
    return 2 * p - 2 * y
def dp_dh(p):
    return np.sqrt(p * (1 - p)) ** 2
def dh_dw(x):
    w = np.zeros(x.size)
    out = []
    for j in range(x.size):
        e = np.zeros(x.size); e[j] = 1
        out.append((w + e) @ x - w @ x)
    return tuple(out)
