"""The challenge: large-scale image classification. `flora` draws its pictures."""
