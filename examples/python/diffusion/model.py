"""The diffusion model: a small U-Net as a denoiser, and its sampler. Equations are those of Karras et al. 2022 (EDM)."""
import torch
from torch import nn
from torch.nn import functional as F

SIGMA_DATA = 0.75                # standard deviation of the images' pixels


class Block(nn.Module):
    """A residual block that is told the noise level."""

    def __init__(self, channels):
        super().__init__()
        self.norm1, self.norm2 = nn.GroupNorm(4, channels), nn.GroupNorm(4, channels)
        self.conv1, self.conv2 = (nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2))
        self.level = nn.Linear(64, channels)

    def forward(self, x, level):
        h = self.conv1(F.silu(self.norm1(x))) + self.level(level)[:, :, None, None]
        return x + self.conv2(F.silu(self.norm2(h)))


class Denoiser(nn.Module):
    """Images [N, 1, 8, 8] from noisy ones and their noise levels sigma [N]."""

    def __init__(self, channels=24):
        super().__init__()
        self.level = nn.Sequential(nn.Linear(16, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU())
        self.first = nn.Conv2d(1, channels, 3, padding=1)
        self.down = Block(channels)
        self.shrink = nn.Conv2d(channels, 2 * channels, 3, stride=2, padding=1)
        self.middle = nn.ModuleList([Block(2 * channels), Block(2 * channels)])
        self.grow = nn.ConvTranspose2d(2 * channels, channels, 2, stride=2)
        self.up = Block(channels)
        self.last = nn.Sequential(nn.GroupNorm(4, channels), nn.SiLU(), nn.Conv2d(channels, 1, 3, padding=1))

    def network(self, x, noise):
        angles = noise[:, None] * 2.0 ** torch.arange(-2, 6)
        level = self.level(torch.cat([angles.sin(), angles.cos()], 1))
        wide = self.down(self.first(x), level)
        h = self.shrink(wide)
        for block in self.middle:
            h = block(h, level)
        return self.last(self.up(wide + self.grow(h), level))

    def forward(self, x, sigma):
        """Equation 7, with the factors of table 1."""
        s = sigma[:, None, None, None]
        total = (s ** 2 + SIGMA_DATA ** 2).sqrt()
        out = self.network(x / total, sigma.log() / 4)
        return (SIGMA_DATA / total) ** 2 * x + s * SIGMA_DATA / total * out


def sample(denoiser, noise, steps=8, largest=10.0, smallest=0.05):
    """Images of noise [N, 1, 8, 8]: Euler's method (DDIM) over the noise levels of equation 5."""
    ramp = torch.linspace(largest ** (1 / 7), smallest ** (1 / 7), steps, dtype=noise.dtype) ** 7
    x = ramp[0] * noise
    for sigma, following in zip(ramp, [*ramp[1:], 0.0]):
        denoised = denoiser(x, sigma.expand(len(x)))
        x = denoised + following / sigma * (x - denoised)
    return x.clamp(-1, 1)
