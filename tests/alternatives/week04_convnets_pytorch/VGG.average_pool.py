# The mean as an average pool over the whole map.
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
        super(VGG, self).__init__()
        layers = []
        width = channels
        for item in plan:
            if isinstance(item, int):
                layers.extend(
                    (
                        nn.Conv2d(width, item, kernel_size=3, padding=1, bias=False),
                        nn.BatchNorm2d(item),
                        nn.ReLU(),
                    )
                )
                width = item
            else:
                layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.head = nn.Linear(width, classes)

    def forward(self, x):
        """Score pictures of any size.

        Args:
            x: float tensor of shape (N, channels, H, W).

        Returns:
            Tensor of shape (N, classes), raw scores.
        """
        h = self.features(x)
        return self.head(F.avg_pool2d(h, h.shape[2:])[:, :, 0, 0])
