# First all pictures as they are, then all mirror images; the mode is put back in any case.
def predict(model, images, batch=500):
    """Probabilities of the classes, averaged over each picture and its mirror image."""
    training = model.training
    try:
        model.eval()
        with torch.no_grad():
            views = [
                torch.cat([model(part).log_softmax(1).exp() for part in view.split(batch)])
                for view in (images, images.flip(-1))
            ]
    finally:
        model.train(training)
    return torch.stack(views).mean(0)


class _Witness(nn.Module):  # given: notes how it is asked
    def __init__(self):
        super().__init__()
        self.notes = []
        self.norm = nn.BatchNorm2d(1)
        self.line = nn.Linear(6, 3)

    def forward(self, x):
        self.notes.append((self.training, torch.is_grad_enabled(), len(x)))
        return self.line(self.norm(x).flatten(1)) * 2
