"""Neural network layers in plain numpy: forward and backward for f32 tensors [N, H, W, C].

Channels are last because then every product below is one plain matrix product over contiguous rows, which is what the
unoptimised BLAS of a bare Debian is good at. Each layer keeps what its backward needs from the last forward, so a layer
object serves one batch at a time. `params` maps a parameter's name to its array, `grads` the same names to the
gradients of the last backward; `buffers` is state that is saved but not trained.
"""
import numpy as np


class Layer:
    """What the optimizer and the exporter see of a layer; forward and backward are for the subclass."""

    def __init__(self, params=None, buffers=None):
        self.params, self.grads, self.buffers = params or {}, {}, buffers or {}


def sum_to_channels(x):
    """Returns the sum over all axes but the last; as a product, because numpy's sum is slow along short last axes."""
    rows = x.reshape(-1, x.shape[-1])
    return np.ones(len(rows), np.float32) @ rows


def padded(x, pad):
    """Returns x with a border of zeros `pad` pixels wide."""
    if pad == 0:
        return x
    batch, height, width, channels = x.shape
    out = np.zeros((batch, height + 2 * pad, width + 2 * pad, channels), np.float32)
    out[:, pad:-pad, pad:-pad] = x
    return out


class Conv(Layer):
    """Convolution without bias (a batch normalisation follows), weight [k, k, C, M].

    The padding of k // 2 makes the output H / stride by W / stride.
    """

    def __init__(self, weight, stride=1):
        super().__init__({"weight": weight})
        self.stride = stride

    def forward(self, x, training=False):
        weight, stride = self.params["weight"], self.stride
        kernel, _, channels, filters = weight.shape
        padded_x = padded(x, kernel // 2)
        view = np.lib.stride_tricks.sliding_window_view(padded_x, (kernel, kernel), axis=(1, 2))
        view = view[:, ::stride, ::stride].transpose(0, 1, 2, 4, 5, 3)
        # im2col: one row for each output pixel, so that the whole convolution is one matrix product.
        self.rows = view.reshape(-1, kernel * kernel * channels)
        self.padded_shape = padded_x.shape
        return (self.rows @ weight.reshape(-1, filters)).reshape(*view.shape[:3], filters)

    def backward(self, dy):
        weight, stride = self.params["weight"], self.stride
        kernel, _, channels, filters = weight.shape
        _, height, width, _ = dy.shape
        dy_rows = dy.reshape(-1, filters)
        self.grads["weight"] = (self.rows.T @ dy_rows).reshape(weight.shape)
        d_rows = dy_rows @ np.ascontiguousarray(weight.reshape(-1, filters).T)
        d_windows = d_rows.reshape(*dy.shape[:3], kernel, kernel, channels)
        dx = np.zeros(self.padded_shape, np.float32)
        for i in range(kernel):
            for j in range(kernel):
                dx[:, i:i + stride * height:stride, j:j + stride * width:stride] += d_windows[:, :, :, i, j]
        pad = kernel // 2
        return dx[:, pad:dx.shape[1] - pad, pad:dx.shape[2] - pad]


class DepthwiseConv(Layer):
    """One k x k filter per channel, weight [k, k, C], no bias, same size out."""

    def __init__(self, weight):
        super().__init__({"weight": weight})

    @staticmethod
    def _shifted(padded_x, kernel):
        """Yields (i, j, the part of padded_x that tap i, j of the filter meets)."""
        height, width = padded_x.shape[1] - kernel + 1, padded_x.shape[2] - kernel + 1
        for i in range(kernel):
            for j in range(kernel):
                yield i, j, padded_x[:, i:i + height, j:j + width]

    def forward(self, x, training=False):
        weight = self.params["weight"]
        self.padded_x = padded(x, len(weight) // 2)
        return sum(part * weight[i, j] for i, j, part in self._shifted(self.padded_x, len(weight)))

    def backward(self, dy):
        weight = self.params["weight"]
        kernel = len(weight)
        self.grads["weight"] = np.empty_like(weight)
        for i, j, part in self._shifted(self.padded_x, kernel):
            self.grads["weight"][i, j] = sum_to_channels(part * dy)
        # With stride 1 the gradient of the input is dy filtered by the turned kernel.
        turned = weight[::-1, ::-1]
        return sum(part * turned[i, j] for i, j, part in self._shifted(padded(dy, kernel // 2), kernel))


class BatchNorm(Layer):
    """Normalises each channel by the batch's statistics when training, by their running average otherwise."""

    EPSILON = 1e-5
    MOMENTUM = 0.99

    def __init__(self, scale, bias, mean, var):
        super().__init__({"scale": scale, "bias": bias}, {"mean": mean, "var": var})

    def forward(self, x, training=False):
        mean, var = self.buffers["mean"], self.buffers["var"]
        if training:
            count = np.float32(x.size // x.shape[-1])
            mean = sum_to_channels(x) / count
            var = sum_to_channels((x - mean) ** 2) / count
            for name, value in (("mean", mean), ("var", var)):
                self.buffers[name] += np.float32(1 - self.MOMENTUM) * (value - self.buffers[name])
        self.inverse = 1 / np.sqrt(var + np.float32(self.EPSILON))
        self.normal = (x - mean) * self.inverse
        return self.normal * self.params["scale"] + self.params["bias"]

    def backward(self, dy):
        count = np.float32(dy.size // dy.shape[-1])
        bias, scale = sum_to_channels(dy), sum_to_channels(dy * self.normal)
        self.grads = {"scale": scale, "bias": bias}
        # The batch's mean and variance depend on x too, which takes these two components out of the gradient.
        return (dy - bias / count - self.normal * (scale / count)) * (self.params["scale"] * self.inverse)


class Relu(Layer):
    """max(x, 0)."""

    def forward(self, x, training=False):
        self.positive = x > 0
        return np.maximum(x, 0)

    def backward(self, dy):
        return dy * self.positive


class MaxPool(Layer):
    """The largest of each 2x2 block; H and W must be even. Equal largest pixels all get the gradient."""

    @staticmethod
    def _corners(x):
        return [x[:, i::2, j::2] for i in range(2) for j in range(2)]

    def forward(self, x, training=False):
        a, b, c, d = self._corners(x)
        self.x, self.y = x, np.maximum(np.maximum(a, b), np.maximum(c, d))
        return self.y

    def backward(self, dy):
        dx = np.empty_like(self.x)
        for x_corner, dx_corner in zip(self._corners(self.x), self._corners(dx)):
            np.multiply(dy, x_corner == self.y, out=dx_corner)
        return dx


class GlobalAveragePool(Layer):
    """Averages H and W away: [N, H, W, C] to [N, C]."""

    def forward(self, x, training=False):
        self.in_shape = x.shape
        return x.mean(axis=(1, 2))

    def backward(self, dy):
        area = np.float32(self.in_shape[1] * self.in_shape[2])
        return np.broadcast_to((dy / area)[:, None, None, :], self.in_shape)


class Linear(Layer):
    """y = x @ weight + bias, weight [C, classes]."""

    def __init__(self, weight, bias):
        super().__init__({"weight": weight, "bias": bias})

    def forward(self, x, training=False):
        self.x = x
        return x @ self.params["weight"] + self.params["bias"]

    def backward(self, dy):
        self.grads = {"weight": self.x.T @ dy, "bias": sum_to_channels(dy)}
        return dy @ self.params["weight"].T


def softmax(logits):
    """Returns the probabilities of each row."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)
