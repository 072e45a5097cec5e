# Orders appended epoch by epoch to one long list; augmentation by masks over the whole batch.
class BatchLoader:
    """Deal out batches of images and labels, epoch after epoch, without end."""

    def __init__(self, images, labels, batch_size, shuffle=False, mirror=False, rotate=False,
                 seed=0):
        problems = [
            len(images) == 0,
            len(images) != len(labels),
            batch_size < 1,
            batch_size % 1 != 0,
            rotate and images.shape[1] != images.shape[2],
        ]
        if any(problems):
            raise ValueError(f"wrong input: {problems}")
        self.images, self.labels, self.n = images, labels, len(images)
        self.batch_size, self.shuffle = batch_size, shuffle
        self.mirror, self.rotate = mirror, rotate
        self.rng = np.random.default_rng(seed)
        self.stream = np.zeros(0, dtype=int)
        self.start = 0

    @property
    def epoch(self):
        """Whole passes so far."""
        return int(np.floor(self.start / self.n))

    def __iter__(self):
        return self

    def next_positions(self):
        stop = self.start + self.batch_size
        while self.stream.size < stop:
            epoch = np.arange(self.n)
            if self.shuffle:
                epoch = self.rng.choice(epoch, size=self.n, replace=False)
            self.stream = np.append(self.stream, epoch)
        positions = self.stream[self.start : stop]
        self.start = stop
        return positions

    def __next__(self):
        positions = self.next_positions()
        x, y = np.take(self.images, positions, axis=0), np.take(self.labels, positions, axis=0)
        if self.mirror:
            coin = self.rng.integers(0, 2, size=len(x)).astype(bool)
            x = np.where(coin.reshape(-1, *[1] * (x.ndim - 1)), np.flip(x, axis=2), x)
        if self.rotate:
            quarter = self.rng.integers(4, size=len(x))
            versions = [np.rot90(x, k, axes=(1, 2)) for k in range(4)]
            x = np.stack([versions[k][i] for i, k in enumerate(quarter)])
        return x, y
