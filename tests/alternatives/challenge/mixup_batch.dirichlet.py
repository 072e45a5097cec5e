# Draws share and rest as the two numbers of a Dirichlet distribution; adds with einsum.
def mixup_batch(images, labels, classes, alpha=0.2):
    """Mix each picture, and its target, with those of a partner."""
    count = len(images)
    targets = torch.zeros(count, classes, dtype=images.dtype).scatter_(1, labels[:, None], 1.0)
    if alpha <= 0:
        return images, targets
    shares = torch.distributions.Dirichlet(torch.full((2,), float(alpha))).sample((count,))
    shares = shares.to(images.dtype)
    other = torch.argsort(torch.rand(count))
    mixed = torch.einsum("nk,nkchw->nchw", shares, torch.stack([images, images[other]], 1))
    return mixed, torch.einsum("nk,nkc->nc", shares, torch.stack([targets, targets[other]], 1))
