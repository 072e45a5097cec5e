"""Small, fast reference versions of what the course builds: layers, losses, an engine.

Everything is NumPy. Layers and losses carry their backward passes with them (`layers`, `losses`);
the engine differentiates programs of `Tensor`s (`engine`). Both are what students write in weeks 2
and 3; convolution and pooling (`convolution`, `pooling`) are what they write in weeks 5 and 6. A
lesson of a later week may import them.
"""

from helpers.nn.convolution import Conv2d, conv2d, conv2d_backward
from helpers.nn.engine import Tensor, no_grad
from helpers.nn.initialisers import he, xavier
from helpers.nn.layers import GELU, LeakyReLU, Linear, ReLU, Sequential, Sigmoid, Tanh
from helpers.nn.losses import (
    binary_cross_entropy_with_logits,
    cross_entropy,
    hinge,
    log_sum_exp,
    mse,
    softmax,
)
from helpers.nn.optimisers import SGD
from helpers.nn.pooling import (
    AvgPool2d,
    Flatten,
    MaxPool2d,
    avg_pool2d,
    avg_pool2d_backward,
    max_pool2d,
    max_pool2d_backward,
)

__all__ = [
    "GELU",
    "SGD",
    "AvgPool2d",
    "Conv2d",
    "Flatten",
    "LeakyReLU",
    "Linear",
    "MaxPool2d",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Tanh",
    "Tensor",
    "avg_pool2d",
    "avg_pool2d_backward",
    "binary_cross_entropy_with_logits",
    "conv2d",
    "conv2d_backward",
    "cross_entropy",
    "he",
    "hinge",
    "log_sum_exp",
    "max_pool2d",
    "max_pool2d_backward",
    "mse",
    "no_grad",
    "softmax",
    "xavier",
]
