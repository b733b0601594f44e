"""The digits, the network and safetensors files; without the safetensors package, in a few lines."""
import gzip
import json
import os
import struct

import numpy as np
import torch

DIGITS = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      "../java/classifier/src/main/resources/digits.csv.gz")
SETS = {"train": (0, 500), "search": (500, 1100), "validation": (1100, 1400), "report": (1400, 1797)}


def load(name):
    """Images [N, 1, 8, 8] in [-1, 1] and labels [N] of one of four disjoint sets."""
    rows = np.loadtxt(gzip.open(DIGITS), delimiter=",", dtype=np.float32)
    rows = rows[np.random.default_rng(0).permutation(len(rows))]
    begin, end = SETS[name]
    images = torch.from_numpy(rows[begin:end, :64].reshape(-1, 1, 8, 8) / 8 - 1)
    return images, torch.from_numpy(rows[begin:end, 64].astype(np.int64))


def network():
    return torch.nn.Sequential(
        torch.nn.Conv2d(1, 16, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(16, 32, 3, padding=1), torch.nn.ReLU(), torch.nn.Flatten(),
        torch.nn.Linear(32 * 16, 10))


def save(tensors, path):
    """As safetensors.torch.save_file does, but whole or not at all."""
    header, data = {}, b""
    for name, tensor in tensors.items():
        raw = tensor.detach().contiguous().numpy().tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape),
                        "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path + ".tmp", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)
    os.replace(path + ".tmp", path)


def restore(model, path):
    with open(path, "rb") as file:
        content = file.read()
    start = 8 + struct.unpack("<Q", content[:8])[0]
    state = {}
    for name, entry in json.loads(content[8:start]).items():
        if name != "__metadata__":
            begin, end = (start + offset for offset in entry["data_offsets"])
            values = np.frombuffer(content[begin:end], np.float32).reshape(entry["shape"])
            state[name] = torch.from_numpy(values.copy())
    model.load_state_dict(state)
