# Masks for all places at once.
def occlusion_map(score, image, size, stride=1, fill=0.0):
    """By how much a score drops when a square of the picture is covered, place by place.

    Args:
        score: function of a batch (N, C, H, W) that gives N scores, a tensor of shape (N,).
        image: float tensor of shape (C, H, W). Not modified.
        size: side of the square in pixels.
        stride: pixels from place to place.
        fill: the number that covers.

    Returns:
        Tensor of shape (places down, places across) without gradients.
    """
    _, height, width = image.shape
    tops = torch.arange(0, height - size + 1, stride)
    lefts = torch.arange(0, width - size + 1, stride)
    y, x = torch.arange(height), torch.arange(width)
    rows = (y >= tops[:, None]) & (y < tops[:, None] + size)
    columns = (x >= lefts[:, None]) & (x < lefts[:, None] + size)
    masks = (rows[:, None, :, None] & columns[None, :, None, :]).reshape(-1, 1, height, width)
    pictures = torch.where(masks, torch.tensor(fill, dtype=image.dtype), image[None])
    with torch.no_grad():
        scores = score(torch.cat([image[None], pictures]))
    return (scores[0] - scores[1:]).reshape(len(tops), len(lefts))


class _Score(nn.Module):  # given: for the checks, a score with a weight that learns
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(2.0))

    def forward(self, batch):
        return self.weight * batch.sum(dim=(1, 2, 3))
