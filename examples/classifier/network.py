"""The classifier: which layers, in which order, their first weights, and the two wires of a residual block.

train.py trains what classifier() builds; onnx_file.py walks it to export it.
"""
import numpy as np

import layers


class Sequence(layers.Layer):
    """Layers one after the other, given as (name, layer)."""

    def __init__(self, *named):
        super().__init__()
        self.named = named

    def forward(self, x, training=False):
        for _, layer in self.named:
            x = layer.forward(x, training)
        return x

    def backward(self, dy):
        for _, layer in reversed(self.named):
            dy = layer.backward(dy)
        return dy


class Residual(layers.Layer):
    """x + body(x); the body keeps the shape."""

    def __init__(self, *body):
        super().__init__()
        self.body = Sequence(*body)

    def forward(self, x, training=False):
        return x + self.body.forward(x, training)

    def backward(self, dy):
        return dy + self.body.backward(dy)


def _weight(rng, shape, fan_in, gain=2):
    # Gain 2 keeps the variance through a relu (https://arxiv.org/abs/1502.01852).
    return rng.normal(0, np.sqrt(gain / fan_in), shape).astype(np.float32)


def _conv(rng, channels, filters, kernel, stride=1):
    shape = (kernel, kernel, channels, filters)
    return layers.Conv(_weight(rng, shape, kernel * kernel * channels), stride)


def _norm(channels):
    zeros, ones = (lambda: np.zeros(channels, np.float32)), (lambda: np.ones(channels, np.float32))
    return layers.BatchNorm(ones(), zeros(), zeros(), ones())


def _separable_block(rng, channels):
    """A 3x3 filter for each channel, then a mix of the channels: far cheaper than a full 3x3 convolution."""
    return Residual(
        ("depthwise", layers.DepthwiseConv(_weight(rng, (3, 3, channels), 9))),
        ("depthwise_norm", _norm(channels)),
        ("depthwise_relu", layers.Relu()),
        ("pointwise", _conv(rng, channels, channels, kernel=1)),
        ("pointwise_norm", _norm(channels)),
    )


def classifier(rng, classes):
    """Builds the untrained network: f32 [N, 32, 32, 1] to logits [N, classes]."""
    narrow, middle, wide = 12, 24, 48
    return Sequence(
        ("stem", _conv(rng, 1, narrow, kernel=5, stride=2)),
        ("stem_norm", _norm(narrow)),
        ("stem_relu", layers.Relu()),
        ("block1", _separable_block(rng, narrow)),
        ("block1_relu", layers.Relu()),
        ("pool1", layers.MaxPool()),
        ("conv2", _conv(rng, narrow, middle, kernel=3)),
        ("conv2_norm", _norm(middle)),
        ("conv2_relu", layers.Relu()),
        ("block2", _separable_block(rng, middle)),
        ("block2_relu", layers.Relu()),
        ("pool2", layers.MaxPool()),
        ("conv3", _conv(rng, middle, wide, kernel=3)),
        ("conv3_norm", _norm(wide)),
        ("conv3_relu", layers.Relu()),
        ("average", layers.GlobalAveragePool()),
        ("head", layers.Linear(_weight(rng, (wide, classes), wide, gain=1), np.zeros(classes, np.float32))),
    )


def trainable(layer):
    """Yields every layer with parameters in and below `layer`, in the order of forward."""
    if isinstance(layer, Residual):
        layer = layer.body
    if isinstance(layer, Sequence):
        for _, inner in layer.named:
            yield from trainable(inner)
    elif layer.params:
        yield layer
