# One ReLU and one pool used over and over; a view for the flattening.
class LeNet(nn.Module):
    """LeNet-5 for grey pictures of 28 × 28.

    Args:
        classes: how many there are.

    Attributes:
        features: from (N, 1, 28, 28) to (N, 16, 5, 5).
        head: from there to the scores.
    """

    def __init__(self, classes=10):
        nn.Module.__init__(self)
        relu, pool = nn.ReLU(), nn.MaxPool2d(kernel_size=2, stride=2)
        first = nn.Conv2d(1, 6, (5, 5), padding="same")
        self.features = nn.Sequential(first, relu, pool, nn.Conv2d(6, 16, 5), relu, pool)
        wide, narrow, last = nn.Linear(16 * 25, 120), nn.Linear(120, 84), nn.Linear(84, classes)
        self.head = nn.Sequential(wide, relu, narrow, relu, last)

    def forward(self, x):
        """Score pictures.

        Args:
            x: float tensor of shape (N, 1, 28, 28).

        Returns:
            Tensor of shape (N, classes), raw scores.
        """
        h = self.features(x)
        return self.head(h.view(h.size(0), -1))
