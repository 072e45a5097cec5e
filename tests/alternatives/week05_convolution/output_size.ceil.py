# Rounds the number of starts up, and spells the covered pixels out another way.
import math


def output_size(size, kernel, stride=1, padding=0, dilation=1):
    """Count the places of a kernel along one axis."""
    covered = kernel + (kernel - 1) * (dilation - 1)
    padded = size + padding + padding
    if covered > padded:
        raise ValueError
    return math.ceil((padded - covered + 1) / stride)
