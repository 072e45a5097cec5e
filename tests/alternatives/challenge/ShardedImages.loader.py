# A data set of single pictures in a DataLoader of PyTorch's, with the batches chosen beforehand.
class ShardedImages:
    """One reader's batches of the pictures of several shards."""

    def __init__(
        self, shards, batch, *, rank=0, ranks=1, worker=0, workers=1, seed=0, mirror=False
    ):
        """Note what there is to read, and by whom."""
        self.places = [(s, i) for s, (_, labels) in enumerate(shards) for i in range(len(labels))]
        self.shards, self.batch, self.seed, self.mirror = shards, batch, seed, mirror
        self.reader = rank * workers + worker
        self.readers = ranks * workers
        self.epoch = 0

    def set_epoch(self, epoch):
        """Choose the epoch, and with it the order."""
        self.epoch = epoch

    def _batches(self):
        rng = np.random.default_rng((self.seed, self.epoch))
        mine = rng.permutation(len(self.places))[self.reader :: self.readers].tolist()
        return [mine[n : n + self.batch] for n in range(0, len(mine), self.batch)]

    def __len__(self):
        """Count this reader's batches in an epoch."""
        return len(self._batches())

    def __getitem__(self, item):
        """Give one picture."""
        place, mirrored = item
        shard, number = self.places[place]
        images, labels = self.shards[shard]
        image = torch.from_numpy(np.array(images[number]))
        return (torch.flip(image, (2,)) if mirrored else image), int(labels[number])

    def __iter__(self):
        """Read this reader's pictures of the epoch."""
        rng = np.random.default_rng([self.seed, self.epoch, self.reader])
        chosen = [
            [(place, self.mirror and rng.integers(2) == 1) for place in batch]
            for batch in self._batches()
        ]
        yield from torch.utils.data.DataLoader(self, batch_sampler=chosen)
