# Keeps every activation; parameters listed one by one.
class Sequential:
    """Layers in a row."""

    def __init__(self, layers):
        self.layers = layers

    def forward(self, x):
        """Send a batch through all layers."""
        self.activations = [x]
        for layer in self.layers:
            self.activations.append(layer.forward(self.activations[-1]))
        return self.activations[-1]

    def parameters(self):
        """List the arrays that are to be learnt."""
        found = list()
        for i in range(0, len(self.layers)):
            for p in self.layers[i].parameters():
                found.append(p)
        return found
