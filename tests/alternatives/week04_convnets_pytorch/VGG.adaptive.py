# Appends to the container; adaptive pooling for the mean.
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
        self.features = nn.Sequential()
        for item in plan:
            if isinstance(item, str):
                self.features.append(nn.MaxPool2d(kernel_size=2))
            else:
                self.features.append(nn.Conv2d(channels, item, 3, padding="same", bias=False))
                self.features.append(nn.BatchNorm2d(item))
                self.features.append(nn.ReLU())
                channels = item
        self.head = nn.Linear(channels, classes)

    def forward(self, x):
        """Score pictures of any size.

        Args:
            x: float tensor of shape (N, channels, H, W).

        Returns:
            Tensor of shape (N, classes), raw scores.
        """
        pooled = F.adaptive_avg_pool2d(self.features(x), 1)
        return self.head(torch.flatten(pooled, 1))
