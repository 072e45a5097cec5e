"""How weights begin: normal distributions that keep the size of activations level."""

import numpy as np


def xavier(fan_in: int, fan_out: int, rng: np.random.Generator) -> np.ndarray:
    """Draw weights with variance 2 / (fan_in + fan_out) (Glorot & Bengio 2010, equation 12).

    Args:
        fan_in: inputs of the layer.
        fan_out: outputs of the layer.
        rng: where the numbers come from.

    Returns:
        float64 array of shape (fan_in, fan_out).
    """
    return rng.normal(scale=np.sqrt(2.0 / (fan_in + fan_out)), size=(fan_in, fan_out))


def he(fan_in: int, fan_out: int, rng: np.random.Generator) -> np.ndarray:
    """Draw weights with variance 2 / fan_in, for rectifiers (He et al. 2015, equation 10).

    Args:
        fan_in: inputs of the layer.
        fan_out: outputs of the layer.
        rng: where the numbers come from.

    Returns:
        float64 array of shape (fan_in, fan_out).
    """
    return rng.normal(scale=np.sqrt(2.0 / fan_in), size=(fan_in, fan_out))
