"""Measurements (`make bench`), each as a ratio in one run against a named reference; no test asserts them."""
