# Fills a result made beforehand; each view has its own pass.
@torch.inference_mode()
def predict(model, images, batch=500):
    """Probabilities of the classes, averaged over each picture and its mirror image."""
    before = model.training
    model.train(False)
    rows = []
    for first in range(0, len(images), batch):
        part = images[first : first + batch]
        straight = torch.softmax(model(part), dim=1)
        mirrored = torch.softmax(model(torch.flip(part, dims=(3,))), dim=1)
        rows.append(torch.lerp(straight, mirrored, 0.5))
    model.train(before)
    return torch.vstack(rows).clone()


class _Witness(nn.Module):  # given: notes how it is asked
    def __init__(self):
        super().__init__()
        self.notes = []
        self.norm = nn.BatchNorm2d(1)
        self.line = nn.Linear(6, 3)

    def forward(self, x):
        self.notes.append((self.training, torch.is_grad_enabled(), len(x)))
        return self.line(self.norm(x).flatten(1)) * 2
