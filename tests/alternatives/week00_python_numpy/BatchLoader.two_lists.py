# Plain lists of positions, Python's own generator, a batch filled picture by picture.
import random


class BatchLoader:
    """Deal out batches of images and labels, epoch after epoch, without end."""

    def __init__(self, images, labels, batch_size, shuffle=False, mirror=False, rotate=False,
                 seed=0):
        if len(images) != len(labels):
            raise ValueError("images and labels differ in number")
        if images.size == 0:
            raise ValueError("no images")
        if not isinstance(batch_size, (int, np.integer)) or batch_size <= 0:
            raise ValueError("batch_size")
        if rotate and images[0].shape[0] != images[0].shape[1]:
            raise ValueError("rotate")
        self.images = images
        self.labels = labels
        self.size = batch_size
        self.options = {"shuffle": shuffle, "mirror": mirror, "rotate": rotate}
        self.chance = random.Random(seed)
        self.epoch = 0
        self.todo = []

    def __iter__(self):
        return self

    def next_position(self):
        """Return the next position of the stream."""
        if not self.todo:
            self.todo = list(range(len(self.images)))
            if self.options["shuffle"]:
                self.chance.shuffle(self.todo)
        position = self.todo.pop(0)
        if not self.todo:
            self.epoch += 1
        return position

    def change(self, picture):
        """Return the picture, mirrored and turned by chance."""
        if self.options["mirror"] and self.chance.choice([True, False]):
            picture = np.flip(picture, 1)
        if self.options["rotate"]:
            turns = self.chance.randint(0, 3)
            if turns % 2:
                picture = picture.swapaxes(0, 1)[::-1]
            if turns > 1:
                picture = picture[::-1, ::-1]
        return picture

    def __next__(self):
        positions = [self.next_position() for _ in range(self.size)]
        pictures = np.array([self.change(self.images[i]) for i in positions])
        return pictures, np.array([self.labels[i] for i in positions])
