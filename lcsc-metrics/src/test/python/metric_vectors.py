"""Makes the committed files that the tests of org.lcsc.metrics compare with.

Needs numpy, scipy and torch (Debian: python3-scipy, python3-torch), and Pillow for the
Pillow columns of resize.npz. Run in this directory:

    python3 metric_vectors.py

Features: sets of several shapes, singular ones included, with FID by scipy.linalg.sqrtm as
pytorch-fid computes it (for singular products by the eigenvalues, as torch-fidelity does), KID,
improved precision and recall, density and coverage, CMMD, the ratio of Frechet distances, FLD and
MIND, all in plain NumPy. For those that need held-out images, every other one of x is held out.
Networks: small ones with random weights, exported to ONNX by torch.onnx, with torch's own outputs.
"""

import os
import warnings

import numpy as np
import scipy.linalg
import scipy.special
import torch
import torch.nn.functional as F

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../resources/org/lcsc/metrics")


def save(name, **arrays):
    np.savez_compressed(os.path.join(OUT, name), **arrays)


def fid(x, y):
    m1, m2 = x.mean(0), y.mean(0)
    s1, s2 = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    singular = min(len(x), len(y)) <= x.shape[1] or np.linalg.matrix_rank(s1 @ s2) < len(s1)
    if singular:
        root = np.sqrt(np.linalg.eigvals(s1 @ s2).astype(complex)).real.sum()
    else:
        root = np.trace(scipy.linalg.sqrtm(s1 @ s2)).real
    return ((m1 - m2) ** 2).sum() + np.trace(s1) + np.trace(s2) - 2 * root


def kid(x, y):
    d = x.shape[1]
    k = lambda a, b: (a @ b.T / d + 1) ** 3
    n, m = len(x), len(y)
    xx, yy, xy = k(x, x), k(y, y), k(x, y)
    return (
        (xx.sum() - np.trace(xx)) / (n * (n - 1))
        + (yy.sum() - np.trace(yy)) / (m * (m - 1))
        - 2 * xy.mean()
    )


def squared(x, y):
    return ((x[:, None] - y[None]) ** 2).sum(-1)


def precision_recall(real, fake, k=3):
    radius = lambda x: np.sort(squared(x, x), axis=1)[:, k]
    distances = squared(fake, real)
    return (
        (distances <= radius(real)[None]).any(1).mean(),
        (distances <= radius(fake)[:, None]).any(0).mean(),
        (distances <= radius(real)[None]).sum(1).mean() / k,
        (distances.min(0) <= radius(real)).mean(),
    )


def spread(rows, limit):
    return rows if len(rows) <= limit else rows[np.arange(limit) * len(rows) // limit]


def cmmd(x, y, bandwidth=10):
    kernel = lambda a, b: np.exp(-squared(a, b) / (2 * bandwidth**2)).mean()
    return 1000 * (kernel(x, x) + kernel(y, y) - 2 * kernel(x, y))


def frechet_ratio(real, held_out, generated):
    n = min(len(held_out), len(generated))
    groups = [generated[i * n : (i + 1) * n] for i in range(len(generated) // n)]
    return np.mean([fid(real, group) for group in groups]) / fid(real, held_out[:n])


def mixture_nlls(centres, fitted, *evaluated):
    """Mean negative log likelihoods per dimension under Gaussians about the centres."""
    n, d = len(centres), centres.shape[1]
    to_centres = squared(fitted, centres)
    to_mean = 0.9**2 * squared(fitted, fitted.mean(0, keepdims=True))
    distances = np.hstack([to_centres, to_mean])
    log_weights = np.append(np.full(n, -np.log(n)), 0)
    p = np.append(np.log((to_centres.min(0) + 1e-3) / d), 0)
    density = lambda q, v: -0.5 * q / np.exp(v) - d / 2 * (v + np.log(2 * np.pi))
    first, second, losses = np.zeros(n + 1), np.zeros(n + 1), []
    for t in range(1, 51):
        logs = density(distances, p) + log_weights
        likelihoods = scipy.special.logsumexp(logs, axis=1)
        shares = np.exp(logs - likelihoods[:, None])
        gradient = (shares * (d / 2 - distances / (2 * np.exp(p)))).mean(0) / d
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        p = p - 0.5 * first / (1 - 0.9**t) / (np.sqrt(second / (1 - 0.999**t)) + 1e-8)
        p[:n] = p[:n].clip(-40, 40)
        losses.append(-likelihoods.mean() / d)
        if t > 6 and np.abs(losses[-1] - np.array(losses[-5:])).max() < 5e-4:
            break
    return [
        -scipy.special.logsumexp(density(squared(rows, centres), p[:n]) - np.log(n), axis=1).mean() / d
        for rows in evaluated
    ]


def fld(train, test, generated):
    mean, deviation = test.mean(0), test.std(0, ddof=1)
    train, test, generated = ((rows - mean) / deviation for rows in (train, test, generated))
    unseen, seen = mixture_nlls(generated, train, test, train)
    count = min(len(generated), len(train) // 2)
    chosen = np.arange(count) * len(train) // count
    (best,) = mixture_nlls(train[chosen], np.delete(train, chosen, axis=0), test)
    return 100 * (unseen - best), 100 * (seen - unseen)


def mind(x, y, directions):
    n = min(len(x), len(y))
    units = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    a, b = (np.sort(spread(rows, n) @ units.T, axis=0) for rows in (x, y))
    return 3 * x.shape[1] * ((a - b) ** 2).mean()


def features():
    rng = np.random.RandomState(7)
    shapes = {"small": (60, 50, 5), "wide": (20, 24, 48), "tall": (400, 300, 16), "rank": (90, 80, 24)}
    for name, (n, m, d) in shapes.items():
        mix = rng.randn(d, d) / np.sqrt(d)
        x = rng.randn(n, d) @ mix + 0.3 * rng.randn(d)
        y = rng.randn(m, d) @ (mix + 0.2 * rng.randn(d, d) / np.sqrt(d)) + 0.3 * rng.randn(d)
        if name == "rank":
            # Features that repeat others: a singular covariance of many samples.
            x[:, d // 2 :], y[:, d // 2 :] = x[:, : d - d // 2], y[:, : d - d // 2]
        x, y = x.astype(np.float32), y.astype(np.float32)
        a, b = x.astype(np.float64), y.astype(np.float64)
        precision, recall, density, coverage = precision_recall(a, b)
        divergence, gap = fld(a[0::2], a[1::2], b)
        # More than one block of them; from a generator of their own.
        directions = np.random.RandomState(13).randn(70, d)
        save(
            f"features-{name}.npz",
            x=x,
            y=y,
            fid=fid(a, b),
            kid=kid(a, b),
            precision=precision,
            recall=recall,
            density=density,
            coverage=coverage,
            cmmd=cmmd(a, b),
            fdr=frechet_ratio(a[0::2], a[1::2], b),
            fld=divergence,
            **{"fld-gap": gap},
            directions=directions,
            mind=mind(a, b, directions),
        )


def resize():
    rng = np.random.RandomState(3)
    image = rng.randint(0, 256, (7, 10)).astype(np.float32)
    arrays = {"image": image}
    t = torch.from_numpy(image)[None, None].double()
    for label, size in (("up", (16, 13)), ("down", (3, 4)), ("mixed", (5, 21))):
        arrays[f"bilinear-{label}"] = F.interpolate(t, size, mode="bilinear", align_corners=False)[0, 0].numpy()
        arrays[f"bilinear-align-corners-{label}"] = F.interpolate(t, size, mode="bilinear", align_corners=True)[0, 0].numpy()
        arrays[f"bilinear-antialias-{label}"] = F.interpolate(t, size, mode="bilinear", align_corners=False, antialias=True)[0, 0].numpy()
        arrays[f"bicubic-antialias-{label}"] = F.interpolate(t, size, mode="bicubic", align_corners=False, antialias=True)[0, 0].numpy()
        try:
            from PIL import Image
        except ImportError:
            raise SystemExit("resize.npz needs Pillow: pip install pillow")
        for filter_name, code in (("bilinear", Image.BILINEAR), ("bicubic", Image.BICUBIC)):
            floats = Image.fromarray(image, "F").resize(size[::-1], code)
            arrays[f"pillow-float-{filter_name}-antialias-{label}"] = np.asarray(floats)
            eight = Image.fromarray(image.astype(np.uint8), "L").resize(size[::-1], code)
            arrays[f"pillow-bytes-{filter_name}-antialias-{label}"] = np.asarray(eight)
    save("resize.npz", **arrays)


class Net(torch.nn.Module):
    """Two convolutions with ReLU; features are the second one's, averaged; logits follow."""

    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(3, 6, 3, padding=1)
        self.conv2 = torch.nn.Conv2d(6, 8, 3, stride=2, padding=1)
        self.classes = torch.nn.Linear(8, 5)

    def forward(self, images):
        first = F.relu(self.conv1(images))
        second = F.relu(self.conv2(first))
        features = second.mean((2, 3))
        return first, second, features, self.classes(features)


class ChannelsLast(torch.nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, images):
        return self.net(images.permute(0, 3, 1, 2))[2]


def networks():
    torch.manual_seed(5)
    net = Net().eval()
    names = ["relu1", "relu2", "features", "logits"]
    free = {name: {0: "batch"} for name in ["images"] + names}
    path = lambda name: os.path.join(OUT, name)
    example = torch.zeros(1, 3, 12, 12)
    torch.onnx.export(
        net, example, path("tiny.onnx"), input_names=["images"], output_names=names, dynamic_axes=free, opset_version=13
    )
    torch.onnx.export(
        ChannelsLast(net).eval(), torch.zeros(4, 12, 12, 3), path("tiny-nhwc-fixed.onnx"),
        input_names=["images"], output_names=["features"], opset_version=13,
    )

    rng = np.random.RandomState(11)
    grey = rng.uniform(-1, 1, (6, 1, 8, 8)).astype(np.float32)
    with torch.no_grad():
        pixels = torch.floor(torch.from_numpy(grey) * 127.5 + 127.5 + 0.5).clamp(0, 255) / 255
        pixels = F.interpolate(pixels, (12, 12), mode="bilinear", align_corners=False).repeat(1, 3, 1, 1)
        mean, std = torch.tensor([0.4, 0.5, 0.6]), torch.tensor([0.2, 0.25, 0.3])
        pixels = (pixels - mean[:, None, None]) / std[:, None, None]
        _, _, features, logits = net(pixels)

        # LPIPS as its authors compute it, between the first three and the last three images.
        scaled = torch.from_numpy(grey).repeat(1, 3, 1, 1)
        shift = torch.tensor([-0.030, -0.088, -0.188])[:, None, None]
        scale = torch.tensor([0.458, 0.448, 0.450])[:, None, None]
        scaled = F.interpolate(scaled, (12, 12), mode="bilinear", align_corners=False)
        stack = net((scaled - shift) / scale)[:2]
        lins = [np.abs(rng.randn(6)).astype(np.float32), np.abs(rng.randn(8)).astype(np.float32)]
        lpips = 0
        for layer, lin in zip(stack, lins):
            unit = layer / (layer.pow(2).sum(1, keepdim=True).sqrt() + 1e-10)
            difference = (unit[:3] - unit[3:]) ** 2
            lpips = lpips + (difference * torch.from_numpy(lin)[None, :, None, None]).sum(1).mean((1, 2))
    save(
        "tiny-outputs.npz", grey=grey, features=features.numpy(),
        probabilities=torch.softmax(logits, 1).numpy(), lpips=lpips.numpy(),
    )
    save("tiny-lpips-weights.npz", lin0=lins[0], lin1=lins[1])


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    features()
    resize()
    networks()
