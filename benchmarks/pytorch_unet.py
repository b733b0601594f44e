#!/usr/bin/env python3
"""The U-Net of org.lcsc.diffusion.unet.UNet in PyTorch, to time it beside Deeplearning4j.

Reads one request a line on standard input and answers each with one line on standard output, so
that the benchmark can alternate the two sides within one run:

  network SIDE CHANNELS MULTIPLIERS ATTENTION BATCH   builds; answers the number of parameters
  check FILE      takes weights, images and times from FILE (float32, one after the other); answers
                  the difference of the output from the one at its end, relative to the largest
  train COUNT     COUNT train steps (forward, backward, clip, Adam, EMA); answers seconds per step
  forward COUNT   COUNT forward passes without gradients; answers seconds per pass
  compile         answers 1 where torch.compile works; then also: train COUNT compiled, forward
                  COUNT compiled

MULTIPLIERS and ATTENTION are lists joined by commas. The number of threads is OMP_NUM_THREADS.
Seconds are of CPU time where that is one, else of the wall clock.
"""
import math
import os
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


def groups(channels):
    """The largest divisor that is at most 32 and leaves four channels per group."""
    n = min(32, max(1, channels // 4))
    while channels % n:
        n -= 1
    return n


def norm(channels):
    return nn.GroupNorm(groups(channels), channels, eps=1e-6)


def down(channels):
    """Stride 2 with the odd pixel of padding at the bottom and right."""
    return nn.Sequential(nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(channels, channels, 3, stride=2))


class Residual(nn.Module):
    def __init__(self, cin, cout, embedding):
        super().__init__()
        self.norm0, self.conv0 = norm(cin), nn.Conv2d(cin, cout, 3, padding=1)
        self.time = nn.Linear(embedding, cout)
        self.norm1, self.conv1 = norm(cout), nn.Conv2d(cout, cout, 3, padding=1)
        self.shortcut = nn.Conv2d(cin, cout, 1) if cin != cout else nn.Identity()

    def forward(self, x, t):
        h = self.conv0(F.silu(self.norm0(x)))
        h = h + self.time(t)[:, :, None, None]
        h = self.conv1(F.silu(self.norm1(h)))
        return self.shortcut(x) + h


class Attention(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.norm = norm(channels)
        self.q, self.k, self.v, self.out = (nn.Conv2d(channels, channels, 1) for _ in range(4))

    def forward(self, x):
        n, c, height, width = x.shape
        h = self.norm(x)
        q, k, v = (p(h).reshape(n, c, height * width) for p in (self.q, self.k, self.v))
        weights = torch.softmax(torch.bmm(q.transpose(1, 2), k) * c**-0.5, dim=-1)
        mixed = torch.bmm(v, weights.transpose(1, 2)).reshape(n, c, height, width)
        return x + self.out(mixed)


class UNet(nn.Module):
    def __init__(self, image_channels, side, channels, multipliers, attention):
        super().__init__()
        self.channels = channels
        embedding = 4 * channels
        self.dense0 = nn.Linear(channels, embedding)
        self.dense1 = nn.Linear(embedding, embedding)
        self.conv_in = nn.Conv2d(image_channels, channels, 3, padding=1)
        self.downs = nn.ModuleList()
        skips, current, levels = [channels], channels, len(multipliers)

        def attend(level):
            wanted = side >> level in attention
            return Attention(channels * multipliers[level]) if wanted else None

        for level, multiplier in enumerate(multipliers):
            out = channels * multiplier
            self.downs.append(self.stage(Residual(current, out, embedding), attend(level)))
            current = out
            skips.append(current)
            if level < levels - 1:
                self.downs.append(down(current))
                skips.append(current)
        self.middle0 = Residual(current, current, embedding)
        self.middle_attention = Attention(current)
        self.middle1 = Residual(current, current, embedding)
        self.ups = nn.ModuleList()
        for level in reversed(range(levels)):
            out = channels * multipliers[level]
            for _ in range(2):
                residual = Residual(current + skips.pop(), out, embedding)
                self.ups.append(self.stage(residual, attend(level)))
                current = out
            if level > 0:
                self.ups.append(nn.Conv2d(current, current, 3, padding=1))
        self.norm_out = norm(current)
        self.conv_out = nn.Conv2d(current, image_channels, 3, padding=1)

    @staticmethod
    def stage(residual, attention):
        return nn.ModuleList([residual] + ([attention] if attention else []))

    @staticmethod
    def run(stage, h, t):
        h = stage[0](h, t)
        return stage[1](h) if len(stage) > 1 else h

    def embed(self, time):
        half = self.channels // 2
        steps = torch.arange(half, dtype=torch.float32)
        frequencies = torch.exp(-math.log(10_000) * steps / (half - 1))
        angles = time * frequencies
        return torch.cat([angles.sin(), angles.cos()], dim=1)

    def forward(self, x, time):
        t = F.silu(self.dense1(F.silu(self.dense0(self.embed(time)))))
        h = self.conv_in(x)
        skips = [h]
        for stage in self.downs:
            h = self.run(stage, h, t) if isinstance(stage, nn.ModuleList) else stage(h)
            skips.append(h)
        h = self.middle1(self.middle_attention(self.middle0(h, t)), t)
        for stage in self.ups:
            if isinstance(stage, nn.ModuleList):
                h = self.run(stage, torch.cat([h, skips.pop()], dim=1), t)
            else:
                h = stage(F.interpolate(h, scale_factor=2, mode="nearest"))
        return self.conv_out(F.silu(self.norm_out(h)))


class Side:
    """One network with its batch, optimiser and moving average."""

    def __init__(self, side, channels, multipliers, attention, batch):
        torch.manual_seed(1)
        self.net = UNet(1, side, channels, multipliers, attention)
        self.x = torch.randn(batch, 1, side, side)
        self.target = torch.randn(batch, 1, side, side)
        self.times = torch.randint(0, 1000, (batch, 1)).float()
        self.parameters = list(self.net.parameters())
        self.average = [p.detach().clone() for p in self.parameters]
        # The multi-tensor form is the faster one for many small parameters.
        self.adam = torch.optim.Adam(self.parameters, lr=1e-3, foreach=True)
        self.networks = {"": self.net}

    def count(self):
        return sum(p.numel() for p in self.parameters)

    def check(self, file):
        with open(file, "rb") as binary:
            floats = torch.frombuffer(bytearray(binary.read()), dtype=torch.float32)
        for tensor in [p.data for p in self.parameters] + [self.x, self.times]:
            tensor.copy_(floats[: tensor.numel()].view_as(tensor))
            floats = floats[tensor.numel() :]
        with torch.inference_mode():
            output = self.net(self.x, self.times).flatten()
        return ((output - floats).abs().max() / floats.abs().max()).item()

    def compile(self):
        try:
            self.networks["compiled"] = torch.compile(self.net)
            self.train("compiled")
            return 1
        except Exception as reason:
            print("torch.compile:", reason, file=sys.stderr)
            return 0

    def train(self, network=""):
        loss = F.mse_loss(self.networks[network](self.x, self.times), self.target)
        self.adam.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.adam.step()
        with torch.no_grad():
            torch._foreach_mul_(self.average, 0.999)
            torch._foreach_add_(self.average, self.parameters, alpha=0.001)

    def forward(self, network=""):
        with torch.inference_mode():
            self.networks[network](self.x, self.times)


def numbers(text):
    return [int(n) for n in text.split(",") if n]


def seconds(step, count, *network):
    clock = time.process_time if torch.get_num_threads() == 1 else time.perf_counter
    start = clock()
    for _ in range(int(count)):
        step(*network)
    return (clock() - start) / int(count)


def main():
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    print("PyTorch", torch.__version__, flush=True)
    network = None
    for line in sys.stdin:
        request, *arguments = line.split()
        if request == "network":
            side, channels, multipliers, attention, batch = arguments
            network = Side(
                int(side), int(channels), numbers(multipliers), numbers(attention), int(batch))
            print(network.count(), flush=True)
        elif request == "check":
            print(network.check(arguments[0]), flush=True)
        elif request == "compile":
            print(network.compile() if hasattr(torch, "compile") else 0, flush=True)
        elif request == "train":
            print(seconds(network.train, *arguments), flush=True)
        elif request == "forward":
            print(seconds(network.forward, *arguments), flush=True)
        else:
            sys.exit(f"unknown request: {request}")


if __name__ == "__main__":
    main()
