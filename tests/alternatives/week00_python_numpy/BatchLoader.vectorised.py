# Positions by arithmetic on a count, the order of an epoch from the seed and its number, no loops
# over pictures, the epoch as a property.
class BatchLoader:
    """Deal out batches of images and labels, epoch after epoch, without end."""

    def __init__(self, images, labels, batch_size, shuffle=False, mirror=False, rotate=False,
                 seed=0):
        if len(images) < 1 or len(images) != len(labels):
            raise ValueError("images and labels must be equally many, and at least one")
        if isinstance(batch_size, float) or batch_size < 1:
            raise ValueError("batch_size must be a whole number, at least 1")
        if rotate and images.shape[1] != images.shape[2]:
            raise ValueError("only squares can be turned")
        self.images, self.labels = images, labels
        self.batch_size, self.seed = batch_size, seed
        self.shuffle, self.mirror, self.rotate = shuffle, mirror, rotate
        self.augmentation = np.random.default_rng([seed, 1])
        self.dealt = 0

    @property
    def epoch(self):
        return self.dealt // len(self.images)

    def order(self, epoch):
        count = len(self.images)
        if not self.shuffle:
            return np.arange(count)
        return np.argsort(np.random.default_rng([self.seed, 0, epoch]).random(count))

    def augment(self, batch):
        if self.mirror:
            chosen = self.augmentation.random(len(batch)) >= 0.5
            batch[chosen] = batch[chosen][:, :, ::-1]
        if self.rotate:
            turns = self.augmentation.choice(4, size=len(batch))
            for turn in (1, 2, 3):
                batch[turns == turn] = np.rot90(batch[turns == turn], turn, axes=(2, 1))
        return batch

    def __iter__(self):
        return self

    def __next__(self):
        count = len(self.images)
        start, stop = self.dealt, self.dealt + self.batch_size
        epochs = range(start // count, (stop - 1) // count + 1)
        stream = np.concatenate([self.order(epoch) for epoch in epochs])
        positions = stream[start % count : start % count + self.batch_size]
        self.dealt = stop
        return self.augment(self.images[positions]), self.labels[positions]
