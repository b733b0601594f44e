"""The digits, and feature spaces for FID: two small classifiers, and a random projection of the pixels."""
import os
import sys

import torch
from torch import nn

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import digits  # noqa: E402

SETS = [digits.load(name) for name in ("train", "search", "validation")]
IMAGES, LABELS = (torch.cat(parts) for parts in zip(*SETS))    # [1400, 1, 8, 8] and [1400]


def load(name):
    """A function of images [N, 1, 8, 8] to features [N, 32]. Classifiers are trained, always to the same weights."""
    if name == "classifier":                                   # FID of the search
        torch.manual_seed(101)
        return train(nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.SiLU(), nn.AvgPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.SiLU(), nn.Flatten(), nn.Linear(32 * 16, 32), nn.SiLU()))
    if name == "pixels":
        torch.manual_seed(102)
        return nn.Sequential(nn.Flatten(), nn.Linear(64, 32, bias=False)).requires_grad_(False)
    torch.manual_seed(103)                                     # "other": to look at the result by
    return train(nn.Sequential(nn.Flatten(), nn.Linear(64, 128), nn.Tanh(), nn.Linear(128, 32), nn.Tanh()))


def train(features):
    classifier = nn.Sequential(features, nn.Linear(32, 10))
    optimizer = torch.optim.Adam(classifier.parameters(), lr=2e-3)
    for _ in range(600):
        batch = torch.randint(len(IMAGES), (64,))
        noisy = IMAGES[batch] + 0.2 * torch.randn(64, 1, 8, 8)
        loss = nn.functional.cross_entropy(classifier(noisy), LABELS[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return features.requires_grad_(False)
