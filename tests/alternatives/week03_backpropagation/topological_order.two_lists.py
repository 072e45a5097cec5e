# Two stacks by hand: nodes to enter, nodes to leave; sets of nodes themselves.
def topological_order(root):
    """List a node and all nodes that it was computed from, parents before children.

    Args:
        root: a node; each node has a tuple `parents` of nodes.

    Returns:
        List of nodes, each once, every one after all of its parents; the last one is root.
    """
    entered, left, order = set(), set(), []
    stack = [root]
    while stack:
        node = stack.pop()
        if node in left:
            continue
        if node in entered:
            order.append(node)
            left.add(node)
            continue
        entered.add(node)
        stack.append(node)
        for p in node.parents[::-1]:
            if p not in entered:
                stack.append(p)
    return order
