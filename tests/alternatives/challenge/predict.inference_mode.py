# A decorator switches gradients off, and every layer gets its own mode back.
@torch.inference_mode()
def predict(model, images, batch=500):
    """Probabilities of the classes, averaged over each picture and its mirror image."""
    modes = [(layer, layer.training) for layer in model.modules()]
    model.train(False)
    rows = []
    for start in range(0, len(images), batch):
        x = images[start : start + batch]
        straight = nn.functional.softmax(model(x), dim=-1)
        mirrored = nn.functional.softmax(model(torch.flip(x, dims=[-1])), dim=-1)
        rows.append(0.5 * straight + 0.5 * mirrored)
    for layer, mode in modes:
        layer.training = mode
    return torch.vstack(rows)


class _Witness(nn.Module):  # given: notes how it is asked
    def __init__(self):
        super().__init__()
        self.notes = []
        self.norm = nn.BatchNorm2d(1)
        self.line = nn.Linear(6, 3)

    def forward(self, x):
        self.notes.append((self.training, torch.is_grad_enabled(), len(x)))
        return self.line(self.norm(x).flatten(1)) * 2
