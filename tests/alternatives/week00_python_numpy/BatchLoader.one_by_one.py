# One picture at a time, as in Slideshow; a new order when the old one is used up; loops.
class BatchLoader:
    """Deal out batches of images and labels, epoch after epoch, without end."""

    def __init__(self, images, labels, batch_size, shuffle=False, mirror=False, rotate=False,
                 seed=0):
        if not len(images):
            raise ValueError("nothing to load")
        if len(labels) != len(images):
            raise ValueError("as many labels as images are needed")
        if int(batch_size) != batch_size or batch_size <= 0:
            raise ValueError("bad batch size")
        height, width = images.shape[1:3]
        if rotate and height != width:
            raise ValueError("rotation needs square pictures")
        self.images, self.labels = images.copy(), labels.copy()
        self.batch_size = int(batch_size)
        self.shuffle, self.mirror, self.rotate = shuffle, mirror, rotate
        self.random = np.random.default_rng(seed)
        self.epoch = 0
        self.place = 0
        self.order = self.new_order()

    def new_order(self):
        order = np.arange(len(self.images))
        if self.shuffle:
            self.random.shuffle(order)
        return order

    def __iter__(self):
        return self

    def __next__(self):
        batch = np.empty((self.batch_size, *self.images.shape[1:]), dtype=self.images.dtype)
        labels = np.empty((self.batch_size, *self.labels.shape[1:]), dtype=self.labels.dtype)
        for slot in range(self.batch_size):
            position = self.order[self.place]
            picture = self.images[position]
            if self.rotate:
                for _ in range(self.random.integers(0, 4)):
                    picture = np.rot90(picture)
            if self.mirror and self.random.integers(2) == 1:
                picture = np.fliplr(picture)
            batch[slot] = picture
            labels[slot] = self.labels[position]
            self.place += 1
            if self.place == len(self.order):
                self.place = 0
                self.epoch += 1
                self.order = self.new_order()
        return batch, labels
