# Takes the content apart first, then restores one by one.
def load_checkpoint(blob, model, optimiser, average):
    """Put a run back to where its checkpoint was written."""
    names = ("step", "model", "average", "optimiser", "random", "random_cuda")
    content = torch.load(io.BytesIO(bytes(blob)), weights_only=True)
    step, weights, mean, moments, random, gpus = (content[name] for name in names)
    average.load_state_dict(mean)
    model.load_state_dict(weights)
    optimiser.load_state_dict(moments)
    if gpus and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(gpus)
    torch.set_rng_state(random)
    return step


class _Resumed(nn.Module):  # given: what the checks resume
    def __init__(self):
        super().__init__()
        self.line, self.norm, self.drop = nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.3)
        self.optimiser = torch.optim.AdamW(self.parameters(), lr=0.01)

    def average(self):
        return nn.Sequential(nn.Linear(2, 1), nn.BatchNorm1d(1))

    def forward(self, x):
        return self.drop(self.norm(self.line(x)))
