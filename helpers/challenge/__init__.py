"""The challenge: large-scale image classification.

`flora` draws pictures from formulas, of the classes that `species` makes; `tiers` has the sizes of
the challenge; `real` reads photographs and `corruptions` makes pictures worse on purpose;
`shard_making` writes sets of any size to disk, `shards` opens them, `loading` feeds them to a
training, and `prefetching` does so ahead of time, in other processes and beside a GPU's work.
"""
