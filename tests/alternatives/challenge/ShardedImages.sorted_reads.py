# Reads each batch shard by shard, and puts the pictures into their order in the batch.
class ShardedImages:
    """One reader's batches of the pictures of several shards."""

    def __init__(
        self, shards, batch, *, rank=0, ranks=1, worker=0, workers=1, seed=0, mirror=False
    ):
        self.images = [images for images, _ in shards]
        self.labels = np.concatenate([np.asarray(labels) for _, labels in shards]).astype(np.int64)
        self.starts = np.concatenate([[0], np.cumsum([len(images) for images in self.images])])
        self.batch, self.mirror, self.seed, self.epoch = batch, mirror, seed, 0
        self.reader, self.readers = rank * workers + worker, ranks * workers

    def set_epoch(self, epoch):
        """Choose the epoch."""
        self.epoch = epoch

    def __len__(self):
        """Count this reader's batches."""
        mine = (len(self.labels) - self.reader + self.readers - 1) // self.readers
        return (mine + self.batch - 1) // self.batch

    def __iter__(self):
        """Read this reader's pictures."""
        generator = np.random.default_rng((self.seed, self.epoch))
        order = generator.permutation(len(self.labels))[self.reader :: self.readers]
        coins = np.random.default_rng((7, self.seed, self.epoch, self.reader))
        for batch in range(len(self)):
            chosen = order[batch * self.batch : (batch + 1) * self.batch]
            out = np.empty((len(chosen), *self.images[0].shape[1:]), self.images[0].dtype)
            for number, images in enumerate(self.images):
                low, high = self.starts[number], self.starts[number + 1]
                here = (chosen >= low) & (chosen < high)
                out[here] = images[chosen[here] - low]
            if self.mirror:
                turned = coins.integers(2, size=len(chosen)).astype(bool)
                out[turned] = out[turned][..., ::-1]
            yield torch.from_numpy(out), torch.from_numpy(self.labels[chosen])
