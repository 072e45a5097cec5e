# Maximum first, ReLU behind it: both keep the order.
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
        nn.Module.__init__(self)
        self.kernel = kernel
        self.embedding = nn.Embedding(num_embeddings=symbols, embedding_dim=width, padding_idx=0)
        self.convolution = nn.Conv1d(in_channels=width, out_channels=filters, kernel_size=kernel)
        self.head = nn.Linear(filters, classes)

    def forward(self, codes):
        """Score texts.

        Args:
            codes: int64 tensor (N, T); 0 fills up the end of a row, and no row is empty.

        Returns:
            Tensor of shape (N, classes), raw scores.
        """
        zeros = torch.zeros(codes.shape[0], self.kernel - 1, dtype=codes.dtype)
        vectors = self.embedding(torch.cat([codes, zeros], dim=1))
        h = self.convolution(vectors.swapaxes(1, 2))
        h = h.masked_fill(codes.eq(0).unsqueeze(1), float("-inf"))
        return self.head(torch.relu(h.max(dim=2)[0]))
