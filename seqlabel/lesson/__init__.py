"""The base task, human numbers, and the six models of the lesson that lead to a GRU."""
