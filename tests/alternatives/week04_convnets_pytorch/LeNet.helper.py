# A helper makes a block; blocks are spread into the container.
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

        def block(*sizes, **settings):
            return nn.Conv2d(*sizes, **settings), nn.ReLU(), nn.MaxPool2d(2)

        self.features = nn.Sequential(*block(1, 6, 5, padding=2), *block(6, 16, 5))
        widths = [400, 120, 84]
        dense = [nn.Flatten(start_dim=1)]
        for inputs, outputs in zip(widths, widths[1:]):
            dense.extend([nn.Linear(inputs, outputs), nn.ReLU()])
        dense.append(nn.Linear(widths[-1], classes))
        self.head = nn.Sequential(*dense)

    def forward(self, x):
        """Score pictures.

        Args:
            x: float tensor of shape (N, 1, 28, 28).

        Returns:
            Tensor of shape (N, classes), raw scores.
        """
        x = self.features(x)
        x = self.head(x)
        return x
