# Two comprehensions over the trainable parameters.
def parameter_groups(model, decay):
    """Split a model's parameters into those with weight decay and those without."""
    trained = [p for p in model.parameters() if p.requires_grad]
    weights = [p for p in trained if len(p.shape) >= 2]
    rest = [p for p in trained if len(p.shape) < 2]
    return [dict(params=weights, weight_decay=decay), dict(params=rest, weight_decay=0.0)]


def _garden(frozen=False, more=False):  # given: what the checks hand in
    layers = [nn.Conv2d(3, 4, 5), nn.BatchNorm2d(4), nn.Conv2d(4, 6, 3, bias=False)]
    layers += [nn.GroupNorm(2, 6), nn.Flatten(), nn.Linear(6, 8), nn.LayerNorm(8), nn.Linear(8, 2)]
    layers += [nn.Conv1d(2, 3, 1), nn.Embedding(5, 2)] if more else []
    layers[0].requires_grad_(not frozen)
    return nn.Sequential(*layers)


def _moved(decay):  # given: a model's weights before and after a step with these groups
    model = _garden()
    before = [p.detach().clone() for p in model.parameters()]
    rule = torch.optim.SGD(parameter_groups(model, decay), lr=1.0)
    sum(p.sum() for p in model.parameters()).backward()
    rule.step()
    return before, [p.detach() for p in model.parameters()]
