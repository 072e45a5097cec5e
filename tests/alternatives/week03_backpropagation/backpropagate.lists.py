# Collects all pieces in lists, adds them when the node comes up.
def backpropagate(root):
    """Add the slopes of one number, with respect to every leaf, to the leaves' `grad`."""
    if np.size(root.data) != 1:
        raise ValueError("backward needs a single number to start from")
    pieces = {id(root): [np.ones_like(root.data)]}
    for node in topological_order(root)[::-1]:
        gradient = sum(pieces[id(node)][1:], pieces[id(node)][0])
        if node.parents:
            for parent, piece in zip(node.parents, node.pull(gradient)):
                pieces.setdefault(id(parent), []).append(piece)
        elif node.requires_grad:
            node.grad = gradient if node.grad is None else gradient + node.grad
