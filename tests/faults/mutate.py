"""Damage to a file: bits, bytes, blocks and ends, and numbers in the structures of HDF5."""

import struct

SIGNATURES = [
    b"\x89HDF",
    b"TREE",
    b"HEAP",
    b"SNOD",
    b"GCOL",
    b"OHDR",
    b"OCHK",
    b"FRHP",
    b"FHDB",
    b"FHIB",
    b"BTHD",
    b"BTLF",
    b"BTIN",
    b"FAHD",
    b"FADB",
    b"EAHD",
    b"EAIB",
    b"EASB",
    b"EADB",
    b"SMTB",
    b"deflate",
    b"shuffle",
]

# structures with a checksum at their end, and the longest that is looked at
SEARCHED = [
    b"BTHD",
    b"BTLF",
    b"BTIN",
    b"FRHP",
    b"FHIB",
    b"OCHK",
    b"FAHD",
    b"FADB",
    b"EAHD",
    b"EAIB",
]
LONGEST = 520


def mutated(content, other, chance):
    """What was done, and the content damaged so; `other` is another file, for splices."""
    kinds = {
        "flip": 30,
        "metadata flip": 15,
        "bytes": 10,
        "truncate": 5,
        "extend": 3,
        "swap": 4,
        "zeros": 5,
        "splice": 5,
        "structure": 18,
        "checksummed": 5,
    }
    kind = chance.choices(list(kinds), list(kinds.values()))[0]
    content = bytearray(content)
    changed = CHANGES[kind](content, other, chance)
    return kind, bytes(changed)


def flip(content, _, chance):
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return content


def metadata_flip(content, _, chance):
    place = near_signature(content, chance, 96)
    content[place] ^= 1 << chance.randrange(8)
    return content


def change_bytes(content, _, chance):
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(content))
        content[place] = chance.choice([0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)])
    return content


def truncate(content, _, chance):
    return content[: chance.randrange(len(content))]


def extend(content, _, chance):
    size = chance.choice([1, 7, 512, 4096, 100_000])
    start = chance.randrange(len(content))
    tail = chance.choice([bytes(size), chance.randbytes(size), content[start : start + size]])
    return content + tail


def swap(content, _, chance):
    size = chance.choice([4, 8, 16, 64, 512])
    if len(content) < 4 * size:
        return flip(content, None, chance)
    first = chance.randrange(len(content) - size)
    second = chance.randrange(len(content) - size)
    left = content[first : first + size]
    content[first : first + size] = content[second : second + size]
    content[second : second + size] = left
    return content


def zeros(content, _, chance):
    start = chance.randrange(len(content))
    size = chance.choice([1, 8, 64, 512, 4096])
    content[start : start + size] = bytes(len(content[start : start + size]))
    return content


def splice(content, other, chance):
    start = chance.randrange(len(content))
    if chance.random() < 0.5:
        return content[:start] + other[start:]
    size = chance.choice([8, 64, 512, 2048])
    content[start : start + size] = other[start : start + size]
    return content


def structure(content, _, chance):
    """A size, address or count after a signature becomes an awkward number."""
    place = near_signature(content, chance, 64)
    size = chance.choice([1, 2, 4, 8])
    write_number(content, place, size, awkward(content, place, size, chance))
    return content


def checksummed(content, _, chance):
    """The same in a header or superblock, with its checksum mended: no accident, an attack."""
    blocks = checksummed_blocks(content)
    if not blocks:
        return structure(content, None, chance)
    start, end = chance.choice(blocks)
    place = chance.randrange(start + 4, end)
    size = chance.choice([1, 1, 2, 4, 8])
    number = awkward(content, place, size, chance)
    write_number(content, place, min(size, end - place), number)
    content[end : end + 4] = struct.pack("<I", checksum(bytes(content[start:end])))
    return content


CHANGES = {
    "flip": flip,
    "metadata flip": metadata_flip,
    "bytes": change_bytes,
    "truncate": truncate,
    "extend": extend,
    "swap": swap,
    "zeros": zeros,
    "splice": splice,
    "structure": structure,
    "checksummed": checksummed,
}


def near_signature(content, chance, distance):
    """A place in one of the structures of the file."""
    places = places_of(content, SIGNATURES)
    start = chance.choice(places) if places else 0
    return min(start + chance.randrange(4, distance), len(content) - 1)


def awkward(content, place, size, chance):
    """A number that a reader may trip over."""
    now = int.from_bytes(content[place : place + size], "little")
    length = len(content)
    numbers = [
        0,
        1,
        2,
        now + 1,
        now - 1,
        now * 2,
        0xFF,
        0xFFFF,
        2**31 - 1,
        2**31,
        2**32 - 1,
        2**32,
        2**40,
        2**63 - 1,
        2**64 - 1,
        length,
        length - 1,
        length // 2,
        place,
        48,
        96,
        chance.randrange(length),
    ]
    return chance.choice(numbers)


def write_number(content, place, size, number):
    content[place : place + size] = (number % 2 ** (8 * size)).to_bytes(size, "little")
    return content


def checksummed_blocks(content):
    """Start and end of the structures that a checksum follows."""
    blocks = []
    if content[:4] == b"\x89HDF" and content[8] in (2, 3):
        blocks.append((0, 44))
    for place in places_of(content, [b"OHDR"]):
        end = header_end(content, place)
        if end + 4 <= len(content):
            blocks.append((place, end))
    for place in places_of(content, SEARCHED):
        # their ends are not worked out but found
        for end in range(place + 8, min(place + LONGEST, len(content) - 4)):
            found = struct.pack("<I", checksum(bytes(content[place:end])))
            if content[end : end + 4] == found:
                blocks.append((place, end))
    return blocks


def places_of(content, signatures):
    """Where these signatures stand."""
    places = []
    for signature in signatures:
        place = content.find(signature)
        while place >= 0:
            places.append(place)
            place = content.find(signature, place + 1)
    return places


def header_end(content, place):
    """Where the checksum of an object header's first chunk stands."""
    flags = content[place + 5]
    place += 6
    if flags & 0x20:
        place += 16
    if flags & 0x10:
        place += 4
    size = 1 << (flags & 3)
    chunk = int.from_bytes(content[place : place + size], "little")
    return place + size + chunk


def checksum(content):
    """Bob Jenkins' lookup3 (2006), hashlittle with 0, as HDF5 uses it."""
    a = b = c = (0xDEADBEEF + len(content)) & 0xFFFFFFFF
    while len(content) > 12:
        x, y, z = struct.unpack("<3I", content[:12])
        a, b, c = mix(a + x, b + y, c + z)
        content = content[12:]
    if not content:
        return c
    x, y, z = struct.unpack("<3I", content.ljust(12, b"\0"))
    return final(a + x, b + y, c + z)


def rotate(value, bits):
    value &= 0xFFFFFFFF
    return (value << bits | value >> (32 - bits)) & 0xFFFFFFFF


def mix(a, b, c):
    a = (a - c) ^ rotate(c, 4)
    c += b
    b = (b - a) ^ rotate(a, 6)
    a += c
    c = (c - b) ^ rotate(b, 8)
    b += a
    a = (a - c) ^ rotate(c, 16)
    c += b
    b = (b - a) ^ rotate(a, 19)
    a += c
    c = (c - b) ^ rotate(b, 4)
    b += a
    return a & 0xFFFFFFFF, b & 0xFFFFFFFF, c & 0xFFFFFFFF


def final(a, b, c):
    a &= 0xFFFFFFFF
    b &= 0xFFFFFFFF
    c &= 0xFFFFFFFF
    c = ((c ^ b) - rotate(b, 14)) & 0xFFFFFFFF
    a = ((a ^ c) - rotate(c, 11)) & 0xFFFFFFFF
    b = ((b ^ a) - rotate(a, 25)) & 0xFFFFFFFF
    c = ((c ^ b) - rotate(b, 16)) & 0xFFFFFFFF
    a = ((a ^ c) - rotate(c, 4)) & 0xFFFFFFFF
    b = ((b ^ a) - rotate(a, 14)) & 0xFFFFFFFF
    return ((c ^ b) - rotate(b, 24)) & 0xFFFFFFFF
