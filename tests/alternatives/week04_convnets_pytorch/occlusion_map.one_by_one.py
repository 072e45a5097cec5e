# One covered picture after the other.
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
    with torch.no_grad():
        base = float(score(image.unsqueeze(0))[0])
        rows = []
        for top in range(0, image.shape[1] - size + 1, stride):
            row = []
            for left in range(0, image.shape[2] - size + 1, stride):
                copy = image.clone()
                copy[:, top : top + size, left : left + size] = fill
                row.append(base - float(score(copy[None])[0]))
            rows.append(row)
    return torch.tensor(rows)


class _Score(nn.Module):  # given: for the checks, a score with a weight that learns
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(2.0))

    def forward(self, batch):
        return self.weight * batch.sum(dim=(1, 2, 3))
