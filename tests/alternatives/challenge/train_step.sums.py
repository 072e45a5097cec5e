# Adds up losses of single pictures and divides by the batch, so that no part needs a factor.
def train_step(model, optimiser, images, labels, *, smoothing=0.1, clip=1.0, parts=1, mixed=True):
    """Take one optimiser step on one batch."""
    model.train(True)
    for group in optimiser.param_groups:
        for parameter in group["params"]:
            parameter.grad = None
    count = images.shape[0]
    losses = []
    for rows in torch.arange(count, device=images.device).chunk(parts):
        x = images[rows].to(memory_format=torch.channels_last)
        with torch.autocast(device_type=images.device.type, dtype=torch.bfloat16, enabled=mixed):
            scores = model(x)
        scores = scores.float() if mixed else scores
        single = F.cross_entropy(scores, labels[rows], label_smoothing=smoothing, reduction="none")
        loss = single.sum() / count
        loss.backward()
        losses.append(loss.detach())
    norm = torch.nn.utils.clip_grad_norm_(list(model.parameters()), max_norm=clip)
    optimiser.step()
    return float(sum(losses)), float(norm)


class _Specimen(nn.Sequential):  # given: what the checks train
    def __init__(self, rate=0.1):
        super().__init__(nn.Conv2d(2, 3, 3), nn.Linear(3, 4))
        self.notes, self.optimiser = [], torch.optim.SGD(self.parameters(), rate, momentum=0.9)

    def forward(self, x):
        mixed = torch.is_autocast_enabled("cpu") and str(torch.get_autocast_dtype("cpu"))
        last = x.is_contiguous(memory_format=torch.channels_last)
        self.notes.append((self.training, mixed, last, len(x)))
        return self[1](self[0](x).relu().mean((2, 3)))
