"""Released U-Nets, written from their papers and public code, to check lcsc import against.

    python3 released.py --out DIR                 small networks
    python3 released.py --full --out DIR          of the released sizes: gigabytes, minutes
    python3 released.py --only edm-adm --weights --out DIR     its weights as a safetensors file too

DIR/NAME.json has the shapes of the network's tensors by their released names, an input, and the output in
double precision. Weights are numbers that anybody can make again from a tensor's name, see weight().
"""

import argparse
import json
import math
import os
import struct
import zlib

import numpy as np
import torch
import torch.nn.functional as F


def weight(name, shape):
    """Values in [-1, 1) times a power of two, all exact in float32: a hash of name and place."""
    if len(shape) == 1 and name.split(".")[-1] == "freqs":
        scale, centre = 16.0, 0.0
    elif len(shape) == 1:
        # Gains of normalisations near 1, shifts and biases near 0.
        scale, centre = 0.25, 1.0 if name.endswith((".weight", ".running_var")) else 0.0
    else:
        scale, centre = 2.0 ** round(0.5 - 0.5 * math.log2(np.prod(shape[1:]))), 0.0
    mask = np.uint64(0xFFFFFFFF)
    x = np.arange(int(np.prod(shape)), dtype=np.uint64) * np.uint64(2654435761) & mask
    x ^= np.uint64(zlib.crc32(name.encode()))
    for _ in range(2):
        x = ((x ^ (x >> np.uint64(16))) * np.uint64(0x45D9F3B)) & mask
    x ^= x >> np.uint64(16)
    values = (x >> np.uint64(8)).astype(np.float64) / 2.0**23 - 1
    # Heads of LPIPS are not negative.
    values = np.abs(values) if name.startswith("lin") and ".model." in name else values
    return (centre + scale * values).astype(np.float32).reshape(shape)


class Weights:
    """Makes a tensor when a network first asks for it, and keeps what was asked for."""

    def __init__(self):
        self.tensors = {}

    def __call__(self, name, *shape):
        assert name not in self.tensors, name
        self.tensors[name] = weight(name, shape)
        return torch.from_numpy(self.tensors[name]).double()

    def constant(self, name, values):
        self.tensors[name] = np.asarray(values, dtype=np.float32)

    def conv(self, name, x, out, kernel=3, stride=1, padding=None, one_dimension=False):
        shape = [out, x.shape[1]] + [kernel] * (1 if one_dimension else 2)
        w = self(name + ".weight", *shape).reshape(out, x.shape[1], kernel, kernel)
        padding = kernel // 2 if padding is None else padding
        return F.conv2d(x, w, self(name + ".bias", out), stride=stride, padding=padding)

    def linear(self, name, x, out, bias=True):
        w = self(name + ".weight", out, x.shape[-1])
        return F.linear(x, w, self(name + ".bias", out) if bias else None)

    def norm(self, name, x, groups, eps):
        c = x.shape[1]
        return F.group_norm(x, groups, self(name + ".weight", c), self(name + ".bias", c), eps)

    def table(self, name, labels, width):
        return self(name + ".weight", labels.shape[1], width)[labels.argmax(1)]


def attend(q, k, v):
    """Of [N, heads, channels, positions] each."""
    weights = torch.softmax(q.transpose(2, 3) @ k / math.sqrt(q.shape[2]), dim=3)
    return v @ weights.transpose(2, 3)


def sinusoid(t, size, cosine_first, last):
    """Frequencies 10000^(-i / d); d = size / 2 - 1 where the last is 1 / 10000."""
    i = torch.arange(size // 2, dtype=torch.float64)
    angles = t[:, None] * torch.exp(-math.log(10000) * i / (size // 2 - last))
    parts = [angles.cos(), angles.sin()] if cosine_first else [angles.sin(), angles.cos()]
    return torch.cat(parts, dim=1)


def diffusers(w, c, x, t, labels):
    """UNet2DModel of config.json's keys."""
    g, eps, widths = c["norm_num_groups"], c["norm_eps"], c["block_out_channels"]
    blocks, padding = c["layers_per_block"], c["downsample_padding"]
    scale_shift = c.get("resnet_time_scale_shift") == "scale_shift"

    def resnet(name, h, out, emb):
        y = w.conv(name + ".conv1", F.silu(w.norm(name + ".norm1", h, g, eps)), out)
        e = w.linear(name + ".time_emb_proj", F.silu(emb), out * (2 if scale_shift else 1))
        e = e[:, :, None, None]
        if scale_shift:
            scale, shift = e.chunk(2, dim=1)
            y = w.norm(name + ".norm2", y, g, eps) * (1 + scale) + shift
        else:
            y = w.norm(name + ".norm2", y + e, g, eps)
        y = w.conv(name + ".conv2", F.silu(y), out)
        return y + (h if h.shape[1] == out else w.conv(name + ".conv_shortcut", h, out, 1))

    def attention(name, h):
        n, channels, height, width = h.shape
        heads = channels // (c["attention_head_dim"] or channels)
        y = w.norm(name + ".group_norm", h, g, eps).flatten(2).transpose(1, 2)
        q, k, v = (
            w.linear(name + to, y, channels).transpose(1, 2).reshape(n, heads, -1, height * width)
            for to in (".to_q", ".to_k", ".to_v")
        )
        y = attend(q, k, v).reshape(n, channels, -1).transpose(1, 2)
        return h + w.linear(name + ".to_out.0", y, channels).transpose(1, 2).reshape(h.shape)

    emb = sinusoid(t, widths[0], c["flip_sin_to_cos"], c["freq_shift"])
    emb = w.linear("time_embedding.linear_1", emb, 4 * widths[0])
    emb = w.linear("time_embedding.linear_2", F.silu(emb), 4 * widths[0])
    if c.get("num_class_embeds"):
        emb = emb + w.table("class_embedding", labels, 4 * widths[0])
    h = w.conv("conv_in", x, widths[0])
    skips = [h]
    for level, kind in enumerate(c["down_block_types"]):
        name = f"down_blocks.{level}"
        for block in range(blocks):
            h = resnet(f"{name}.resnets.{block}", h, widths[level], emb)
            if "Attn" in kind:
                h = attention(f"{name}.attentions.{block}", h)
            skips.append(h)
        if level < len(widths) - 1:
            # Padding 0 of the configuration: a row below and a column on the right.
            padded = h if padding else F.pad(h, (0, 1, 0, 1))
            h = w.conv(f"{name}.downsamplers.0.conv", padded, widths[level], 3, 2, padding)
            skips.append(h)
    h = resnet("mid_block.resnets.0", h, widths[-1], emb)
    h = attention("mid_block.attentions.0", h)
    h = resnet("mid_block.resnets.1", h, widths[-1], emb)
    for level, kind in enumerate(c["up_block_types"]):
        name = f"up_blocks.{level}"
        for block in range(blocks + 1):
            h = torch.cat([h, skips.pop()], dim=1)
            h = resnet(f"{name}.resnets.{block}", h, widths[-1 - level], emb)
            if "Attn" in kind:
                h = attention(f"{name}.attentions.{block}", h)
        if level < len(widths) - 1:
            h = F.interpolate(h, scale_factor=2, mode="nearest")
            h = w.conv(f"{name}.upsamplers.0.conv", h, h.shape[1])
    return w.conv("conv_out", F.silu(w.norm("conv_norm_out", h, g, eps)), c["out_channels"])


def edm(w, c, x, sigma, labels):
    """EDMPrecond around SongUNet or DhariwalUNet, sigma_data 0.5."""
    s = sigma[:, None, None, None]
    f = edm_network(w, c, x / torch.sqrt(s**2 + 0.25), torch.log(sigma) / 4, labels)
    return 0.25 / (s**2 + 0.25) * x + s * 0.5 / torch.sqrt(s**2 + 0.25) * f


def edm_network(w, c, x, t, labels):
    m, channels, side = "model.", c["channels"], x.shape[2]
    adm, ncsnpp = c["kind"] == "adm", c["kind"] == "ncsnpp"
    eps, sum_scale = (1e-5, 1) if adm else (1e-6, math.sqrt(0.5))
    taps = torch.tensor([1.0, 3, 3, 1] if ncsnpp else [1.0, 1], dtype=torch.float64)
    kernel = torch.outer(taps, taps) / taps.sum() ** 2
    ring = (len(taps) - 1) // 2

    def norm(name, h):
        return w.norm(name, h, min(32, h.shape[1] // 4), eps)

    def fir(name, h, up, pad=ring, tell=True):
        if tell:
            w.constant(name + ".resample_filter", kernel[None, None].numpy())
        n = h.shape[1]
        k = kernel[None, None].repeat(n, 1, 1, 1)
        if up:
            return F.conv_transpose2d(h, 4 * k, groups=n, stride=2, padding=ring)
        return F.conv2d(h, k, groups=n, stride=2, padding=pad)

    def block(name, h, out, emb, resample=None, attention=False):
        y, shortcut = F.silu(norm(name + ".norm0", h)), h
        if resample:
            y = fir(name + ".conv0", y, resample == "up")
            shortcut = fir(name + ".skip", h, resample == "up")
        y = w.conv(name + ".conv0", y, out)
        e = w.linear(name + ".affine", emb, 2 * out if adm else out)[:, :, None, None]
        if adm:
            scale, shift = e.chunk(2, dim=1)
            y = norm(name + ".norm1", y) * (1 + scale) + shift
        else:
            y = norm(name + ".norm1", y + e)
        y = w.conv(name + ".conv1", F.silu(y), out)
        if out != h.shape[1] or (resample and not adm):
            shortcut = w.conv(name + ".skip", shortcut, out, 1)
        h = (y + shortcut) * sum_scale
        if attention:
            n, _, height, width = h.shape
            heads = out // 64 if adm else 1
            qkv = w.conv(name + ".qkv", norm(name + ".norm2", h), 3 * out, 1)
            q, k, v = qkv.reshape(n, heads, out // heads, 3, height * width).unbind(3)
            y = w.conv(name + ".proj", attend(q, k, v).reshape(h.shape), out, 1)
            h = (h + y) * sum_scale
        return h

    if ncsnpp:
        freqs = w(m + "map_noise.freqs", channels)
        angles = 2 * math.pi * t[:, None] * freqs
        emb = torch.cat([angles.sin(), angles.cos()], dim=1)
    else:
        emb = sinusoid(t, channels, adm, 0 if adm else 1)
    if c["classes"] and not adm:
        rows = labels * math.sqrt(c["classes"])
        emb = emb + w.linear(m + "map_label", rows, emb.shape[1])
    if c["augment"]:
        w(m + "map_augment.weight", emb.shape[1], c["augment"])
    emb = F.silu(w.linear(m + "map_layer0", emb, 4 * channels))
    emb = w.linear(m + "map_layer1", emb, 4 * channels)
    if c["classes"] and adm:
        emb = emb + w.linear(m + "map_label", labels, 4 * channels, bias=False)
    emb = F.silu(emb)

    first = channels * (c["multipliers"][0] if adm else 1)
    h = w.conv(f"{m}enc.{side}x{side}_conv", x, first)
    skips, pyramid = [h], x
    for level, multiplier in enumerate(c["multipliers"]):
        size = side >> level
        at, out = f"{m}enc.{size}x{size}", channels * multiplier
        if level > 0:
            h = block(at + "_down", h, h.shape[1], emb, "down")
            if ncsnpp:
                name = at + "_aux_residual"
                y = F.pad(pyramid, [ring] * 4)
                y = w.conv(name, y, h.shape[1])
                y = fir(name, y, False, 0)
                h = pyramid = (h + y) / math.sqrt(2)
            skips.append(h)
        for number in range(c["blocks"]):
            h = block(f"{at}_block{number}", h, out, emb, attention=size in c["attention"])
            skips.append(h)
    for level in reversed(range(len(c["multipliers"]))):
        size = side >> level
        at, out = f"{m}dec.{size}x{size}", channels * c["multipliers"][level]
        if level == len(c["multipliers"]) - 1:
            h = block(at + "_in0", h, out, emb, attention=True)
            h = block(at + "_in1", h, out, emb)
        else:
            h = block(at + "_up", h, h.shape[1], emb, "up")
        for number in range(c["blocks"] + 1):
            h = torch.cat([h, skips.pop()], dim=1)
            wanted = size in c["attention"] and (adm or number == c["blocks"])
            h = block(f"{at}_block{number}", h, out, emb, attention=wanted)
    last = (m + "out_norm", m + "out_conv") if adm else (at + "_aux_norm", at + "_aux_conv")
    return w.conv(last[1], F.silu(norm(last[0], h)), x.shape[1])


def consistency(w, c, x, sigma, labels):
    """consistency_models: the network as a function that is the identity at sigma 0.002."""
    s = sigma[:, None, None, None]
    f = openai(w, c, x / torch.sqrt(s**2 + 0.25), 250 * torch.log(sigma), labels)
    skip = 0.25 / ((s - 0.002) ** 2 + 0.25)
    return skip * x + (s - 0.002) * 0.5 / torch.sqrt(s**2 + 0.25) * f


def openai(w, c, x, t, labels):
    """UNetModel of improved-diffusion, guided-diffusion and consistency_models."""
    channels, new_order = c["channels"], c["parts_first"]

    def norm(name, h):
        return w.norm(name, h, 32, 1e-5)

    def halve(h):
        return F.avg_pool2d(h, 2)

    def double(h):
        return F.interpolate(h, scale_factor=2, mode="nearest")

    def block(name, h, out, emb, resample=None):
        y = F.silu(norm(name + ".in_layers.0", h))
        if resample:
            y, h = resample(y), resample(h)
        y = w.conv(name + ".in_layers.2", y, out)
        e = w.linear(name + ".emb_layers.1", F.silu(emb), out * (2 if c["scale_shift"] else 1))
        e = e[:, :, None, None]
        if c["scale_shift"]:
            scale, shift = e.chunk(2, dim=1)
            y = norm(name + ".out_layers.0", y) * (1 + scale) + shift
        else:
            y = norm(name + ".out_layers.0", y + e)
        y = w.conv(name + ".out_layers.3", F.silu(y), out)
        return y + (h if h.shape[1] == out else w.conv(name + ".skip_connection", h, out, 1))

    def attention(name, h):
        n, width, _, _ = h.shape
        heads = c.get("heads") or width // c["head_channels"]
        flat = not new_order
        qkv = w.conv(name + ".qkv", norm(name + ".norm", h), 3 * width, 1, one_dimension=flat)
        order = (3, heads) if new_order else (heads, 3)
        qkv = qkv.reshape(n, *order, width // heads, -1)
        q, k, v = qkv.unbind(1 if new_order else 2)
        y = attend(q, k, v).reshape(h.shape)
        return h + w.conv(name + ".proj_out", y, width, 1, one_dimension=flat)

    emb = w.linear("time_embed.0", sinusoid(t, channels, True, 0), 4 * channels)
    emb = w.linear("time_embed.2", F.silu(emb), 4 * channels)
    if c["classes"]:
        emb = emb + w.table("label_emb", labels, 4 * channels)
    levels = len(c["multipliers"])
    h = w.conv("input_blocks.0.0", x, channels * c["multipliers"][0])
    skips, number = [h], 1
    for level, multiplier in enumerate(c["multipliers"]):
        for _ in range(c["blocks"]):
            h = block(f"input_blocks.{number}.0", h, channels * multiplier, emb)
            if h.shape[2] in c["attention"]:
                h = attention(f"input_blocks.{number}.1", h)
            skips.append(h)
            number += 1
        if level < levels - 1:
            name = f"input_blocks.{number}.0"
            h = (
                block(name, h, h.shape[1], emb, halve)
                if c["resample_blocks"]
                else w.conv(name + ".op", h, h.shape[1], 3, 2)
            )
            skips.append(h)
            number += 1
    h = block("middle_block.0", h, h.shape[1], emb)
    h = attention("middle_block.1", h)
    h = block("middle_block.2", h, h.shape[1], emb)
    number = 0
    for level in reversed(range(levels)):
        for i in range(c["blocks"] + 1):
            h = torch.cat([h, skips.pop()], dim=1)
            name, part = f"output_blocks.{number}", 1
            h = block(name + ".0", h, channels * c["multipliers"][level], emb)
            if h.shape[2] in c["attention"]:
                h = attention(name + ".1", h)
                part = 2
            if level and i == c["blocks"]:
                name = f"{name}.{part}"
                h = (
                    block(name, h, h.shape[1], emb, double)
                    if c["resample_blocks"]
                    else w.conv(name + ".conv", double(h), h.shape[1])
                )
            number += 1
    outputs = x.shape[1] * (2 if c["learn_sigma"] else 1)
    return w.conv("out.2", F.silu(norm("out.0", h)), outputs)[:, : x.shape[1]]


def diffusers_config(widths, attends, blocks, side, **more):
    config = dict(
        _class_name="UNet2DModel", act_fn="silu", attention_head_dim=None, in_channels=3,
        block_out_channels=widths, center_input_sample=False, downsample_padding=0,
        down_block_types=["AttnDownBlock2D" if a else "DownBlock2D" for a in attends],
        up_block_types=["AttnUpBlock2D" if a else "UpBlock2D" for a in attends[::-1]],
        flip_sin_to_cos=False, freq_shift=1, layers_per_block=blocks, mid_block_scale_factor=1,
        norm_eps=1e-6, norm_num_groups=32, out_channels=3, sample_size=side,
        time_embedding_type="positional",
    )
    return {**config, **more}


def edm_config(kind, channels, multipliers, blocks, attention, classes=0, augment=0):
    return dict(
        kind=kind, channels=channels, multipliers=multipliers, blocks=blocks, attention=attention,
        classes=classes, augment=augment,
    )


def openai_config(channels, multipliers, blocks, attention, classes=0, **more):
    config = dict(
        channels=channels, multipliers=multipliers, blocks=blocks, attention=attention,
        classes=classes, parts_first=False, resample_blocks=False, scale_shift=True,
        learn_sigma=False,
    )
    return {**config, **more}


ADM = dict(resample_blocks=True, head_channels=64)

# By name: the code base of lcsc import --as, the network, its settings, side, classes, options.
SMALL = {
    "diffusers-ddpm": (
        "diffusers", diffusers,
        diffusers_config([8, 16], [False, True], 1, 8, norm_num_groups=4), 8, 0, {}),
    "diffusers-usual": (
        "diffusers", diffusers,
        diffusers_config(
            [16, 16, 32], [False, True, True], 2, 8, norm_num_groups=8, attn_norm_num_groups=8,
            attention_head_dim=8, flip_sin_to_cos=True, freq_shift=0, norm_eps=1e-5, downsample_padding=1,
            num_class_embeds=5, resnet_time_scale_shift="scale_shift"), 8, 5, {}),
    "edm-ddpmpp": ("edm", edm, edm_config("ddpmpp", 8, [2, 2], 2, [4], 5, 9), 8, 5, {}),
    "edm-ncsnpp": ("edm", edm, edm_config("ncsnpp", 8, [1, 2], 1, [4]), 8, 0, {}),
    "edm-adm": ("edm", edm, edm_config("adm", 64, [1, 2], 1, [4], 5), 8, 5, {}),
    "improved-diffusion": (
        "openai", openai,
        openai_config(32, [1, 2], 1, [4], heads=4, learn_sigma=True), 8, 0, dict(heads=4)),
    "guided-diffusion": (
        "openai", openai,
        openai_config(32, [1, 2, 2], 1, [4, 2], 5, **{**ADM, "head_channels": 16}), 8, 5,
        dict(headChannels=16)),
    "consistency": (
        "consistency", consistency,
        openai_config(
            32, [1, 2], 2, [4], 5, parts_first=True, **{**ADM, "head_channels": 16}), 8, 5,
        dict(headChannels=16)),
}

FULL = {
    "diffusers-ddpm": (
        "diffusers", diffusers,
        diffusers_config([128, 256, 256, 256], [False, True, False, False], 2, 32), 32, 0, {}),
    "edm-ddpmpp": (
        "edm", edm, edm_config("ddpmpp", 128, [2, 2, 2], 4, [16], 10, 9), 32, 10, {}),
    "edm-ncsnpp": ("edm", edm, edm_config("ncsnpp", 128, [2, 2, 2], 4, [16], 0, 9), 32, 0, {}),
    "edm-adm": (
        "edm", edm, edm_config("adm", 192, [1, 2, 3, 4], 3, [32, 16, 8], 1000), 64, 1000, {}),
    "improved-diffusion": (
        "openai", openai,
        openai_config(128, [1, 2, 3, 4], 3, [16, 8], heads=4, learn_sigma=True), 64, 0,
        dict(heads=4)),
    "guided-diffusion": (
        "openai", openai,
        openai_config(192, [1, 2, 3, 4], 3, [32, 16, 8], 1000, learn_sigma=True, **ADM), 64, 1000,
        {}),
    "consistency": (
        "consistency", consistency,
        openai_config(192, [1, 2, 3, 4], 3, [32, 16, 8], 1000, parts_first=True, **ADM), 64, 1000,
        {}),
}


def save(tensors, path):
    """As safetensors.torch.save_file does."""
    header, at = {}, 0
    for name, values in tensors.items():
        end = at + values.nbytes
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [at, end]}
        at = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for values in tensors.values():
            file.write(np.ascontiguousarray(values).tobytes())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--only")
    parser.add_argument("--weights", action="store_true")
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    for name, network in (FULL if options.full else SMALL).items():
        if options.only not in (None, name):
            continue
        kind, function, config, side, classes, told = network
        images = 1 if options.full else 2
        x = torch.from_numpy(weight("x", (images, 3 * side * side))).double() * 16
        x = x.float().double().reshape(images, 3, side, side)
        of_time = function in (diffusers, openai)
        time = torch.tensor([371.0, 12.0] if of_time else [1.5, 0.125], dtype=torch.float64)[:images]
        label = torch.tensor([3, 1])[:images]
        labels = F.one_hot(label, classes).double() if classes else None
        weights = Weights()
        with torch.no_grad():
            y = function(weights, config, x, time, labels)
        sample = {
            "as": kind,
            "side": side,
            "options": told,
            "config": config if kind == "diffusers" else None,
            "tensors": {n: list(v.shape) for n, v in weights.tensors.items()},
            "constants": {
                n: v.flatten().tolist()
                for n, v in weights.tensors.items() if n.endswith("resample_filter")
            },
            "x": x.flatten().tolist(),
            "time": time.tolist(),
            "label": label.tolist() if classes else None,
            "y": [float(f"{v:.9g}") for v in y.flatten().tolist()],
        }
        path = os.path.join(options.out, name)
        with open(path + ".json", "w") as file:
            json.dump(sample, file, separators=(",", ":"))
        if options.weights:
            folder = path
            os.makedirs(folder, exist_ok=True)
            save(weights.tensors, os.path.join(folder, "diffusion_pytorch_model.safetensors"))
            if kind == "diffusers":
                with open(os.path.join(folder, "config.json"), "w") as file:
                    json.dump(config, file)
        count = sum(v.size for v in weights.tensors.values())
        print(f"{name}: {count:,} numbers, output {tuple(y.shape)}, deviation {y.std():.3f}")


if __name__ == "__main__":
    main()
