# divides the sum
def centre(table):
    return table - table.sum(axis=0) / len(table)
