# By the longest way to a leaf, level by level.
def topological_order(root):
    """List a node and all nodes that it was computed from, parents before children.

    Args:
        root: a node; each node has a tuple `parents` of nodes.

    Returns:
        List of nodes, each once, every one after all of its parents; the last one is root.
    """
    nodes, waiting = {}, [root]
    users, missing = {}, {}
    while waiting:
        node = waiting.pop()
        if id(node) in nodes:
            continue
        nodes[id(node)] = node
        missing[id(node)] = len(node.parents)
        for parent in node.parents:
            users.setdefault(id(parent), []).append(node)
            waiting.append(parent)
    level = [node for node in nodes.values() if not node.parents]
    order = []
    while level:
        order += level
        following = []
        for node in level:
            for user in users.get(id(node), []):
                missing[id(user)] -= 1
                if missing[id(user)] == 0:
                    following.append(user)
        level = following
    return order
