"""FID of samples against the real digits, and its gradient by the weights.

One file, one number:      python3 fid.py --seed 9 --samples 2000 model.safetensors
A path per line, a number: python3 fid.py --seed 7 --samples 500
After a tab in the line comes the path that the gradient is to be written to, where one is wanted.
"""
import argparse
import sys

import torch

import spaces
from model import Denoiser, sample
from spaces import digits

BATCH = 100


def moments(features):
    features = features.double()
    return features.mean(0), features.T.cov()


def frechet(mean, covariance, real_mean, real_covariance):
    """Between Gaussians. The trace of the product's root is that of a symmetric matrix's, which has a gradient."""
    values, vectors = torch.linalg.eigh(real_covariance)
    root = vectors * values.clamp(min=0).sqrt() @ vectors.T
    roots = torch.linalg.eigvalsh(root @ covariance @ root).clamp(min=1e-15).sqrt()
    return (mean - real_mean).square().sum() + covariance.trace() + real_covariance.trace() - 2 * roots.sum()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, required=True, help="of the noise")
    parser.add_argument("--samples", type=int, required=True)
    parser.add_argument("--space", choices=["classifier", "pixels", "other"], default="classifier")
    parser.add_argument("model", nargs="?")
    options = parser.parse_args()

    torch.set_num_threads(1)
    features = spaces.load(options.space)
    real = moments(features(spaces.IMAGES))
    generator = torch.Generator().manual_seed(options.seed)
    noise = torch.randn(options.samples, 1, 8, 8, generator=generator).split(BATCH)
    model = Denoiser()
    for line in [options.model] if options.model else sys.stdin:
        path, _, gradient = line.rstrip("\n").partition("\t")
        digits.restore(model, path)
        with torch.no_grad():
            images = torch.cat([sample(model, part) for part in noise])
        images.requires_grad_()
        fid = frechet(*moments(features(images)), *real)
        if gradient:
            # First by the images, then batch by batch by the weights: the memory is that of one batch.
            fid.backward()
            model.zero_grad()
            for part, slope in zip(noise, images.grad.split(BATCH)):
                sample(model, part).backward(slope)
            digits.save({name: weight.grad for name, weight in model.named_parameters()}, gradient)
        print(fid.item(), flush=True)


if __name__ == "__main__":
    main()
