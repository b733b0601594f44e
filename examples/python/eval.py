"""Scores safetensors files by their loss on a held-out set.

One file, one number:      python3 eval.py --set search model.safetensors
A path per line, a number: python3 eval.py --set search
"""
import argparse
import sys

import torch

import digits

parser = argparse.ArgumentParser()
parser.add_argument("--set", choices=["search", "validation", "report"], default="validation")
parser.add_argument("model", nargs="?")
options = parser.parse_args()

torch.set_num_threads(1)
images, labels = digits.load(options.set)
model = digits.network().eval()
for path in [options.model] if options.model else sys.stdin:
    digits.restore(model, path.strip())
    with torch.no_grad():
        print(torch.nn.functional.cross_entropy(model(images), labels).item(), flush=True)
