# Builds a whole new state in every update and loads it.
class ExponentialMovingAverage:
    """The moving average of a model's weights and statistics, itself a model."""

    def __init__(self, model, decay=0.999):
        self.model = copy.deepcopy(model).requires_grad_(False)
        self.model.eval()
        self.updates = 0
        self.decay = decay

    def update(self, model):
        """Move the average towards a model."""
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        old, state = self.model.state_dict(), {}
        for name, value in model.state_dict().items():
            whole = not value.dtype.is_floating_point
            state[name] = value if whole else decay * old[name] + (1 - decay) * value
        self.model.load_state_dict(state)
        return decay

    def state_dict(self):
        """Give all that a checkpoint needs."""
        return {"updates": self.updates, "model": self.model.state_dict()}

    def load_state_dict(self, state):
        """Take over what `state_dict` gave."""
        self.model.load_state_dict(state["model"])
        self.updates = state["updates"]
