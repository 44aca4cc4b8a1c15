//! JSON: a part of the document becomes another part, a number, nothing, or comes twice.

use serde_json::Value;

use super::{by_libfuzzer, random::Random, text};

pub(super) fn changed(bytes: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    if random.below(4) == 0 {
        return Some(text::changed(bytes, random));
    }
    let mut document: Value = serde_json::from_slice(bytes).ok()?;
    let parts = count(&document);
    let other = part(&mut document, random.below(parts))?.clone();
    let there = part(&mut document, random.below(parts))?;
    match there {
        Value::Array(members) if random.below(2) == 0 => change_list(members, other, random),
        Value::Object(entries) if random.below(2) == 0 => {
            let keys: Vec<String> = entries.keys().cloned().collect();
            let key = random.of(&keys).cloned().unwrap_or_default();
            match random.below(3) {
                0 => drop(entries.remove(&key)),
                1 => drop(entries.insert(key, other)),
                _ => {
                    let name = other.as_str().unwrap_or("x").to_string();
                    let value = entries.remove(&key).unwrap_or_default();
                    entries.insert(name, value);
                }
            }
        }
        Value::String(text) if random.below(3) == 0 => {
            *text = String::from_utf8_lossy(&by_libfuzzer(text.as_bytes())).into_owned();
        }
        there => {
            *there = match random.below(6) {
                0 => Value::Null,
                1 => Value::Bool(true),
                2 => number(random),
                3 => Value::Array(vec![there.take()]),
                _ => other,
            };
        }
    }
    serde_json::to_vec(&document).ok()
}

fn change_list(members: &mut Vec<Value>, other: Value, random: &mut Random) {
    let place = random.below(members.len());
    let Some(member) = members.get(place).cloned() else {
        return members.push(other);
    };
    match random.below(4) {
        0 => drop(members.remove(place)),
        1 => members.insert(place, member),
        2 => members.insert(place, other),
        _ => {
            let last = members.len() - 1;
            members.swap(place, last);
        }
    }
}

fn number(random: &mut Random) -> Value {
    let number = random.of(&text::NUMBERS).copied().unwrap_or_default();
    serde_json::from_str(number).unwrap_or_else(|_| number.into())
}

/// The number of its parts, itself among them.
fn count(value: &Value) -> usize {
    let parts: usize = match value {
        Value::Array(members) => members.iter().map(count).sum(),
        Value::Object(entries) => entries.values().map(count).sum(),
        _ => 0,
    };
    parts + 1
}

/// The part of this number.
fn part(value: &mut Value, mut number: usize) -> Option<&mut Value> {
    if number == 0 {
        return Some(value);
    }
    number -= 1;
    let parts: Vec<&mut Value> = match value {
        Value::Array(members) => members.iter_mut().collect(),
        Value::Object(entries) => entries.values_mut().collect(),
        _ => Vec::new(),
    };
    for part_of_it in parts {
        let size = count(part_of_it);
        if number < size {
            return part(part_of_it, number);
        }
        number -= size;
    }
    None
}
