# A list of NumPy scalars comes back.
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
    mode = model.training
    model.eval()
    losses, hits = [], []
    for inputs, labels in batches:
        with torch.no_grad():
            y = labels.to(device)
            logits = model(inputs.to(device)).double()
        picked = logits.gather(1, y[:, None])[:, 0]
        losses += (torch.logsumexp(logits, 1) - picked).tolist()
        hits += (logits.topk(1).indices[:, 0] == y).tolist()
    if mode:
        model.train()
    else:
        model.eval()
    return [np.mean(losses), np.mean(hits)]


class _Parcel:  # given: a tensor that notes where it is sent
    def __init__(self, content):
        self.content, self.sent = content, []
        self.shape, self.size = content.shape, content.size

    def __len__(self):
        return len(self.content)

    def to(self, device, **_):
        self.sent.append(str(device))
        return self.content
