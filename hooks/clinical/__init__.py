"""The clinical core: values and functions, standard library only; time comes in as `as_of`."""
