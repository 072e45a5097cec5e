# A stack of iterators over parents: recursion by hand.
def topological_order(root):
    """List a node and all nodes that it was computed from, parents before children."""
    order, met = [], {id(root)}
    stack = [(root, iter(root.parents))]
    while stack:
        node, rest = stack[-1]
        for parent in rest:
            if id(parent) not in met:
                met.add(id(parent))
                stack.append((parent, iter(parent.parents)))
                break
        else:
            order.append(node)
            stack.pop()
    return order
