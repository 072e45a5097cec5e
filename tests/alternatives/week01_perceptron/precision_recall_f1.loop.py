# Counts true positives, false positives and false negatives of each class in a loop.
def precision_recall_f1(matrix):
    """Precision, recall and F1 of each class and their means."""
    rows = []
    for c in range(len(matrix)):
        hits = int(matrix[c, c])
        false_alarms = int(matrix[:, c].sum()) - hits
        missed = int(matrix[c].sum()) - hits
        precision = hits / (hits + false_alarms) if hits + false_alarms else 0.0
        recall = hits / (hits + missed) if hits + missed else 0.0
        f1 = 2 * hits / (2 * hits + false_alarms + missed) if hits else 0.0
        rows.append([precision, recall, f1])
    macro = [sum(column) / len(rows) for column in zip(*rows)]
    return rows, macro
