# %% wrong: the fraction upside down | points: 0 | idea: turned over
def diagnose_slide(numeric, slide):
    return {"output": slide["db_o"] / numeric["db_o"], "hidden": (slide["dB"] / numeric["dB"]).ravel()}

# %% wrong: the answer of the text, 2 and ones | points: 0 | idea: both factors recalled, not measured
def diagnose_slide(numeric, slide):
    return {"output": 2.0, "hidden": 2 * np.ones(numeric["dB"].size)}

# %% wrong: the numbers from the start of XOR | points: 0 | idea: the start's weights recalled
def diagnose_slide(numeric, slide):
    return {"output": 2.0, "hidden": 2 * xor_start["w_o"].ravel()}

# %% wrong: absolute values | points: 1 | idea: the sign lost
def diagnose_slide(numeric, slide):
    output = np.abs(numeric["db_o"]) / np.abs(slide["db_o"])
    hidden = np.abs(numeric["dB"]) / np.abs(slide["dB"])
    return {"output": output, "hidden": hidden.ravel()}

# %% wrong: a column for hidden | points: 1 | idea: a column in place of a vector
def diagnose_slide(numeric, slide):
    return {"output": numeric["db_o"] / slide["db_o"], "hidden": numeric["dB"] / slide["dB"]}

# %% wrong: the whole matrix for hidden | points: 1 | idea: the whole matrix for hidden
def diagnose_slide(numeric, slide):
    return {"output": numeric["db_o"] / slide["db_o"], "hidden": numeric["dW"] / slide["dW"]}

# %% wrong: one mean for all units | points: 1 | idea: one factor for all units
def diagnose_slide(numeric, slide):
    return {"output": numeric["db_o"] / slide["db_o"], "hidden": np.mean(numeric["dB"] / slide["dB"])}

# %% wrong: the difference | points: 0 | idea: differences in place of factors
def diagnose_slide(numeric, slide):
    return {"output": numeric["db_o"] - slide["db_o"], "hidden": np.ravel(numeric["dB"] - slide["dB"])}

# %% wrong: divided by 2, to get w_o | points: 1 | idea: only part of the hidden factor
def diagnose_slide(numeric, slide):
    ratio = numeric["dB"] / slide["dB"]
    return {"output": numeric["db_o"] / slide["db_o"], "hidden": ratio.ravel() / 2}

# %% wrong: rows of dW averaged over the wrong axis | points: 1 | idea: averaged over the wrong axis
def diagnose_slide(numeric, slide):
    return {
        "output": np.mean(numeric["dw_o"] / slide["dw_o"]),
        "hidden": np.mean(numeric["dW"] / slide["dW"], axis=1),
    }

# %% wrong: a list of all factors | points: 0
def diagnose_slide(numeric, slide):
    factors = []
    for name in numeric:
        factors.append(numeric[name] / slide[name])
    return factors

# %% wrong: other keys | points: 0 | idea: a key missing from the dict
def diagnose_slide(numeric, slide):
    return {"dw_o": numeric["db_o"] / slide["db_o"], "dW": np.ravel(numeric["dB"] / slide["dB"])}

# %% wrong: output is an array of ratios | points: 2 | idea: every ratio for output
def diagnose_slide(numeric, slide):
    return {"output": numeric["dw_o"] / slide["dw_o"], "hidden": np.ravel(numeric["dB"] / slide["dB"])}

# %% wrong: rounded to whole numbers | points: 0 | idea: rounded to whole numbers
def diagnose_slide(numeric, slide):
    return {
        "output": np.round(numeric["db_o"] / slide["db_o"]),
        "hidden": np.round(np.ravel(numeric["dB"] / slide["dB"])),
    }

# %% wrong: hidden holds the three units of the lecture | points: 1 | idea: three hidden units built in
def diagnose_slide(numeric, slide):
    hidden = np.zeros(3)
    for j in range(3):
        hidden[j] = numeric["dB"][j, 0] / slide["dB"][j, 0]
    return {"output": numeric["db_o"] / slide["db_o"], "hidden": hidden}

# %% wrong: norms lose the sign | points: 1 | idea: the sign lost
def diagnose_slide(numeric, slide):
    return {
        "output": np.linalg.norm(numeric["dw_o"]) / np.linalg.norm(slide["dw_o"]),
        "hidden": np.linalg.norm(numeric["dW"], axis=0) / np.linalg.norm(slide["dW"], axis=0),
    }

# %% right: from the biases
def diagnose_slide(numeric, slide):
    return {"output": numeric["db_o"] / slide["db_o"], "hidden": (numeric["dB"] / slide["dB"]).ravel()}

# %% right: from the weights
def diagnose_slide(numeric, slide):
    output = numeric["dw_o"] / slide["dw_o"]
    hidden = numeric["dW"] / slide["dW"]
    return {"output": output[0, 0], "hidden": hidden[0, :]}

# %% right: means over everything that shares the factor
def diagnose_slide(numeric, slide):
    output = np.append(numeric["dw_o"] / slide["dw_o"], numeric["db_o"] / slide["db_o"])
    hidden = np.vstack([numeric["dW"] / slide["dW"], (numeric["dB"] / slide["dB"]).T])
    return {"output": output.mean(), "hidden": hidden.mean(axis=0)}

# %% right: a loop and lists
def diagnose_slide(numeric, slide):
    hidden = []
    for j in range(len(numeric["dB"])):
        hidden.append(float(numeric["dB"][j][0] / slide["dB"][j][0]))
    return {"output": [float(np.squeeze(numeric["db_o"]) / np.squeeze(slide["db_o"]))], "hidden": hidden}

# %% right: median, np.float32
def diagnose_slide(numeric, slide):
    return {
        "output": np.float32(np.median(numeric["dw_o"] / slide["dw_o"])),
        "hidden": np.median(numeric["dW"] / slide["dW"], axis=0).astype(np.float32),
    }

# %% right: least squares
def diagnose_slide(numeric, slide):
    def fit(a, b):
        a, b = np.ravel(a), np.ravel(b)
        return np.linalg.lstsq(b[:, None], a, rcond=None)[0][0]
    n = slide["dW"].shape[1]
    return {
        "hidden": np.array([fit(numeric["dW"][:, j], slide["dW"][:, j]) for j in range(n)]),
        "output": fit(numeric["dw_o"], slide["dw_o"]),
        "note": "2 and 2 w_o",
    }

# %% right: by np.linalg.lstsq
def diagnose_slide(numeric, slide):
    a = np.append(slide["dw_o"], slide["db_o"]).reshape(-1, 1)
    c = np.append(numeric["dw_o"], numeric["db_o"])
    out = np.linalg.lstsq(a, c, rcond=None)[0]
    hid = np.diag(np.linalg.lstsq(np.diag(np.ravel(slide["dB"])), np.diag(np.ravel(numeric["dB"])), rcond=None)[0])
    return {"output": out, "hidden": hid}

# %% right: least squares for each unit
def diagnose_slide(numeric, slide):
    def lam(a, b):
        a, b = np.ravel(a), np.ravel(b)
        return a @ b / (b @ b)
    return dict(output=lam(numeric["dw_o"], slide["dw_o"]), hidden=[lam(numeric["dW"][:, j], slide["dW"][:, j]) for j in range(slide["dW"].shape[1])])
