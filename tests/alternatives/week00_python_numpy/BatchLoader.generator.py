# A generator function keeps the state between the batches.
class BatchLoader:
    """Deal out batches of images and labels, epoch after epoch, without end."""

    def __init__(self, images, labels, batch_size, shuffle=False, mirror=False, rotate=False,
                 seed=0):
        if images.shape[0] == 0 or labels.shape[0] != images.shape[0]:
            raise ValueError("no images, or not one label for each")
        if batch_size < 1 or batch_size % 1 != 0:
            raise ValueError("bad batch size")
        if rotate and len({*images.shape[1:3]}) > 1:
            raise ValueError("not square")
        self.images, self.labels, self.epoch = images, labels, 0
        rng = np.random.default_rng(seed)

        def change(picture):
            coin, turn = rng.uniform() > 0.5, rng.permutation(4)[0]
            if mirror and coin:
                picture = np.flip(picture, axis=1)
            return np.rot90(picture, turn) if rotate else picture

        def stream():
            while True:
                order = list(range(len(images)))
                if shuffle:
                    rng.shuffle(order)
                for number, position in enumerate(order, start=1):
                    yield change(images[position]), labels[position], number == len(order)

        def batches():
            pictures, answers = [], []
            for picture, label, last in stream():
                pictures.append(picture)
                answers.append(label)
                self.epoch += last
                if len(pictures) == batch_size:
                    yield np.array(pictures), np.array(answers)
                    pictures, answers = [], []

        self.batches = batches()

    def __iter__(self):
        return self

    def __next__(self):
        return next(self.batches)
