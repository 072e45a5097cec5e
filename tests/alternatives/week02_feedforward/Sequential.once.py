# Walks an iterator; an array that stands in several layers is listed once.
class Sequential:
    """Layers in a row."""

    def __init__(self, layers):
        self.layers = layers

    def forward(self, x):
        """Send a batch through all layers."""
        steps = iter(self.layers)
        while (layer := next(steps, None)) is not None:
            x = layer.forward(x)
        return x

    def parameters(self):
        """List the arrays that are to be learnt."""
        once = {id(p): p for layer in self.layers for p in layer.parameters()}
        return [*once.values()]
