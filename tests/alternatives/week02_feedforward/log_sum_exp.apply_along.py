# A function of one row, applied along the last axis.
def log_sum_exp(scores):
    """Logarithm of the sum of exponentials along the last axis."""

    def one_row(row):
        m = max(row)
        return m + np.log(sum(np.exp(row - m)))

    return np.apply_along_axis(one_row, -1, scores)
