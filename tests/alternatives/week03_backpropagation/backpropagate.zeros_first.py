# Begins with zeros for every node and adds in place; leaves are written at the end.
def backpropagate(root):
    """Add the slopes of one number, with respect to every leaf, to the leaves' `grad`."""
    if root.data.shape and set(root.data.shape) != {1}:
        raise ValueError(f"shape {root.data.shape} is more than one number")
    order = topological_order(root)
    gradients = {id(node): np.zeros(node.data.shape) for node in order}
    gradients[id(root)] += 1.0
    while order:
        node = order.pop()
        for parent, piece in zip(node.parents, node.pull(gradients[id(node)])):
            gradients[id(parent)] += piece
        if node.requires_grad and len(node.parents) == 0:
            start = np.zeros(node.data.shape) if node.grad is None else node.grad
            node.grad = start + gradients[id(node)]
