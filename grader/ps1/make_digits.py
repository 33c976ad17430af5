"""Make the digits that travel with the problem set, and the part that only graders keep.

The source is the UCI "Optical Recognition of Handwritten Digits" set as scikit-learn bundles it: 1797 images
of 8 x 8 pixels with values 0 to 16 (E. Alpaydin and C. Kaynak, 1998, https://doi.org/10.24432/C50P49,
CC BY 4.0). Here each becomes an image in MNIST's layout: 28 x 28 uint8, 0 to 255, the digit in the middle
24 x 24 pixels.

Everything is integer arithmetic, so every machine makes the same pixels. Run it from the project's root:

    python -m grader.ps1.make_digits

It must never put an image in both files: identical images are dropped before the set is cut.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

N_TRAIN, N_TEST = 1200, 300
SEED = 20260
ROOT = Path(__file__).resolve().parents[2]
BUNDLE = ROOT / "solutions" / "ps1" / "digits.npz"
HELD_OUT = Path(__file__).with_name("heldout_digits.npz")

Bytes = NDArray[np.uint8]


def tent_weights() -> NDArray[np.int64]:
    """The (24, 8) matrix of linear interpolation from 8 pixels to 24, in thirds.

    Pixel i of 24 has its centre at (i - 1) / 3 on the scale of the 8, so all weights are whole thirds.
    """
    position = np.clip(np.arange(24) - 1, 0, 21)
    left = np.minimum(position // 3, 6)
    weights = np.zeros((24, 8), dtype=np.int64)
    weights[np.arange(24), left] = 3 - (position - 3 * left)
    weights[np.arange(24), left + 1] = position - 3 * left
    return weights


def enlarge(images: NDArray[np.int64]) -> Bytes:
    """(n, 8, 8) values 0 to 16 become (n, 28, 28) uint8 values 0 to 255: 16 is 255, not 16."""
    weights = tent_weights()
    middle = weights @ images @ weights.T  # 0 to 16 * 3 * 3
    scaled = (middle * 255 + 72) // 144  # rounded, still whole numbers
    return np.pad(scaled, ((0, 0), (2, 2), (2, 2))).astype(np.uint8)


def make() -> tuple[dict[str, Bytes], dict[str, Bytes]]:
    """The bundle (x_train, y_train, x_test, y_test) and the held-out part (x, y), shuffled, fixed seed."""
    from sklearn.datasets import load_digits

    source = load_digits()
    images, labels = enlarge(source.images.astype(np.int64)), source.target.astype(np.uint8)
    _, first = np.unique(images.reshape(len(images), -1), axis=0, return_index=True)
    # RandomState's stream is frozen for good; default_rng's may change between NumPy versions.
    order = np.random.RandomState(SEED).permutation(np.sort(first))
    images, labels = images[order], labels[order]
    test, held_out = N_TRAIN, N_TRAIN + N_TEST
    bundle = {
        "x_train": images[:test],
        "y_train": labels[:test],
        "x_test": images[test:held_out],
        "y_test": labels[test:held_out],
    }
    return bundle, {"x": images[held_out:], "y": labels[held_out:]}


def main() -> None:
    """Write both files and say what is in them."""
    for path, arrays in zip((BUNDLE, HELD_OUT), make(), strict=True):
        np.savez_compressed(path, **arrays)
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        print(f"{path.relative_to(ROOT)}: {shapes}, {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
