# A closure handed to the optimiser; an average with weights.
def train_one_epoch(model, batches, optimiser, device="cpu"):
    """Take one step for each batch on the cross-entropy.

    Args:
        model: an `nn.Module` on the device; it is left in training mode.
        batches: iterable of pairs: inputs (N, …) and labels (N,), on any device.
        optimiser: of `torch.optim`, for the model's parameters.
        device: where to compute.

    Returns:
        Mean loss of the samples, a float, each measured before the step it belongs to.
    """
    model.train()
    means, sizes = [], []
    for x, y in batches:
        x, y = (part.to(device) for part in (x, y))

        def closure():
            optimiser.zero_grad()
            loss = F.nll_loss(F.log_softmax(model(x), dim=-1), y)
            loss.backward()
            return loss

        means.append(float(optimiser.step(closure)))
        sizes.append(len(x))
    return np.average(means, weights=sizes)


class _Specimen(nn.Module):  # given: what the checks train
    def __init__(self, rate=0.0):
        super().__init__()
        self.notes = []
        self.features = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(inplace=True))
        self.head = nn.Linear(4, 2)
        self.optimiser = torch.optim.SGD(self.double().parameters(), lr=rate, momentum=0.9)
        self.once = lambda batches: (pair for pair in batches)  # no length, one walk
        self.listen = lambda: self.head.register_forward_hook(lambda *_: None)

    def forward(self, x):
        self.notes.append((self.training, torch.is_grad_enabled()))
        return self.head(self.features(x))
