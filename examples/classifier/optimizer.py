"""Adam with a cosine learning rate: how train.py turns gradients into steps."""
import numpy as np


class Adam:
    """Updates the arrays of each layer's `params` in place.

    The rate falls from `rate` to zero along half a cosine over `steps` steps. Decay is applied to the weights directly
    (AdamW, https://arxiv.org/abs/1711.05101), except to vectors: biases and normalisation do not overfit.
    """

    DECAY_MEAN, DECAY_SQUARE, EPSILON = 0.9, 0.99, 1e-8

    def __init__(self, layers, rate, steps, weight_decay=0.0):
        self.layers, self.rate, self.steps, self.weight_decay = layers, rate, steps, weight_decay
        self.moments = [{name: (np.zeros_like(p), np.zeros_like(p)) for name, p in layer.params.items()}
                        for layer in layers]
        self.step_count = 0

    def step(self):
        rate = self.rate * 0.5 * (1 + np.cos(np.pi * self.step_count / self.steps))
        self.step_count += 1
        unbias_mean = 1 - self.DECAY_MEAN ** self.step_count
        unbias_square = 1 - self.DECAY_SQUARE ** self.step_count
        for layer, moments in zip(self.layers, self.moments):
            for name, (mean, square) in moments.items():
                gradient, value = layer.grads[name], layer.params[name]
                mean += (1 - self.DECAY_MEAN) * (gradient - mean)
                square += (1 - self.DECAY_SQUARE) * (gradient * gradient - square)
                if value.ndim > 1:
                    value *= 1 - rate * self.weight_decay
                value -= rate * (mean / unbias_mean) / (np.sqrt(square / unbias_square) + self.EPSILON)
