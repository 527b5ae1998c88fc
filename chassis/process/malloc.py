"""What the C library does with memory that a process has freed: it gives it back."""

import ctypes

LARGE_BYTES = 1024 * 1024
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Parameters of glibc's `mallopt`."""


def give_back_what_is_freed() -> None:
    """Large blocks are mappings of their own from now on, and the top of the heap is returned.

    Left alone, glibc counts as large what is larger than any block freed so far, up to 32 MiB: after one large fetch
    all buffers lie in the heap, between what stays. Where the C library is another, nothing happens.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, LARGE_BYTES)
        mallopt(_TRIM_THRESHOLD, LARGE_BYTES)
