# A decorated helper; sizes off the labels that came.
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
    training = model.training

    @torch.no_grad()
    def walk():
        loss = correct = n = 0
        for x, y in batches:
            scores = model(x.to(device))
            n += y.size(0)
            loss += y.shape[0] * F.cross_entropy(scores, y.to(device)).item()
            correct += (scores.max(1)[1] == y.to(device)).float().sum().item()
        return loss / n, correct / n

    model.eval()
    result = walk()
    model.train(mode=training)
    return result


class _Parcel:  # given: a tensor that notes where it is sent
    def __init__(self, content):
        self.content, self.sent = content, []
        self.shape, self.size = content.shape, content.size

    def __len__(self):
        return len(self.content)

    def to(self, device, **_):
        self.sent.append(str(device))
        return self.content
