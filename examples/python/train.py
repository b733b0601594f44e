"""Trains a small classifier with noisy SGD and saves safetensors: python3 train.py --out DIR."""
import argparse
import os

import torch

import digits

parser = argparse.ArgumentParser()
parser.add_argument("--out", required=True)
parser.add_argument("--iterations", type=int, default=200)
parser.add_argument("--every", type=int, default=4, help="iterations between checkpoints")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--stop", help="ends once this file is there: lcsc search --follow makes it")
options = parser.parse_args()

os.makedirs(options.out, exist_ok=True)
torch.manual_seed(options.seed)
torch.set_num_threads(1)
images, labels = digits.load("train")
model = digits.network()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
for iteration in range(1, options.iterations + 1):
    batch = torch.randint(len(images), (8,))
    noisy = images[batch] + 0.5 * torch.randn(8, 1, 8, 8)
    loss = torch.nn.functional.cross_entropy(model(noisy), labels[batch])
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    if iteration % options.every == 0:
        digits.save(model.state_dict(), os.path.join(options.out, f"step-{iteration:06d}.safetensors"))
        if options.stop and os.path.exists(options.stop):
            print(f"{options.stop} is there, stopped at iteration {iteration}")
            break
