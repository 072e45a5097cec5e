# Clips by hand, and weighs the parts' gradients through the argument of backward.
def train_step(model, optimiser, images, labels, *, smoothing=0.1, clip=1.0, parts=1, mixed=True):
    """Take one optimiser step on one batch."""
    model.train()
    model.zero_grad()
    mean = 0.0
    for x, y in zip(torch.chunk(images, parts), torch.chunk(labels, parts), strict=True):
        x = x.contiguous(memory_format=torch.channels_last)
        with torch.autocast(images.device.type, torch.bfloat16, enabled=bool(mixed)):
            loss = nn.CrossEntropyLoss(label_smoothing=smoothing)(model(x), y)
        share = len(x) / len(images)
        loss.backward(torch.full_like(loss, share))
        mean = mean + share * loss.item()
    slopes = [p.grad for p in model.parameters() if p.grad is not None]
    norm = torch.cat([slope.flatten() for slope in slopes]).norm()
    if norm > clip:
        for slope in slopes:
            slope.mul_(clip / (norm + 1e-6))
    optimiser.step()
    return mean, float(norm)


class _Specimen(nn.Sequential):  # given: what the checks train
    def __init__(self, rate=0.1):
        super().__init__(nn.Conv2d(2, 3, 3), nn.Linear(3, 4))
        self.notes, self.optimiser = [], torch.optim.SGD(self.parameters(), rate, momentum=0.9)

    def forward(self, x):
        mixed = torch.is_autocast_enabled("cpu") and str(torch.get_autocast_dtype("cpu"))
        last = x.is_contiguous(memory_format=torch.channels_last)
        self.notes.append((self.training, mixed, last, len(x)))
        return self[1](self[0](x).relu().mean((2, 3)))
