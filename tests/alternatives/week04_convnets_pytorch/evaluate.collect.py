# Collects all scores first; inference mode; try and finally.
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
    model.train(False)
    try:
        with torch.inference_mode():
            pairs = [(model(x.to(device)), y.to(device)) for x, y in batches]
            scores = torch.cat([s for s, _ in pairs])
            labels = torch.cat([y for _, y in pairs])
            loss = F.cross_entropy(scores, labels)
            accuracy = (scores.argmax(1) == labels).double().mean()
    finally:
        model.train(mode)
    return float(loss), float(accuracy)


class _Parcel:  # given: a tensor that notes where it is sent
    def __init__(self, content):
        self.content, self.sent = content, []
        self.shape, self.size = content.shape, content.size

    def __len__(self):
        return len(self.content)

    def to(self, device, **_):
        self.sent.append(str(device))
        return self.content
