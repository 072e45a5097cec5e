# Keeps the sums by node; the leaves are served after the walk.
def backpropagate(root):
    """Add the slopes of one number, with respect to every leaf, to the leaves' `grad`.

    Args:
        root: a Variable that holds a single number, of any shape with one element.

    Returns:
        None. Every leaf that requires a gradient has `grad`, of the shape of its data.

    Raises:
        ValueError: root holds more than one number.
    """
    if np.prod(root.data.shape) != 1:
        raise ValueError("not a single number")
    sums = {root: np.ones_like(root.data)}
    order = topological_order(root)
    for i in range(len(order) - 1, -1, -1):
        node = order[i]
        for parent, piece in zip(node.parents, node.pull(sums[node])):
            sums[parent] = sums.get(parent, 0.0) + piece
    for node, total in sums.items():
        if node.requires_grad and not node.parents:
            node.grad = total if node.grad is None else node.grad + total
