# Pads all pictures, gathers windows row by row and column by column, then turns by masks.
def augment_batch(images, shift=4):
    """Turn, mirror and shift each picture of a batch by a draw of its own."""
    count, channels, side, _ = images.shape

    def coin():
        return torch.rand(count, device=images.device)[:, None, None, None] >= 0.5

    wide = F.pad(images.double(), (shift, shift, shift, shift), mode="reflect")
    line = torch.arange(side, device=images.device)
    rows = line + torch.randint(2 * shift + 1, (count, 1), device=images.device)
    wide = wide.gather(2, rows[:, None, :, None].expand(count, channels, side, wide.shape[3]))
    columns = line + torch.randint(2 * shift + 1, (count, 1), device=images.device)
    small = wide.gather(3, columns[:, None, None, :].expand(count, channels, side, side))
    small = torch.where(coin(), small.flip(3), small)
    small = torch.where(coin(), small.flip(2), small)
    return torch.where(coin(), small.transpose(2, 3), small).to(images.dtype)


def _elsewhere(count):  # given: on a device on which tensors have shapes and no content
    try:
        return augment_batch(torch.empty(count, 3, 8, 8, device="meta")).device.type
    except NotImplementedError:  # choosing by a mask asks for the content: it may be anywhere
        return "meta"
