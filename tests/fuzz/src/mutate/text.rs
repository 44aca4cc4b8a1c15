//! Texts: numbers become those at which sizes go wrong.

use super::{by_libfuzzer, random::Random};

/// Numbers at the ends of types, and what is none.
pub(super) const NUMBERS: [&str; 20] = [
    "0",
    "1",
    "-1",
    "2",
    "7",
    "127",
    "256",
    "65536",
    "2147483647",
    "4294967295",
    "4294967296",
    "1099511627776",
    "4611686018427387904",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1e400",
    "0.5",
    "NaN",
];

/// Changes a number of the text; where it has none, libFuzzer changes it.
pub(super) fn changed(text: &[u8], random: &mut Random) -> Vec<u8> {
    let mut numbers: Vec<(usize, usize)> = Vec::new();
    for (place, byte) in text.iter().enumerate() {
        match numbers.last_mut() {
            Some((_, end)) if byte.is_ascii_digit() && *end == place => *end = place + 1,
            _ if byte.is_ascii_digit() => numbers.push((place, place + 1)),
            _ => {}
        }
    }
    let (Some((start, end)), Some(number)) = (random.of(&numbers), random.of(&NUMBERS)) else {
        return by_libfuzzer(text);
    };
    [&text[..*start], number.as_bytes(), &text[*end..]].concat()
}
