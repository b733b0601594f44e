"""Makes the vectors of this directory: python3 make.py, with PyTorch and NumPy.

Three checkpoints in each format, and what NumPy makes of them with the coefficients 0.7, -0.4, 0.7:
the sum in float64, rounded once to the type of the tensor.
"""
import json
import struct
import zipfile

import numpy as np
import torch

NAMES = {torch.float64: "F64", torch.float32: "F32", torch.float16: "F16",
         torch.bfloat16: "BF16", torch.int64: "I64", torch.bool: "BOOL"}


def save_safetensors(path, tensors, metadata):
    header, data = {"__metadata__": metadata}, b""
    for name, t in tensors.items():
        raw = t.contiguous().view(torch.uint8).numpy().tobytes() if t.dim() else t.numpy().tobytes()
        header[name] = {"dtype": NAMES[t.dtype], "shape": list(t.shape),
                        "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


def checkpoint(seed):
    g = torch.Generator().manual_seed(seed)
    model = {
        "conv.weight": torch.randn(3, 2, 3, 3, generator=g),
        "conv.bias": torch.randn(3, generator=g),
        "half": torch.randn(7, generator=g).half(),
        "brain": torch.randn(5, generator=g).bfloat16(),
        "double": torch.randn(2, 2, generator=g, dtype=torch.float64),
        "norm.running_mean": torch.randn(3, generator=g),
        "norm.num_batches_tracked": torch.tensor(seed * 100),
        "mask": torch.tensor([True, False, seed > 2]),
    }
    return model


def average(models, coefficients):
    out = {}
    for name, newest in models[-1].items():
        if newest.dtype.is_floating_point:
            total = sum(c * m[name].double().numpy() for c, m in zip(coefficients, models))
            out[name] = torch.from_numpy(np.asarray(total)).to(newest.dtype)
        else:
            out[name] = newest
    return out


if __name__ == "__main__":
    models = [checkpoint(seed) for seed in (1, 2, 3)]
    for i, model in enumerate(models):
        step = f"step-{100 * (i + 1):06d}"
        save_safetensors(f"safetensors/{step}.safetensors", model, {"step": str(100 * (i + 1))})
        numpy = {k: v.numpy() for k, v in model.items() if v.dtype != torch.bfloat16}
        np.savez(f"npz/{step}.npz", **numpy)
        tied = dict(model)
        tied["head.weight"] = tied["conv.weight"]
        flat = torch.cat([tied["conv.bias"], tied["norm.running_mean"]])
        tied["conv.bias"], tied["norm.running_mean"] = flat[:3], flat[3:]
        torch.save({"model": tied, "step": 100 * (i + 1), "note": "text"}, f"torch/{step}.pt")
    expected = average(models, [0.7, -0.4, 0.7])
    save_safetensors("expected.safetensors", expected, {"step": "300"})
    torch.save(torch.optim.SGD, "foreign.pt")
    torch.save({"weight": torch.ones(2), "empty": torch.empty(3, 0)}, "empty.pt")
