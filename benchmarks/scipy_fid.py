"""Times FID as pytorch-fid computes it (numpy.cov, scipy.linalg.sqrtm): the rival of FrechetBenchmark.

    OMP_NUM_THREADS=2 OPENBLAS_NUM_THREADS=2 python3 scipy_fid.py DIRECTORY [SAMPLES DIMENSION]

Writes to DIRECTORY the features that it made, generated.f32 (row-major float32) and reference.npz
(mu, sigma), and prints the seconds of each step and the distance; FrechetBenchmark reads the same
files. Seconds are those of the clock: give both an idle machine.
"""

import os
import sys
import time

import numpy as np
from scipy import linalg


def main(directory, samples=10_000, dimension=2048):
    rng = np.random.RandomState(1)
    os.makedirs(directory, exist_ok=True)
    # A spectrum that falls over several orders of magnitude, as that of Inception features does.
    mix = np.exp(-np.arange(dimension) / (0.15 * dimension))[:, None] * rng.randn(dimension, dimension)
    mix /= np.sqrt(dimension)
    draw = lambda scale, shift: (rng.randn(samples, dimension) @ mix * scale + shift).astype(np.float32)
    real, generated = draw(1.0, 0.0), draw(1.1, 0.01)
    mu, sigma = real.mean(0, dtype=np.float64), np.cov(real, rowvar=False)
    np.savez(os.path.join(directory, "reference.npz"), mu=mu, sigma=sigma)
    generated.tofile(os.path.join(directory, "generated.f32"))

    start = time.perf_counter()
    mu2, sigma2 = generated.mean(0, dtype=np.float64), np.cov(generated, rowvar=False)
    statistics = time.perf_counter() - start
    start = time.perf_counter()
    root = linalg.sqrtm(sigma.dot(sigma2))
    distance = ((mu - mu2) ** 2).sum() + np.trace(sigma) + np.trace(sigma2) - 2 * np.trace(root).real
    print(
        f"{samples} samples, {dimension} features: statistics {statistics:.2f} s, "
        f"distance {time.perf_counter() - start:.2f} s, FID {distance:.9f}"
    )


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:4]))
