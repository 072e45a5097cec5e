# One flat index for each pixel, made from a whole grid of places that is turned and mirrored.
def augment_batch(images, shift=4):
    """Turn, mirror and shift each picture of a batch by a draw of its own."""
    count, channels, side, _ = images.shape
    where = images.device
    line = torch.arange(side, device=where)
    starts = torch.randint(0, 2 * shift + 1, (2, count, 1, 1), device=where) - shift
    grid = torch.stack([line[:, None].expand(side, side), line[None].expand(side, side)])
    grid = grid[:, None].expand(2, count, side, side)
    kind = torch.randint(0, 8, (count, 1, 1), device=where)
    grid = torch.where(kind % 2 == 0, grid, grid.flip(0))
    first = torch.where(kind // 2 % 2 == 0, grid[0], side - 1 - grid[0])
    second = torch.where(kind // 4 == 0, grid[1], side - 1 - grid[1])
    first, second = first + starts[0], second + starts[1]
    last = side - 1
    first = last - (last - first.abs()).abs()
    second = last - (last - second.abs()).abs()
    flat = (first * side + second).view(count, 1, -1).expand(count, channels, -1)
    return images.flatten(2).gather(2, flat).view(images.shape)


def _elsewhere(count):  # given: on a device on which tensors have shapes and no content
    try:
        return augment_batch(torch.empty(count, 3, 8, 8, device="meta")).device.type
    except NotImplementedError:  # choosing by a mask asks for the content: it may be anywhere
        return "meta"
