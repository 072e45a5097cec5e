# Flattens in forward, with other names inside the parts.
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
        self.features = nn.Sequential()
        self.features.add_module("first", nn.Conv2d(1, 6, 5, padding=2))
        self.features.add_module("relu1", nn.ReLU())
        self.features.add_module("pool1", nn.MaxPool2d(2, 2))
        self.features.add_module("second", nn.Conv2d(6, 16, 5))
        self.features.add_module("relu2", nn.ReLU())
        self.features.add_module("pool2", nn.MaxPool2d(2, 2))
        self.head = nn.Sequential(
            nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, classes)
        )

    def forward(self, x):
        """Score pictures.

        Args:
            x: float tensor of shape (N, 1, 28, 28).

        Returns:
            Tensor of shape (N, classes), raw scores.
        """
        return self.head(torch.flatten(self.features(x), 1))
