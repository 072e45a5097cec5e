# One batch for each row of places; masked_fill.
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
    channels, height, width = image.shape
    down = output_size(height, size, stride)
    across = output_size(width, size, stride)
    rows = []
    for i in range(down):
        mask = torch.zeros(across, 1, height, width, dtype=torch.bool)
        for j in range(across):
            mask[j, 0, i * stride : i * stride + size, j * stride : j * stride + size] = True
        batch = image.detach().expand(across, channels, height, width).masked_fill(mask, fill)
        with torch.no_grad():
            rows.append(score(image.detach()[None]) - score(batch))
    return torch.stack(rows)


class _Score(nn.Module):  # given: for the checks, a score with a weight that learns
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(2.0))

    def forward(self, batch):
        return self.weight * batch.sum(dim=(1, 2, 3))
