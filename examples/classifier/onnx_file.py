"""Writes the trained network as an ONNX model, and runs such a model with the layers it was trained with.

Writing is for train.py, running for verify.py. ONNX has channels first, layers.py has them last: the weights are turned
here, on the way out and on the way in.
"""
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import layers
import network

OPSET, IR_VERSION = 13, 8  # old enough for any reader of today
INPUT, OUTPUT = "image", "probabilities"


class _GraphWriter:
    """Collects nodes and initializers. Each method returns the name of the tensor it adds; `x` is the one it reads."""

    def __init__(self):
        self.nodes, self.initializers = [], []

    def node(self, op_type, name, inputs, output=None, **attributes):
        output = output or name
        self.nodes.append(helper.make_node(op_type, inputs, [output], name=name, **attributes))
        return output

    def array(self, name, value):
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def convolution(self, name, x, weight, stride, group):
        kernel = weight.shape[-1]
        return self.node("Conv", name, [x, self.array(f"{name}.weight", weight)], kernel_shape=[kernel] * 2,
                         strides=[stride] * 2, pads=[kernel // 2] * 4, group=group)

    def batch_norm(self, name, x, layer):
        arrays = {**layer.params, **layer.buffers}
        inputs = [self.array(f"{name}.{part}", arrays[part]) for part in ("scale", "bias", "mean", "var")]
        return self.node("BatchNormalization", name, [x, *inputs], epsilon=layer.EPSILON, momentum=layer.MOMENTUM)

    def linear(self, name, x, layer):
        weight = self.array(f"{name}.weight", layer.params["weight"].T)
        bias = self.array(f"{name}.bias", layer.params["bias"])
        flat = self.node("Flatten", f"{name}.flatten", [x], axis=1)
        return self.node("Gemm", name, [flat, weight, bias], transB=1)

    def layer(self, name, layer, x):
        if isinstance(layer, network.Sequence):
            for inner_name, inner in layer.named:
                x = self.layer(f"{name}.{inner_name}" if name else inner_name, inner, x)
            return x
        if isinstance(layer, network.Residual):
            return self.node("Add", f"{name}.add", [x, self.layer(name, layer.body, x)])
        if isinstance(layer, layers.Conv):
            return self.convolution(name, x, layer.params["weight"].transpose(3, 2, 0, 1), layer.stride, group=1)
        if isinstance(layer, layers.DepthwiseConv):
            weight = layer.params["weight"].transpose(2, 0, 1)[:, None]
            return self.convolution(name, x, weight, stride=1, group=len(weight))
        if isinstance(layer, layers.BatchNorm):
            return self.batch_norm(name, x, layer)
        if isinstance(layer, layers.Relu):
            return self.node("Relu", name, [x])
        if isinstance(layer, layers.MaxPool):
            return self.node("MaxPool", name, [x], kernel_shape=[2, 2], strides=[2, 2])
        if isinstance(layer, layers.GlobalAveragePool):
            return self.node("GlobalAveragePool", name, [x])
        if isinstance(layer, layers.Linear):
            return self.linear(name, x, layer)
        raise TypeError(f"{name}: no ONNX form for a {type(layer).__name__}")


def write(path, classifier, labels, size):
    """Writes the model for any number of one-channel images of `size` x `size` pixels."""
    writer = _GraphWriter()
    logits = writer.layer("", classifier, INPUT)
    writer.node("Softmax", "softmax", [logits], OUTPUT, axis=1)
    image = helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["N", 1, size, size], "gray, byte / 255")
    probabilities = helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["N", len(labels)])
    graph = helper.make_graph(writer.nodes, "shape_classifier", [image], [probabilities], writer.initializers)
    model = helper.make_model(graph, producer_name="rlx-examples", ir_version=IR_VERSION,
                              opset_imports=[helper.make_opsetid("", OPSET)])
    helper.set_model_props(model, {"labels": ",".join(labels)})
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString(deterministic=True))


def _run_conv(x, weight, kernel_shape, strides, pads, group):
    if pads != [kernel_shape[0] // 2] * 4 or strides[0] != strides[1]:
        raise ValueError(f"Conv: pads {pads}, strides {strides} are not what layers.py does")
    if group == 1:
        return layers.Conv(weight.transpose(2, 3, 1, 0), strides[0]).forward(x)
    return layers.DepthwiseConv(weight[:, 0].transpose(1, 2, 0)).forward(x)


# How each operator of write() runs on channels-last tensors; its ONNX attributes come as keywords.
_RUN = {
    "Conv": _run_conv,
    "BatchNormalization": lambda x, *arrays, epsilon, momentum: layers.BatchNorm(*arrays).forward(x),
    "Relu": lambda x: layers.Relu().forward(x),
    "Add": lambda a, b: a + b,
    "MaxPool": lambda x, kernel_shape, strides: layers.MaxPool().forward(x),
    "GlobalAveragePool": lambda x: layers.GlobalAveragePool().forward(x),
    "Flatten": lambda x, axis: x.reshape(len(x), -1),
    "Gemm": lambda x, weight, bias, transB: layers.Linear(weight.T, bias).forward(x),
    "Softmax": lambda x, axis: layers.softmax(x),
}


def run(model, images):
    """Runs a model that write() made on f32 [N, H, W, 1]; returns the probabilities [N, classes]."""
    tensors = {array.name: numpy_helper.to_array(array) for array in model.graph.initializer}
    tensors[INPUT] = images
    for node in model.graph.node:
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        tensors[node.output[0]] = _RUN[node.op_type](*(tensors[name] for name in node.input), **attributes)
    return tensors[OUTPUT]


def labels_of(model):
    """Returns the class names that write() stored in the model."""
    return {entry.key: entry.value for entry in model.metadata_props}["labels"].split(",")
