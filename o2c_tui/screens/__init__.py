"""One screen a module: ask, call one verb, show the answer."""
