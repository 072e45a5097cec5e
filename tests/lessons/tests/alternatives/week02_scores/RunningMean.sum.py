# keeps the sum
class RunningMean:
    def __init__(self):
        self.sum, self.count = 0.0, 0

    def update(self, number):
        self.sum, self.count = self.sum + number, self.count + 1
        return self.sum / self.count
