# Parameters and buffers are visited one after the other; the decay is written out.
class ExponentialMovingAverage:
    """The moving average of a model's weights and statistics, itself a model."""

    def __init__(self, model, decay=0.999):
        self.model = copy.deepcopy(model)
        self.model.train(False)
        for parameter in self.model.parameters():
            parameter.requires_grad = False
        self.limit, self.updates = decay, 0

    @torch.no_grad()
    def update(self, model):
        """Move the average towards a model."""
        self.updates = self.updates + 1
        keep = min((self.updates + 1) / (self.updates + 10), self.limit)
        pairs = list(zip(self.model.parameters(), model.parameters(), strict=True))
        pairs += zip(self.model.buffers(), model.buffers(), strict=True)
        for mine, newest in pairs:
            if torch.is_floating_point(mine):
                mine.mul_(keep).add_(newest, alpha=1 - keep)
            else:
                mine.fill_(newest)
        return keep

    def state_dict(self):
        """Give all that a checkpoint needs."""
        return dict(model=self.model.state_dict(), updates=self.updates)

    def load_state_dict(self, state):
        """Take over what `state_dict` gave."""
        self.updates = int(state["updates"])
        self.model.load_state_dict(state["model"])
