"""What is fast and what is not: run as ``python -m benchmarks.NAME``, on a quiet machine."""
