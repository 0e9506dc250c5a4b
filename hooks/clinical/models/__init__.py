"""Published equations as pure functions, one module each; coefficients are data."""
