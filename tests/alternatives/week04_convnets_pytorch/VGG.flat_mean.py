# Collects the layers of each block by a helper; the mean over flattened places.
class VGG(nn.Module):
    """Blocks of 3 × 3 convolution, batch normalisation and ReLU by a plan, then one linear layer.

    Args:
        plan: tuple of numbers (a block with so many channels) and "pool" (max pooling by 2).
        classes: how many there are.
        channels: of the pictures.

    Attributes:
        features: `nn.Sequential` of conv, norm, ReLU for each block, and of the pools.
        head: `nn.Linear` from the last block's channels to the classes.
    """

    def __init__(self, plan, classes, channels=1):
        super().__init__()

        def block(inside, outside):
            conv = nn.Conv2d(inside, outside, (3, 3), (1, 1), (1, 1), bias=False)
            return [conv, nn.BatchNorm2d(outside), nn.ReLU()]

        widths = [channels, *(item for item in plan if item != "pool")]
        blocks = iter([block(*pair) for pair in zip(widths[:-1], widths[1:])])
        layers = [[nn.MaxPool2d(2, 2)] if item == "pool" else next(blocks) for item in plan]
        self.features = nn.Sequential(*[layer for part in layers for layer in part])
        self.head = nn.Linear(widths[-1], classes)

    def forward(self, x):
        """Score pictures of any size.

        Args:
            x: float tensor of shape (N, channels, H, W).

        Returns:
            Tensor of shape (N, classes), raw scores.
        """
        return self.head(self.features(x).flatten(2).mean(2))
