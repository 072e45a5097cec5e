# Draws the shares with NumPy, and mixes targets by adding two entries in place of one-hot rows.
def mixup_batch(images, labels, classes, alpha=0.2):
    """Mix each picture, and its target, with those of a partner."""
    count = images.shape[0]
    share = np.random.beta(alpha, alpha, size=count) if alpha > 0 else np.ones(count)
    share = torch.as_tensor(share, dtype=images.dtype, device=images.device)
    order = torch.from_numpy(np.random.permutation(count)).to(images.device)
    targets = torch.zeros(count, classes, dtype=images.dtype, device=images.device)
    targets.scatter_add_(1, labels[:, None], share[:, None])
    targets.scatter_add_(1, labels[order][:, None], 1 - share[:, None])
    mixed = torch.einsum("n,nchw->nchw", share, images)
    return mixed + torch.einsum("n,nchw->nchw", 1 - share, images[order]), targets
