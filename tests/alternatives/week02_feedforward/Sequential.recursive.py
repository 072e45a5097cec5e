# Itself for all layers but the first; parameters by +=.
class Sequential:
    """Layers in a row."""

    def __init__(self, layers):
        self.layers = layers

    def forward(self, x):
        """Send a batch through all layers."""
        if len(self.layers) == 0:
            return x
        first, *others = self.layers
        return Sequential(others).forward(first.forward(x))

    def parameters(self):
        """List the arrays that are to be learnt."""
        arrays = []
        for layer in self.layers:
            arrays += layer.parameters()
        return arrays
