//! Pickles: whole instructions are dropped, doubled, moved or changed.

use super::{by_libfuzzer, random::Random, text};

/// Instructions without an argument.
const BARE: &[u8] = b"()012NRQabdelostu]}.\x81\x85\x86\x87\x88\x89\x8f\x90\x91\x93\x94";

pub(super) fn changed(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut instructions = Vec::new();
    let mut rest = bytes;
    while let Some((instruction, after)) = len(rest).and_then(|len| rest.split_at_checked(len)) {
        instructions.push(instruction.to_vec());
        rest = after;
    }
    let count = instructions.len();
    let (place, other) = (random.below(count), random.below(count));
    let Some(instruction) = instructions.get(place).cloned() else {
        return by_libfuzzer(bytes);
    };
    match random.below(8) {
        0 => drop(instructions.remove(place)),
        1 => instructions.insert(other, instruction),
        2 => instructions.swap(place, other),
        3 => instructions.insert(place, vec![*random.of(BARE).unwrap_or(&b'N')]),
        4 => {
            for k in place..count.min(place + random.below(12)) {
                instructions.push(instructions[k].clone());
            }
        }
        5 if text(&instruction) => instructions[place] = text::changed(&instruction, random),
        6 => return [instructions.concat(), by_libfuzzer(rest)].concat(),
        _ => {
            let argument = by_libfuzzer(&instruction[1..]);
            instructions[place].truncate(1);
            instructions[place].extend(argument);
        }
    }
    [&instructions.concat(), rest].concat()
}

/// Whether the argument is a text.
fn text(instruction: &[u8]) -> bool {
    matches!(
        instruction.first(),
        Some(b'I' | b'L' | b'F' | b'S' | b'V' | b'g' | b'p' | b'P' | b'c')
    )
}

/// Bytes of the instruction at the beginning.
fn len(bytes: &[u8]) -> Option<usize> {
    let (code, argument) = bytes.split_first()?;
    let counted = |width: usize| {
        let mut count = [0; 8];
        count[..width].copy_from_slice(argument.get(..width)?);
        usize::try_from(u64::from_le_bytes(count))
            .ok()?
            .checked_add(width)
    };
    let lines = |count: usize| {
        let ends = argument
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte == b'\n');
        ends.map(|(end, _)| end + 1).nth(count - 1)
    };
    let argument = match code {
        b'I' | b'L' | b'F' | b'S' | b'V' | b'g' | b'p' | b'P' => lines(1),
        b'c' | b'i' => lines(2),
        b'K' | b'h' | b'q' | 0x80 => Some(1),
        b'M' => Some(2),
        b'J' | b'j' | b'r' => Some(4),
        b'G' | 0x95 => Some(8),
        b'U' | b'C' | 0x8c | 0x8a => counted(1),
        b'T' | b'B' | b'X' | 0x8b => counted(4),
        0x8e | 0x8d | 0x96 => counted(8),
        code if BARE.contains(code) => Some(0),
        _ => None,
    };
    argument?.checked_add(1)
}
