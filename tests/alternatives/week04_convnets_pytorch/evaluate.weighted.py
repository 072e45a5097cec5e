# Batch means weighted by size; gradients off by a switch.
def evaluate(model, batches, device="cpu"):
    """Measure without learning, and leave the model in the mode in which it was.

    Args:
        model: an `nn.Module` on the device.
        batches: iterable of pairs: inputs (N, …) and labels (N,), on any device; it may be such
            as can be gone through only once.
        device: where to compute.

    Returns:
        loss: mean cross-entropy of the samples, a float.
        accuracy: share of the samples whose highest score is their label's, a float from 0 to 1.
    """
    before = model.training
    model.eval()
    total = hits = n = 0
    recording = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    for x, y in batches:
        x, y = x.to(device), y.to(device)
        output = model(x)
        size = y.shape[0]
        total += size * F.cross_entropy(output, y).item()
        hits += int(torch.eq(output.max(dim=1).indices, y).sum())
        n += size
    torch.set_grad_enabled(recording)
    if before:
        model.train()
    return total / n, hits / n


class _Parcel:  # given: a tensor that notes where it is sent
    def __init__(self, content):
        self.content, self.sent = content, []
        self.shape, self.size = content.shape, content.size

    def __len__(self):
        return len(self.content)

    def to(self, device, **_):
        self.sent.append(str(device))
        return self.content
