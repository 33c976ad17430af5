"""Jean Uwimana: notebook 1 is a web page that he saved under the notebook's name; a person must look at it."""

START = "solution"
MISSING = ["0-start-here", "2-mlp-backprop", "3-keras-mnist"]
BROKEN = {"1-perceptron": "<!DOCTYPE html><title>Log in</title><p>Your session has ended."}
EXPECTED = {}
