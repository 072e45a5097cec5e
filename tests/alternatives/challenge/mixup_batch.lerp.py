# Interpolates by lerp, and makes one-hot targets from rows of the unit matrix.
def mixup_batch(images, labels, classes, alpha=0.2):
    """Mix each picture, and its target, with those of a partner."""
    targets = torch.eye(classes, dtype=images.dtype, device=images.device)[labels]
    if not alpha:
        return images.clone(), targets
    beta = torch.distributions.Beta(torch.tensor(float(alpha)), torch.tensor(float(alpha)))
    rest = beta.sample((len(labels),)).to(images.device, images.dtype)
    order = torch.randperm(len(labels), device=images.device)
    mixed = torch.lerp(images, images[order], rest.view(-1, 1, 1, 1))
    return mixed, torch.lerp(targets, targets[order], rest.view(-1, 1))
