"""The commands of `o2c`: what they take, what they do, how they answer."""
