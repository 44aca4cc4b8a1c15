//! The values of protocol 0, which are written as lines of text.

use std::borrow::Cow;

use crate::Value;

/// As much of a text as a message shows.
pub(crate) fn start(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into(),
    }
}

/// A decimal integer, or a truth value, which is written `01` or `00`.
pub(crate) fn int(line: &[u8]) -> Option<Value<'_>> {
    match line {
        b"00" => Some(Value::Bool(false)),
        b"01" => Some(Value::Bool(true)),
        _ => long(line),
    }
}

/// A decimal integer, with an `L` behind it or not. One beyond i64 is only written so by protocol
/// 0, and by nobody who writes tensors.
pub(crate) fn long(line: &[u8]) -> Option<Value<'_>> {
    let line = line.strip_suffix(b"L").unwrap_or(line);
    std::str::from_utf8(line).ok()?.parse().ok().map(Value::Int)
}

/// A real number.
pub(crate) fn float(line: &[u8]) -> Option<Value<'_>> {
    std::str::from_utf8(line)
        .ok()?
        .parse()
        .ok()
        .map(Value::Float)
}

/// A `str` of Python 2, as `repr` writes it: quoted, with escapes.
pub(crate) fn quoted(line: &[u8]) -> Option<Value<'_>> {
    let (quote, rest) = line.split_first()?;
    let inner = rest
        .strip_suffix(std::slice::from_ref(quote))
        .filter(|_| matches!(quote, b'\'' | b'"'))?;
    if !inner.contains(&b'\\') {
        return Some(Value::Bytes(Cow::Borrowed(inner)));
    }
    let mut bytes = Vec::with_capacity(inner.len());
    let mut left = inner;
    while let Some((byte, rest)) = left.split_first() {
        left = rest;
        if *byte != b'\\' {
            bytes.push(*byte);
            continue;
        }
        let (escape, rest) = left.split_first()?;
        left = rest;
        bytes.push(match escape {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'\\' | b'\'' | b'"' => *escape,
            b'x' => u8::try_from(hex(&mut left, 2)?).ok()?,
            _ => return None,
        });
    }
    Some(Value::Bytes(Cow::Owned(bytes)))
}

/// A text in Latin-1 with `\uXXXX` and `\UXXXXXXXX` for the rest (raw-unicode-escape).
pub(crate) fn unicode(line: &[u8]) -> Option<Value<'_>> {
    let mut text = String::with_capacity(line.len());
    let mut left = line;
    while let Some((byte, rest)) = left.split_first() {
        left = rest;
        let digits = match (byte, left.first()) {
            (b'\\', Some(b'u')) => 4,
            (b'\\', Some(b'U')) => 8,
            _ => {
                text.push(char::from(*byte));
                continue;
            }
        };
        left = &left[1..];
        text.push(char::from_u32(hex(&mut left, digits)?)?);
    }
    Some(Value::String(Cow::Owned(text)))
}

/// So many hexadecimal digits from the front.
fn hex(left: &mut &[u8], digits: usize) -> Option<u32> {
    let (number, rest) = left.split_at_checked(digits)?;
    *left = rest;
    let number = std::str::from_utf8(number)
        .ok()
        .filter(|text| !text.starts_with('+'))?;
    u32::from_str_radix(number, 16).ok()
}

/// An integer in two's complement, little-endian, of any length.
pub(crate) fn twos_complement(bytes: &[u8]) -> Value<'_> {
    let Some(last) = bytes.last() else {
        return Value::Int(0);
    };
    if bytes.len() > 8 {
        return Value::Long(Cow::Borrowed(bytes));
    }
    let mut wide = [if last & 0x80 == 0 { 0 } else { 0xff }; 8];
    wide[..bytes.len()].copy_from_slice(bytes);
    Value::Int(i64::from_le_bytes(wide))
}
