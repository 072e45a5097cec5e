# np.unique over ids, and a NumPy number as result.
def count_parameters(model):
    """Count the numbers that a model learns."""
    arrays = model.parameters()
    _, first = np.unique([id(a) for a in arrays], return_index=True)
    return np.sum([arrays[i].size for i in first], dtype=int)
