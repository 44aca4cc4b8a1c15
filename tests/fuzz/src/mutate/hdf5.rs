//! HDF5 files: some bytes change, and the checksums of the superblock and of the objects' headers are made right again
//! ("HDF5 File Format Specification", version 3.0, II.A and IV.A.1.b).

use hdf5_reader::checksum::jenkins_lookup3;

use super::random::Random;

/// Bytes of a superblock of version 2 or 3, before its checksum.
const SUPERBLOCK: usize = 44;
/// What sizes and addresses are changed to.
const NUMBERS: [u64; 8] = [0, 1, 2, 0x7f, 0xff, 1 << 31, 1 << 40, u64::MAX];

/// A part of the file that its checksum follows.
struct Block {
    start: usize,
    end: usize,
}

pub(super) fn changed(bytes: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    let blocks = blocks(bytes);
    let mut changed = bytes.to_vec();
    for _ in 0..=random.below(3) {
        // most bytes of a file are values, which may be anything: headers are what is worth changing
        let (start, end) = match blocks.len() {
            0 => (0, bytes.len()),
            count if random.below(4) > 0 => {
                let block = &blocks[random.below(count)];
                (block.start, block.end)
            }
            _ => (0, bytes.len()),
        };
        let place = start + random.below(end - start);
        let width = [1, 1, 2, 4, 8][random.below(5)].min(bytes.len() - place);
        let number = match random.below(3) {
            0 => NUMBERS[random.below(NUMBERS.len())],
            1 => u64::from(changed[place] ^ (1 << random.below(8))),
            _ => u64::from(changed[place])
                .wrapping_add(random.below(9) as u64)
                .wrapping_sub(4),
        };
        changed[place..place + width].copy_from_slice(&number.to_le_bytes()[..width]);
    }
    for Block { start, end } in blocks {
        let checksum = jenkins_lookup3(&changed[start..end]);
        changed[end..end + 4].copy_from_slice(&checksum.to_le_bytes());
    }
    Some(changed)
}

fn blocks(bytes: &[u8]) -> Vec<Block> {
    let mut blocks = Vec::new();
    if bytes.len() >= SUPERBLOCK + 4 && bytes[8] >= 2 {
        blocks.push(Block {
            start: 0,
            end: SUPERBLOCK,
        });
    }
    for start in 0..bytes.len() {
        if bytes[start..].starts_with(b"OHDR")
            && let Some(end) = end_of_header(bytes, start)
        {
            blocks.push(Block { start, end });
        }
    }
    blocks
}

/// Where the first part of an object's header ends: its flags say which fields stand before its length.
fn end_of_header(bytes: &[u8], start: usize) -> Option<usize> {
    let flags = *bytes.get(start + 5)?;
    let times = if flags & 0x20 == 0 { 0 } else { 16 };
    let phases = if flags & 0x10 == 0 { 0 } else { 4 };
    let at = start + 6 + times + phases;
    let width = 1 << (flags & 3);
    let mut length = [0; 8];
    length[..width].copy_from_slice(bytes.get(at..at + width)?);
    let end = (at + width).checked_add(usize::try_from(u64::from_le_bytes(length)).ok()?)?;
    (end.checked_add(4)? <= bytes.len()).then_some(end)
}
