"""Other tools, as the benchmarks beside this package call them; what they are compared in is said there."""
