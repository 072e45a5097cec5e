# column by column
def centre(table):
    return np.stack([column - column.mean() for column in table.T], axis=1)
