# Adds modules by number; means one axis after the other.
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

        def add(module):
            self.features.add_module(str(len(self.features)), module)

        for item in plan:
            if item == "pool":
                add(nn.MaxPool2d(kernel_size=(2, 2), stride=2))
            else:
                add(nn.Conv2d(channels, item, 3, 1, 1, bias=False))
                add(nn.BatchNorm2d(item))
                add(nn.ReLU(inplace=True))
            channels = channels if item == "pool" else item
        self.head = nn.Linear(in_features=channels, out_features=classes)

    def forward(self, x):
        """Score pictures of any size.

        Args:
            x: float tensor of shape (N, channels, H, W).

        Returns:
            Tensor of shape (N, classes), raw scores.
        """
        h = self.features(x)
        h = h.mean(3).mean(2)
        return self.head(h)
