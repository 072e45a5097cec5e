# Looks at the top of the stack until all its parents are in; a dictionary keeps order and ids.
def topological_order(root):
    """List a node and all nodes that it was computed from, parents before children.

    Args:
        root: a node; each node has a tuple `parents` of nodes.

    Returns:
        List of nodes, each once, every one after all of its parents; the last one is root.
    """
    stack = [root]
    done = {}
    while len(stack) > 0:
        node = stack[-1]
        missing = [p for p in node.parents if id(p) not in done]
        if missing:
            stack += missing
        else:
            stack.pop()
            if id(node) not in done:
                done[id(node)] = node
    return list(done.values())
