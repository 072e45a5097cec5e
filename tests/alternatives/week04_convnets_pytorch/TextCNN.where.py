# A very low number in place of −∞; the constant pad as a layer.
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
        self.fill = nn.ConstantPad1d((0, kernel - 1), 0.0)
        self.convolution = nn.Conv1d(width, filters, kernel)
        self.head = nn.Linear(filters, classes)

    def forward(self, codes):
        """Score texts.

        Args:
            codes: int64 tensor (N, T); 0 fills up the end of a row, and no row is empty.

        Returns:
            Tensor of shape (N, classes), raw scores.
        """
        h = self.embedding(codes).permute(0, 2, 1)
        h = torch.relu(self.convolution(self.fill(h)))
        mask = (codes != 0).unsqueeze(1).expand_as(h)
        h = torch.where(mask, h, torch.full_like(h, -1e9))
        return self.head(F.adaptive_max_pool1d(h, 1).squeeze(2))
