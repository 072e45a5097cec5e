# An accumulator and a list that is extended.
class Sequential:
    """Layers in a row."""

    def __init__(self, layers):
        self.layers = layers

    def forward(self, x):
        """Send a batch through all layers."""
        output = x
        for place in range(len(self.layers)):
            output = self.layers[place].forward(output)
        return output

    def parameters(self):
        """List the arrays that are to be learnt."""
        arrays = []
        for layer in self.layers:
            arrays.extend(layer.parameters())
        return arrays
