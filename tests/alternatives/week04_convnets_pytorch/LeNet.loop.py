# Puts the same layers together in loops.
class LeNet(nn.Module):
    """LeNet-5 for grey pictures of 28 × 28.

    Args:
        classes: how many there are.

    Attributes:
        features: from (N, 1, 28, 28) to (N, 16, 5, 5).
        head: from there to the scores.
    """

    def __init__(self, classes=10):
        super().__init__()
        layers = []
        for inside, outside, padding in ((1, 6, 2), (6, 16, 0)):
            layers += [nn.Conv2d(inside, outside, 5, padding=padding), nn.ReLU(), nn.MaxPool2d(2)]
        self.features = nn.Sequential(*layers)
        layers = [nn.Flatten(), nn.Linear(16 * 5 * 5, 120)]
        for inside, outside in ((120, 84), (84, classes)):
            layers += [nn.ReLU(), nn.Linear(inside, outside)]
        self.head = nn.Sequential(*layers)

    def forward(self, x):
        """Score pictures.

        Args:
            x: float tensor of shape (N, 1, 28, 28).

        Returns:
            Tensor of shape (N, classes), raw scores.
        """
        x = self.features(x)
        return self.head(x)
