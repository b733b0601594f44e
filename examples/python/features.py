"""VGG16 with LPIPS, and the Inception of FID, written from their papers, to check backbones against.

    python3 features.py --out DIR           small networks
    python3 features.py --full --out DIR    of the published widths
    python3 features.py --weights --out DIR their state dicts as .pth files too

DIR/NAME.json has the shapes of the tensors by their published names, and in double precision features,
class probabilities or LPIPS distances, and sums over squares of gradients with respect to the images.
Weights and images are made as released.py makes weights.
"""

import argparse
import json
import os

import torch
import torch.nn.functional as F

from released import Weights, weight


def vgg16(w, width, x):
    """Simonyan and Zisserman, table 1, column D: the activations that LPIPS compares."""
    compared, index = [], 0
    for block, count in enumerate([2, 2, 3, 3, 3]):
        for _ in range(count):
            x = F.relu(w.conv(f"features.{index}", x, min(width << block, 8 * width)))
            index += 2
        compared.append(x)
        x = F.max_pool2d(x, 2)
        index += 1
    return compared


def lpips(w, a, b):
    """Zhang et al., equation 1, of the activations of two batches."""
    total = 0
    for layer, (x, y) in enumerate(zip(a, b)):
        x, y = (z / (z.pow(2).sum(1, keepdim=True).sqrt() + 1e-10) for z in (x, y))
        head = w(f"lin{layer}.model.1.weight", 1, x.shape[1], 1, 1)
        total = total + ((x - y).pow(2) * head).sum(1).mean((1, 2))
    return total


def inception(w, width, x):
    """Szegedy et al. 2016 as TensorFlow's graph of 2015-12-05 has it; width 32 is the published one."""

    def conv(name, x, out, kernel=1, stride=1, padding=0):
        kernel = kernel if isinstance(kernel, tuple) else (kernel, kernel)
        out = out * width // 32
        y = F.conv2d(x, w(name + ".conv.weight", out, x.shape[1], *kernel), None, stride, padding)
        gain, shift, mean, variance = (
            w(f"{name}.bn.{key}", out) for key in ("weight", "bias", "running_mean", "running_var")
        )
        return F.relu(F.batch_norm(y, mean, variance, gain, shift, False, 0, 1e-3))

    def mean(x):
        return F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)

    def across(name, x, outs):
        """Kernels 1 x 7 and 7 x 1 in turns, after one of 1 x 1."""
        x = conv(f"{name}_1", x, outs[0])
        rows = not name.endswith("dbl")
        for i, out in enumerate(outs[1:], 2):
            x = conv(f"{name}_{i}", x, out, (1, 7) if rows else (7, 1), 1, (0, 3) if rows else (3, 0))
            rows = not rows
        return x

    x = conv("Conv2d_1a_3x3", x, 32, 3, 2)
    x = conv("Conv2d_2a_3x3", x, 32, 3)
    x = F.max_pool2d(conv("Conv2d_2b_3x3", x, 64, 3, 1, 1), 3, 2)
    x = conv("Conv2d_3b_1x1", x, 80)
    x = F.max_pool2d(conv("Conv2d_4a_3x3", x, 192, 3), 3, 2)
    for block, pooled in (("5b", 32), ("5c", 64), ("5d", 64)):
        n = f"Mixed_{block}.branch"
        five = conv(n + "5x5_2", conv(n + "5x5_1", x, 48), 64, 5, 1, 2)
        three = conv(n + "3x3dbl_2", conv(n + "3x3dbl_1", x, 64), 96, 3, 1, 1)
        three = conv(n + "3x3dbl_3", three, 96, 3, 1, 1)
        x = torch.cat([conv(n + "1x1", x, 64), five, three, conv(n + "_pool", mean(x), pooled)], 1)
    n = "Mixed_6a.branch"
    twice = conv(n + "3x3dbl_2", conv(n + "3x3dbl_1", x, 64), 96, 3, 1, 1)
    twice = conv(n + "3x3dbl_3", twice, 96, 3, 2)
    x = torch.cat([conv(n + "3x3", x, 384, 3, 2), twice, F.max_pool2d(x, 3, 2)], 1)
    for block, c in (("6b", 128), ("6c", 160), ("6d", 160), ("6e", 192)):
        n = f"Mixed_{block}.branch"
        seven = across(n + "7x7", x, [c, c, 192])
        twice = across(n + "7x7dbl", x, [c, c, c, c, 192])
        x = torch.cat([conv(n + "1x1", x, 192), seven, twice, conv(n + "_pool", mean(x), 192)], 1)
    n = "Mixed_7a.branch"
    three = conv(n + "3x3_2", conv(n + "3x3_1", x, 192), 320, 3, 2)
    seven = conv(n + "7x7x3_4", across(n + "7x7x3", x, [192, 192, 192]), 192, 3, 2)
    x = torch.cat([three, seven, F.max_pool2d(x, 3, 2)], 1)
    for block, pool in (("7b", mean), ("7c", lambda y: F.max_pool2d(y, 3, 1, 1))):
        n = f"Mixed_{block}.branch"
        branches = [conv(n + "1x1", x, 320)]
        three = conv(n + "3x3_1", x, 384)
        twice = conv(n + "3x3dbl_2", conv(n + "3x3dbl_1", x, 448), 384, 3, 1, 1)
        for name, y in (("3x3_2", three), ("3x3dbl_3", twice)):
            branches.append(conv(f"{n}{name}a", y, 384, (1, 3), 1, (0, 1)))
            branches.append(conv(f"{n}{name}b", y, 384, (3, 1), 1, (1, 0)))
        x = torch.cat(branches + [conv(n + "_pool", pool(x), 192)], 1)
    features = x.mean((2, 3))
    # The Inception Score of the published values leaves the classifier's biases out.
    w("fc.bias", 1008)
    return features, torch.softmax(w.linear("fc", features, 1008, bias=False), 1)


def resized(x, side):
    return F.interpolate(x, size=(side, side), mode="bilinear", align_corners=False)


def images(name, count, channels, side):
    x = weight(name, (count, channels * side * side)) * 16
    return torch.from_numpy(x).double().clamp(-1, 1).reshape(count, channels, side, side)


def noise(name, count, channels, side):
    """Of full contrast, for gradients: elsewhere many maxima and zeros of ReLUs are nearly ties."""
    x = weight(name, (count * channels * side * side,)) * 4
    return torch.from_numpy(x).double().reshape(count, channels, side, side)


def texts(values):
    return [float(f"{v:.9g}") for v in values.flatten().tolist()]


def blocks(gradient, side):
    """Sums over squares."""
    return F.avg_pool2d(gradient, side) * side**2


def sample_vgg16(width):
    shift = torch.tensor([-0.030, -0.088, -0.188], dtype=torch.float64)[:, None, None]
    scale = torch.tensor([0.458, 0.448, 0.450], dtype=torch.float64)[:, None, None]

    def run(side, images):
        w = Weights()
        a, b = images("first", 2, 3, side).requires_grad_(), images("second", 2, 3, side)
        both = (resized(torch.cat([a, b]), 224) - shift) / scale
        layers = vgg16(w, width, both)
        distances = lpips(w, [y[:2] for y in layers], [y[2:] for y in layers])
        return w, a, layers[-1].mean((2, 3))[:2], distances

    with torch.no_grad():
        w, _, features, distances = run(32, images)
    _, a, _, sharp = run(224, noise)
    sharp.sum().backward()
    return w, {
        "side": 32,
        "features": texts(features),
        "distances": texts(distances),
        "gradientSide": 224,
        "block": 28,
        "gradient": texts(blocks(a.grad, 28)),
    }


def sample_inception(width):
    def run(side, images):
        w = Weights()
        a = images("first", 2, 1, side).requires_grad_()
        features, probabilities = inception(w, width, resized(a.expand(-1, 3, -1, -1), 299))
        return w, a, features, probabilities

    with torch.no_grad():
        w, _, features, probabilities = run(32, images)
    _, a, sharp, _ = run(299, noise)
    slope = weight("slope", tuple(sharp.shape))
    (sharp * torch.from_numpy(slope).double()).sum().backward()
    return w, {
        "side": 32,
        "features": texts(features),
        "probabilities": texts(probabilities),
        "gradientSide": 299,
        "block": 23,
        "gradient": texts(blocks(a.grad, 23)),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--weights", action="store_true")
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    for name, sample in (
        ("vgg16", lambda: sample_vgg16(64 if options.full else 16)),
        ("inception", lambda: sample_inception(32 if options.full else 2)),
    ):
        w, values = sample()
        values["tensors"] = {n: list(v.shape) for n, v in w.tensors.items()}
        path = os.path.join(options.out, name)
        with open(path + ".json", "w") as file:
            json.dump(values, file, separators=(",", ":"))
        tensors = {n: torch.from_numpy(v) for n, v in w.tensors.items()}
        if options.weights:
            heads = {n: v for n, v in tensors.items() if n.startswith("lin")}
            torch.save({n: v for n, v in tensors.items() if n not in heads}, path + ".pth")
            if heads:
                torch.save(heads, os.path.join(options.out, "lpips.pth"))
        print(f"{name}: {sum(v.numel() for v in tensors.values()):,} numbers")


if __name__ == "__main__":
    main()
