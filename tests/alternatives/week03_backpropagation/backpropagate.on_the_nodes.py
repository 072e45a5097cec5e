# Lays the sums down on the nodes themselves, and takes them off again.
def backpropagate(root):
    """Add the slopes of one number, with respect to every leaf, to the leaves' `grad`.

    Args:
        root: a Variable that holds a single number, of any shape with one element.

    Returns:
        None. Every leaf that requires a gradient has `grad`, of the shape of its data.

    Raises:
        ValueError: root holds more than one number.
    """
    if root.data.size > 1:
        raise ValueError("root has to be one number")
    order = topological_order(root)
    for node in order:
        node.collected = np.zeros_like(node.data)
    root.collected = np.ones_like(root.data)
    for node in order[::-1]:
        pieces = node.pull(node.collected)
        for j, parent in enumerate(node.parents):
            parent.collected = parent.collected + pieces[j]
    for node in order:
        if not node.parents and node.requires_grad:
            if node.grad is None:
                node.grad = np.zeros_like(node.data)
            node.grad += node.collected
        del node.collected
