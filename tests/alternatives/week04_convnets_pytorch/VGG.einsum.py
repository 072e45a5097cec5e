# The last number of the plan for the head; the mean as a sum over places.
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
        parts, inside = [], channels
        for step in plan:
            match step:
                case "pool":
                    parts += [nn.MaxPool2d(2)]
                case outside:
                    conv = nn.Conv2d(inside, outside, (3, 3), padding=(1, 1), bias=False)
                    parts += [conv, nn.BatchNorm2d(outside), nn.ReLU()]
                    inside = outside
        self.features = nn.Sequential(*parts)
        numbers = [item for item in plan if item != "pool"]
        self.head = nn.Linear(numbers[-1], classes)

    def forward(self, x):
        """Score pictures of any size.

        Args:
            x: float tensor of shape (N, channels, H, W).

        Returns:
            Tensor of shape (N, classes), raw scores.
        """
        h = self.features(x)
        places = h.shape[2] * h.shape[3]
        return self.head(torch.einsum("nchw->nc", h) / places)
