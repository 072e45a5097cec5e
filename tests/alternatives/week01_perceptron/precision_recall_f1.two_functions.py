# One function for the classes, one for the means; no check may take their names.
def per_class(matrix):
    """Measures of each class as a list of rows."""
    table = []
    for c, row in enumerate(matrix):
        called, there = sum(matrix[:, c]), sum(row)
        p = matrix[c, c] / called if called else 0
        r = matrix[c, c] / there if there else 0
        table.append([p, r, 2 * p * r / (p + r) if p + r else 0])
    return np.array(table)


def macro(table):
    """Mean of each column."""
    return np.einsum("cm->m", table) / len(table)


def precision_recall_f1(matrix):
    """Precision, recall and F1 of each class and their means."""
    table = per_class(matrix)
    return table, macro(table)
