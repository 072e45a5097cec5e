# Lets PyTorch work out the shapes on the device that has no memory.
def arithmetic_intensity(
    batch, inputs, outputs, side, kernel, *, stride=1, groups=1, number_bytes=4
):
    """FLOP for each byte that a convolution's forward pass moves."""
    layer = nn.Conv2d(
        inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False, device="meta"
    )
    x = torch.empty(batch, inputs, side, side, device="meta")
    y = layer(x)
    numbers = x.numel() + layer.weight.numel() + y.numel()
    return 2 * y.numel() * layer.weight[0].numel() / (number_bytes * numbers)
