# All axes that count moved to the front and flattened; moved back at the end.
def standardise(x, axis):
    """Shift and scale to mean 0 and standard deviation 1 along an axis."""
    axes = axis if isinstance(axis, tuple) else (axis,)
    front = np.moveaxis(x, axes, range(len(axes)))
    kind = np.float32 if x.dtype == np.float32 else np.float64
    table = front.reshape(-1, *front.shape[len(axes) :]).astype(kind)
    varies = (table != table[:1]).any(axis=0)
    centred = (table - table.mean(axis=0)) * varies
    result = centred / np.where(varies, np.sqrt((centred**2).mean(axis=0)), 1)
    return np.moveaxis(result.astype(kind).reshape(front.shape), range(len(axes)), axes)
