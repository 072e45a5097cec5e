# Folds with functools, and adds lists.
import functools


class Sequential:
    """Layers in a row."""

    def __init__(self, layers):
        self.layers = layers

    def forward(self, x):
        """Send a batch through all layers."""
        return functools.reduce(lambda h, layer: layer.forward(h), self.layers, x)

    def parameters(self):
        """List the arrays that are to be learnt."""
        return sum((layer.parameters() for layer in self.layers), [])
