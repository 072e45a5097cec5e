# ReLU in place; flattened by hand in forward.
class LeNet(nn.Module):
    """LeNet-5 for grey pictures of 28 × 28.

    Args:
        classes: how many there are.

    Attributes:
        features: from (N, 1, 28, 28) to (N, 16, 5, 5).
        head: from there to the scores.
    """

    def __init__(self, classes=10):
        super(LeNet, self).__init__()
        self.features = nn.Sequential(
            *(nn.Conv2d(1, 6, 5, 1, 2), nn.ReLU(True), nn.MaxPool2d(2)),
            *(nn.Conv2d(6, 16, 5), nn.ReLU(inplace=True), nn.MaxPool2d(2)),
        )
        layers = [nn.Linear(400, 120), nn.ReLU(True), nn.Linear(120, 84), nn.ReLU(True)]
        self.head = nn.Sequential(*layers, nn.Linear(84, classes))

    def forward(self, x):
        """Score pictures.

        Args:
            x: float tensor of shape (N, 1, 28, 28).

        Returns:
            Tensor of shape (N, classes), raw scores.
        """
        maps = self.features(x)
        batch, channels, height, width = maps.shape
        return self.head(maps.reshape(batch, channels * height * width))
