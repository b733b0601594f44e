"""Trains a diffusion model of the digits with plain PyTorch: python3 train.py --out DIR.

DIR/checkpoints gets the raw weights, every 40 iterations of the last half; DIR/ema.safetensors their moving average.
"""
import argparse
import copy
import os

import torch

from model import SIGMA_DATA, Denoiser
from spaces import IMAGES, digits

ITERATIONS, EVERY, BATCH, EMA = 4000, 40, 32, 0.998

parser = argparse.ArgumentParser()
parser.add_argument("--out", required=True)
parser.add_argument("--seed", type=int, default=1)
options = parser.parse_args()

os.makedirs(os.path.join(options.out, "checkpoints"), exist_ok=True)
torch.manual_seed(options.seed)
torch.set_num_threads(1)
model = Denoiser()
average = copy.deepcopy(model)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for iteration in range(1, ITERATIONS + 1):
    clean = IMAGES[torch.randint(len(IMAGES), (BATCH,))]
    sigma = (1.2 * torch.randn(BATCH) - 1.2).exp()
    noisy = clean + sigma[:, None, None, None] * torch.randn_like(clean)
    weight = 1 / sigma ** 2 + 1 / SIGMA_DATA ** 2
    loss = (weight * (model(noisy, sigma) - clean).square().mean((1, 2, 3))).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        for mean, value in zip(average.parameters(), model.parameters()):
            mean.lerp_(value, 1 - EMA)
    if iteration > ITERATIONS // 2 and iteration % EVERY == 0:
        digits.save(model.state_dict(), os.path.join(options.out, f"checkpoints/step-{iteration:06d}.safetensors"))
digits.save(average.state_dict(), os.path.join(options.out, "ema.safetensors"))
