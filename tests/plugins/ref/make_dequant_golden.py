#!/usr/bin/env python3
"""Writes dequant_golden.txt: packed blocks and the numbers that independent decoders see in them.

Needs numpy, gguf and ml_dtypes from PyPI; the build needs none of them. Run again only for a new scheme:
    make_dequant_golden.py > dequant_golden.txt
Each scheme has a line "SCHEME BYTES NUMBERS", both in hexadecimal; numbers are f32, little-endian.
"""
import gguf
import ml_dtypes
import numpy as np

GGUF = ["q4_0", "q4_1", "q5_0", "q5_1", "q8_0", "q2_k", "q3_k", "q4_k", "q5_k", "q6_k", "iq4_nl", "iq4_xs"]
# Where a block has its f16 numbers: random bits there could be infinite.
HALVES = {"q4_0": [0], "q4_1": [0, 2], "q5_0": [0], "q5_1": [0, 2], "q8_0": [0], "q2_k": [80, 82], "q3_k": [108],
          "q4_k": [0, 2], "q5_k": [0, 2], "q6_k": [208], "iq4_nl": [0], "iq4_xs": [0]}


def of_gguf(name, random):
    kind = getattr(gguf.GGMLQuantizationType, name.upper())
    size = gguf.GGML_QUANT_SIZES[kind][1]
    data = random.integers(0, 256, size, dtype=np.uint8)
    for at in HALVES[name]:
        data[at:at + 2] = np.array([random.uniform(-0.1, 0.1)], dtype=np.float16).view(np.uint8)
    return data, gguf.dequantize(data.reshape(1, -1), kind).reshape(-1)


def e2m1(codes):
    return codes.view(ml_dtypes.float4_e2m1fn).astype(np.float32)


def of_mxfp4(random):
    data = random.integers(0, 256, 17, dtype=np.uint8)
    data[0] = 121
    scale = data[:1].view(ml_dtypes.float8_e8m0fnu).astype(np.float32)
    numbers = scale * np.concatenate([e2m1(data[1:] & 15), e2m1(data[1:] >> 4)])
    assert (numbers == gguf.dequantize(data.reshape(1, -1), gguf.GGMLQuantizationType.MXFP4).reshape(-1)).all()
    return data, numbers


def of_nvfp4(random):
    data = random.integers(0, 256, 36, dtype=np.uint8)
    data[:4] = [0x03, 0x38, 0x7e, 0x41]  # a denormal, one, the largest, another
    scales = data[:4].view(ml_dtypes.float8_e4m3fn).astype(np.float32)
    codes = data[4:].reshape(4, 8)
    numbers = np.concatenate([scales[i] * np.concatenate([e2m1(codes[i] & 15), e2m1(codes[i] >> 4)]) for i in range(4)])
    assert (numbers == gguf.dequantize(data.reshape(1, -1), gguf.GGMLQuantizationType.NVFP4).reshape(-1)).all()
    return data, numbers


def of_q8_k(random):
    codes = random.integers(-128, 128, 256).astype(np.int8)
    sums = codes.reshape(16, 16).sum(axis=1).astype(np.int16)
    scale = np.array([0.0123], dtype=np.float32)
    return np.concatenate([scale.view(np.uint8), codes.view(np.uint8), sums.view(np.uint8)]), scale * codes


def main():
    random = np.random.default_rng(1)
    made = {name: of_gguf(name, random) for name in GGUF}
    made["mxfp4"], made["nvfp4"], made["q8_k"] = of_mxfp4(random), of_nvfp4(random), of_q8_k(random)
    every = np.arange(256, dtype=np.uint8)
    made["fp8_e4m3"] = every, every.view(ml_dtypes.float8_e4m3fn).astype(np.float32)
    made["fp8_e5m2"] = every, every.view(ml_dtypes.float8_e5m2).astype(np.float32)
    for name, (data, numbers) in made.items():
        print(name, data.tobytes().hex(), numbers.astype("<f4").tobytes().hex())


if __name__ == "__main__":
    main()
