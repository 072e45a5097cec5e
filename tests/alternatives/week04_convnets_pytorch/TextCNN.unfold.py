# Windows cut out by unfold, multiplied as a matrix; the mask as a sum of −∞.
class TextCNN(nn.Module):
    """Embedding, convolution over time, maximum over time, one linear layer.

    Args:
        symbols: how many codes there are, the padding's 0 among them.
        classes: how many there are.
        width: length of a symbol's vector.
        filters: how many patterns.
        kernel: symbols in a window.

    Attributes:
        embedding, convolution, head: the three layers with parameters.
    """

    def __init__(self, symbols, classes, width=16, filters=64, kernel=3):
        super().__init__()
        self.embedding = nn.Embedding(symbols, width, padding_idx=0)
        self.convolution = nn.Conv1d(width, filters, kernel)
        self.head = nn.Linear(filters, classes)
        self.kernel = kernel

    def forward(self, codes):
        """Score texts.

        Args:
            codes: int64 tensor (N, T); 0 fills up the end of a row, and no row is empty.

        Returns:
            Tensor of shape (N, classes), raw scores.
        """
        rows = self.embedding(F.pad(codes, (0, self.kernel - 1)))
        windows = rows.unfold(1, self.kernel, 1)
        weight = self.convolution.weight
        h = torch.einsum("ntwk,fwk->ntf", windows, weight) + self.convolution.bias
        begins_on_nothing = torch.zeros_like(codes, dtype=h.dtype)
        begins_on_nothing[codes == 0] = -torch.inf
        h = torch.relu(h) + begins_on_nothing[:, :, None]
        return self.head(h.max(dim=1).values)
