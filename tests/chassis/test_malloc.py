"""What is freed is given back: large blocks do not end up in the heap, between what stays."""

import ctypes
import subprocess
import sys

import pytest

from tests.chassis.fake_producer import GENEROUS_SECONDS

HELD = """
import ctypes
class Figures(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in
                ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keep")]
library = ctypes.CDLL(None)
library.mallinfo2.restype = Figures
{first}
bytes(16 << 20)  # freed at once
before = library.mallinfo2().hblks
held = bytes(2 << 20)
print(library.mallinfo2().hblks - before)
"""


def mappings_of_a_large_block(first: str) -> int:
    """How many mappings of its own a block of 2 MiB gets in a process that has freed one of 16."""
    done = subprocess.run(
        [sys.executable, "-c", HELD.format(first=first)], capture_output=True, timeout=GENEROUS_SECONDS, check=True
    )
    return int(done.stdout)


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="tells how much glibc (2.33 or newer) holds")
@pytest.mark.parametrize(
    ("first", "mappings"),
    [("from chassis.process.malloc import give_back_what_is_freed as give; give()", 1), ("", 0)],
    ids=["as a service does", "left alone"],
)
def test_a_large_block_is_given_back_when_it_is_freed(first: str, mappings: int) -> None:
    assert mappings_of_a_large_block(first) == mappings
