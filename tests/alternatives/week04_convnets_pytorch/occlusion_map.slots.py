# Fills a map of zeros, one score at a time, with item().
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
    height = output_size(image.shape[1], size, stride)
    width = output_size(image.shape[2], size, stride)
    drops = torch.zeros(height, width)
    with torch.no_grad():
        whole = score(image[None]).item()
        for i in range(height):
            for j in range(width):
                picture = image.detach().clone()
                window = picture[:, stride * i :, stride * j :][:, :size, :size]
                window[...] = fill
                drops[i, j] = whole - score(picture.unsqueeze(0)).item()
    return drops


class _Score(nn.Module):  # given: for the checks, a score with a weight that learns
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(2.0))

    def forward(self, batch):
        return self.weight * batch.sum(dim=(1, 2, 3))
