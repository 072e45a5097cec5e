# A table says for each picture which shard and which place; mirroring picture by picture.
class ShardedImages:
    """One reader's batches of the pictures of several shards."""

    def __init__(
        self, shards, batch, *, rank=0, ranks=1, worker=0, workers=1, seed=0, mirror=False
    ):
        self.shards, self.size = list(shards), batch
        self.number, self.step = workers * rank + worker, workers * ranks
        self.seed, self.mirror, self.epoch = seed, mirror, 0
        self.table = [(s, p) for s, pair in enumerate(shards) for p in range(len(pair[1]))]

    def set_epoch(self, epoch):
        """Choose the epoch."""
        self.epoch = epoch

    def _order(self):
        order = np.random.default_rng((self.seed, self.epoch)).permutation(len(self.table))
        return order[np.arange(len(order)) % self.step == self.number]

    def __len__(self):
        """Count this reader's batches."""
        return -(-len(self._order()) // self.size)

    def __iter__(self):
        """Read this reader's pictures."""
        draw = torch.Generator().manual_seed(
            int(np.random.SeedSequence((self.seed, self.epoch, self.number)).generate_state(1)[0])
        )
        pictures, labels = [], []
        for n in self._order():
            shard, place = self.table[n]
            picture = torch.tensor(np.array(self.shards[shard][0][place]))
            if self.mirror and torch.rand((), generator=draw) < 0.5:
                picture = picture.flip(-1)
            pictures.append(picture)
            labels.append(int(self.shards[shard][1][place]))
            if len(labels) == self.size:
                yield torch.stack(pictures), torch.tensor(labels)
                pictures, labels = [], []
        if labels:
            yield torch.stack(pictures), torch.tensor(labels)
