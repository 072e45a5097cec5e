# Bytes by bytes an element; a dictionary of ids.
def count_parameters(model):
    """Count the numbers that a model learns."""
    sizes = {}
    for array in model.parameters():
        sizes[id(array)] = array.nbytes // array.itemsize
    return sum(sizes.values())
