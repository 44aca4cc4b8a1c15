//! Changes a file and keeps its form: checksums and lengths are made right again, so that the change is read and not
//! refused at the door. What has no form that is known here is changed by libFuzzer.

mod archive;
mod hdf5;
mod json;
mod pickle;
mod random;
mod text;

use std::io::{Read, Write};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};

use random::Random;

/// How deep a file in a file in a file is looked into.
const DEPTH: usize = 4;
/// Bytes of a file that is inflated.
const INFLATED: u64 = 16 << 20;
/// Bytes by which libFuzzer may lengthen a part.
const GROWTH: usize = 256;

/// Changes the file of `size` bytes in `data` and returns its new size, of `most` bytes or less.
pub fn file(data: &mut [u8], size: usize, most: usize, seed: u32) -> usize {
    let mut random = Random::new(seed);
    for _ in 0..4 {
        let changed = changed(&data[..size], &mut random, DEPTH);
        if changed.len() <= most && changed != data[..size] {
            data[..changed.len()].copy_from_slice(&changed);
            return changed.len();
        }
    }
    libfuzzer_sys::fuzzer_mutate(data, size, most)
}

fn changed(bytes: &[u8], random: &mut Random, depth: usize) -> Vec<u8> {
    if depth == 0 || random.below(10) == 0 {
        return by_libfuzzer(bytes);
    }
    let kept = match bytes {
        [b'P', b'K', 3, 4, ..] => archive::changed(bytes, random, depth - 1),
        [0x89, b'H', b'D', b'F', ..] => hdf5::changed(bytes, random),
        [0x1f, 0x8b, ..] => gzip(bytes, random, depth - 1),
        [0x93, b'N', b'U', b'M', b'P', b'Y', 1, ..] => npy(bytes, random),
        [0x80, ..] => Some(pickle::changed(bytes, random)),
        [b'{' | b'[', ..] => json::changed(bytes, random),
        [_, _, _, _, _, _, _, _, b'{', ..] => safetensors(bytes, random),
        _ => None,
    };
    if let Some(kept) = kept {
        return kept;
    }
    if random.below(2) == 0 {
        text::changed(bytes, random)
    } else {
        by_libfuzzer(bytes)
    }
}

fn by_libfuzzer(bytes: &[u8]) -> Vec<u8> {
    let mut data = bytes.to_vec();
    let most = bytes.len() + GROWTH;
    data.resize(most, 0);
    let size = libfuzzer_sys::fuzzer_mutate(&mut data, bytes.len(), most);
    data.truncate(size);
    data
}

fn gzip(bytes: &[u8], random: &mut Random, depth: usize) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    GzDecoder::new(bytes)
        .take(INFLATED)
        .read_to_end(&mut content)
        .ok()?;
    let content = changed(&content, random, depth);
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&content).ok()?;
    packed.finish().ok()
}

/// An array of numpy: the header is a text, whose length stands before it.
fn npy(bytes: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    let len = usize::from(u16::from_le_bytes([*bytes.get(8)?, *bytes.get(9)?]));
    let (header, elements) = bytes.get(10..)?.split_at_checked(len)?;
    if random.below(4) == 0 {
        return Some([&bytes[..10], header, &by_libfuzzer(elements)].concat());
    }
    let header = text::changed(header, random);
    let len = u16::try_from(header.len()).ok()?.to_le_bytes();
    Some([&bytes[..8], &len, &header, elements].concat())
}

/// safetensors: the header is JSON, whose length stands before it.
fn safetensors(bytes: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    let (len, rest) = bytes.split_first_chunk()?;
    let len = usize::try_from(u64::from_le_bytes(*len)).ok()?;
    let (header, tensors) = rest.split_at_checked(len)?;
    let header = json::changed(header, random)?;
    let len = (header.len() as u64).to_le_bytes();
    Some([&len[..], &header, tensors].concat())
}
