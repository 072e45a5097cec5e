# Every module gets its own mode back; sums as tensors.
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
    modes = {module: module.training for module in model.modules()}
    model.eval()
    criterion = nn.CrossEntropyLoss(reduction="sum")
    total = right = torch.tensor(0.0)
    count = 0
    with torch.inference_mode():
        for x, y in batches:
            x, y = x.to(device), y.to(device)
            output = model(x)
            total = total + criterion(output, y).cpu()
            right = right + torch.sum(torch.argmax(output, -1) == y).cpu()
            count += y.numel()
    for module, mode in modes.items():
        module.training = mode
    return (total / count).item(), float(right / count)


class _Parcel:  # given: a tensor that notes where it is sent
    def __init__(self, content):
        self.content, self.sent = content, []
        self.shape, self.size = content.shape, content.size

    def __len__(self):
        return len(self.content)

    def to(self, device, **_):
        self.sent.append(str(device))
        return self.content
