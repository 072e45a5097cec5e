# All tensors of floating point at once, with operations on lists of tensors.
class ExponentialMovingAverage:
    """The moving average of a model's weights and statistics, itself a model."""

    def __init__(self, model, decay=0.999):
        """Begin with a copy."""
        self.model = copy.deepcopy(model)
        self.model.eval()
        for p in self.model.parameters():
            p.requires_grad = False
        self.decay, self.updates = decay, 0

    @torch.no_grad()
    def update(self, model):
        """Move the average towards a model."""
        self.updates = self.updates + 1
        d = min(self.decay, (1.0 + self.updates) / (10.0 + self.updates))
        pairs = list(
            zip(self.model.state_dict().values(), model.state_dict().values(), strict=True)
        )
        mine = [m for m, _ in pairs if m.dtype.is_floating_point]
        theirs = [t for m, t in pairs if m.dtype.is_floating_point]
        torch._foreach_mul_(mine, d)
        torch._foreach_add_(mine, theirs, alpha=1 - d)
        for m, t in pairs:
            if not m.dtype.is_floating_point:
                m.copy_(t)
        return d

    def state_dict(self):
        """Give all that a checkpoint needs: a dict with "model" (its state) and "updates"."""
        copies = {name: value.clone() for name, value in self.model.state_dict().items()}
        return dict(model=copies, updates=self.updates)

    def load_state_dict(self, state):
        """Take over what `state_dict` gave."""
        self.updates = int(state["updates"])
        self.model.load_state_dict(state["model"])
