# Restores the three states in a loop.
def load_checkpoint(blob, model, optimiser, average):
    """Put a run back to where its checkpoint was written."""
    with io.BytesIO(blob) as file:
        found = torch.load(file, map_location="cpu", weights_only=True)
    for name, part in (("average", average), ("optimiser", optimiser), ("model", model)):
        part.load_state_dict(found[name])
    for number, state in enumerate(found["random_cuda"]):
        torch.cuda.set_rng_state(state, number)
    torch.random.set_rng_state(found["random"])
    return int(found["step"])


class _Resumed(nn.Module):  # given: what the checks resume
    def __init__(self):
        super().__init__()
        self.line, self.norm, self.drop = nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.3)
        self.optimiser = torch.optim.AdamW(self.parameters(), lr=0.01)

    def average(self):
        return nn.Sequential(nn.Linear(2, 1), nn.BatchNorm1d(1))

    def forward(self, x):
        return self.drop(self.norm(self.line(x)))
