"""One value in each protocol of Python's pickle: python make.py (Python 3.11)"""

import collections
import pathlib
import pickle

again = ["twice"]
VALUE = {
    "numbers": [0, 1, -1, 255, 65536, -(2**31), 2**40, 0, 1.5, float("inf")],
    "others": (None, True, False, "é\n\\", b"\x00\xff", bytearray(b"ab"), {3}, frozenset()),
    "shared": [again, again],
    "ordered": collections.OrderedDict([("b", 1), ("a", ())]),
    "long": "x" * 300,
}

for protocol in range(6):
    # beyond 64 bits, which protocols 0 and 1 write in decimal and relief does not read
    VALUE["numbers"][7] = -(2**70) if protocol > 1 else 0
    content = pickle.dumps(VALUE, protocol)
    (pathlib.Path(__file__).resolve().parent / f"protocol{protocol}.pkl").write_bytes(content)
