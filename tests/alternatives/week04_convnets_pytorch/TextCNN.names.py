# One name after the other, cut to its own length.
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
        best = []
        for row in codes:
            letters = self.embedding(row[row != 0])
            filled = torch.cat([letters, letters.new_zeros(self.kernel - 1, letters.shape[1])])
            best.append(F.relu(self.convolution(filled.T[None])).amax(dim=2)[0])
        return self.head(torch.stack(best))
