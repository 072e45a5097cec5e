# Counts how often each node is used, then lists a node when all its uses are done (Kahn).
def topological_order(root):
    """List a node and all nodes that it was computed from, parents before children."""
    uses, known, waiting = {}, {id(root)}, [root]
    while waiting:
        node = waiting.pop()
        for parent in node.parents:
            uses[id(parent)] = uses.get(id(parent), 0) + 1
            if id(parent) not in known:
                known.add(id(parent))
                waiting.append(parent)
    order, free = [], [root]
    while free:
        node = free.pop()
        order.append(node)
        for parent in node.parents:
            uses[id(parent)] -= 1
            if uses[id(parent)] == 0:
                free.append(parent)
    order.reverse()
    return order
