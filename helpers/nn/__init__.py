"""Small, fast reference versions of what the course builds: layers, losses, an engine.

Everything is NumPy. Layers and losses carry their backward passes with them (`layers`, `losses`);
the engine differentiates programs of `Tensor`s (`engine`); images go through `convolution` and
`pooling`. All of it is what students write in some week. A module opens to them as a whole, after
the last week that teaches any part of it (`[opens_after]` in course.toml); until then it is not in
their copy of this package.
"""

from helpers.nn.convolution import Conv2d, conv2d, conv2d_backward
from helpers.nn.engine import Tensor, no_grad
from helpers.nn.initialisers import he, xavier
from helpers.nn.layers import GELU, LeakyReLU, Linear, ReLU, Sequential, Sigmoid, Tanh
from helpers.nn.losses import (
    binary_cross_entropy_with_logits,
    cross_entropy,
    hinge,
    mse,
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
from helpers.nn.probabilities import log_sum_exp, softmax
from helpers.nn.training import check_gradients, train_epoch

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
    "check_gradients",
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
    "train_epoch",
    "xavier",
]
