"""Lindiwe Nkosi: a loop that never ends; the calls are stopped, and only this question pays."""

START = "solution"
MISSING = ["0-start-here", "2-mlp-backprop", "3-keras-mnist"]
EXPECTED = {"numerical_gradient": (0, "timed out")}

# %% numerical_gradient
def numerical_gradient(f, theta, eps=1e-5):
    theta = np.array(theta, dtype=float)
    gradient = np.zeros(theta.shape)
    i = 0
    while i < theta.size:
        step = np.zeros(theta.size)
        step[i] = eps
        step = step.reshape(theta.shape)
        gradient.flat[i] = (f(theta + step) - f(theta - step)) / (2 * eps)
    return gradient
