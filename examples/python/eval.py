"""Scores safetensors files by their loss on a held-out set.

One file, one number:      python3 eval.py --set search model.safetensors
A path per line, a number: python3 eval.py --set search
After a tab in the line comes the path that the gradient is to be written to, where one is wanted.
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
for line in [options.model] if options.model else sys.stdin:
    path, _, gradient = line.rstrip("\n").partition("\t")
    digits.restore(model, path)
    loss = torch.nn.functional.cross_entropy(model(images), labels)
    if gradient:
        model.zero_grad()
        loss.backward()
        digits.save({name: weight.grad for name, weight in model.named_parameters()}, gradient)
    print(loss.item(), flush=True)
