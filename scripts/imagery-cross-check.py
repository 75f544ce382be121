"""The other side of imagery-cross-check.ts: the same quantities from the same numbers, by numpy and from the formulas alone.

Reads a folder with raw little-endian arrays, prints one JSON object. Nothing of the code under test is used here.
"""
import json
import sys
from pathlib import Path

import numpy as np

folder = Path(sys.argv[1])
facts = json.loads((folder / "facts.json").read_text())
width, height = facts["width"], facts["height"]


def read(name, kind):
    return np.fromfile(folder / name, dtype=kind).reshape(height, width)


def ndvi(red, nir):
    red, nir = red.astype(np.float64), nir.astype(np.float64)
    total = red + nir
    is_valid = (total > 0) & (np.maximum(red, nir) >= 0.01)
    ratio = np.divide(nir - red, total, out=np.zeros_like(total), where=is_valid)
    return np.clip(ratio, -1, 1), is_valid


red_b, nir_b, red_a, nir_a = (read(f"{name}.f32", "<f4") for name in ("red_before", "nir_before", "red_after", "nir_after"))
mask_b, mask_a = (read(f"{name}.u8", "u1") for name in ("mask_before", "mask_after"))
before, valid_b = ndvi(red_b, nir_b)
after, valid_a = ndvi(red_a, nir_a)
clear_b, clear_a = valid_b & (mask_b == 0), valid_a & (mask_a == 0)
both = clear_b & clear_a
delta = (after - before)[both]
classes_b = np.digitize(before, [0, 0.2, 0.4, 0.6])
classes_a = np.digitize(after, [0, 0.2, 0.4, 0.6])
transitions = np.zeros((5, 5), dtype=int)
np.add.at(transitions, (classes_b[both], classes_a[both]), 1)
scaled = np.clip((before[clear_b] - 0.05) / 0.81, 0, 1) ** 2

# Point in polygon by the winding of angles, which has nothing in common with filling between crossings.
corners = np.array(facts["polygon"], dtype=np.float64).reshape(-1, 2)
x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
angles = np.zeros((height, width))
for start, end in zip(corners, np.roll(corners, -1, axis=0)):
    ax, ay, bx, by = start[0] - x, start[1] - y, end[0] - x, end[1] - y
    angles += np.arctan2(ax * by - ay * bx, ax * bx + ay * by)
inside = np.abs(angles) > np.pi

# Bilinear interpolation at (x + 0.3, y − 0.4) away from the edges.
u, v = 0.3, 0.6
inner = nir_b.astype(np.float64)
bilinear = (1 - v) * ((1 - u) * inner[:-2, 1:-1] + u * inner[:-2, 2:]) + v * ((1 - u) * inner[1:-1, 1:-1] + u * inner[1:-1, 2:])

design = np.column_stack([red_b.ravel(), red_a.ravel(), np.ones(width * height)]).astype(np.float64)
target = nir_b.ravel().astype(np.float64)
fitted = design @ np.linalg.lstsq(design, target, rcond=None)[0]
r_squared = 1 - ((target - fitted) ** 2).sum() / ((target - target.mean()) ** 2).sum()

dilated = mask_b == 4
grown = np.zeros_like(dilated)
for row in range(-2, 3):
    for col in range(-2, 3):
        shifted = np.zeros_like(dilated)
        shifted[max(0, row) : height + min(0, row), max(0, col) : width + min(0, col)] = dilated[
            max(0, -row) : height + min(0, -row), max(0, -col) : width + min(0, -col)
        ]
        grown |= shifted

print(
    json.dumps(
        {
            "ndvi mean": before[clear_b].mean(),
            "ndvi standard deviation": before[clear_b].std(),
            "ndvi median": float(np.median(before[clear_b])),
            "pixels counted": int(clear_b.sum()),
            "pixels compared": int(both.sum()),
            "change mean": delta.mean(),
            "change standard deviation": delta.std(),
            "change median": float(np.median(delta)),
            "share gained over 0.1": (delta > 0.1).mean(),
            "share lost over 0.2": (delta < -0.2).mean(),
            "cover after Carlson and Ripley": scaled.mean(),
            "pixels in the polygon": int(inside.sum()),
            "sum of bilinear values": bilinear.sum(),
            "explained share of infrared": r_squared,
            "pixels of widened cloud": int(grown.sum()),
            **{f"transition {i} to {j}": int(transitions[i, j]) for i in range(5) for j in range(5)},
        }
    )
)
