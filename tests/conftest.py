"""One thread: two cores and many tests make more threads slower, not faster."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
