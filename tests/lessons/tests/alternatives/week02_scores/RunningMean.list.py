# keeps all numbers
class RunningMean:
    def __init__(self):
        self.numbers = []

    def update(self, number):
        self.numbers.append(number)
        return sum(self.numbers) / len(self.numbers)
