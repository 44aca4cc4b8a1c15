//! The stack of the machine, and the values that lie on it.

use std::borrow::Cow;

use super::{ENTRY, Machine};
use crate::{Id, Object, Result, Value};

/// Bytes that a value takes beyond, where it has a vector of its own or is an object.
const VECTOR: usize = 32;
const OBJECT: usize = size_of::<Object>() + 16;
/// Bytes of an entry of a dictionary: who reads it makes names of the keys.
const PAIR: usize = 256;

impl<'a> Machine<'a> {
    pub(super) fn extend(&mut self, items: &[Id]) -> Result<()> {
        let top = self.top()?;
        match &mut self.values[top.index()] {
            Value::List(list) | Value::Set(list) => list.extend(items),
            Value::Reduced(object) => object.items.extend(items),
            _ => return Err(self.senseless("an item is appended to what is no list")),
        }
        self.beyond += items.len() * ENTRY;
        Ok(())
    }

    pub(super) fn set(&mut self, items: &[Id]) -> Result<()> {
        let (pairs, top) = (self.pairs(items)?, self.top()?);
        match &mut self.values[top.index()] {
            Value::Dict(entries) => entries.extend(pairs),
            Value::Reduced(object) => object.entries.extend(pairs),
            _ => return Err(self.senseless("an entry is set in what is no dictionary")),
        }
        self.beyond += items.len() / 2 * PAIR;
        Ok(())
    }

    pub(super) fn pairs(&self, items: &[Id]) -> Result<Vec<(Id, Id)>> {
        self.check(items.len().is_multiple_of(2), || {
            "a key has no value".into()
        })?;
        Ok(items
            .chunks_exact(2)
            .map(|pair| (pair[0], pair[1]))
            .collect())
    }

    pub(super) fn add(&mut self, value: Value<'a>) -> Result<Id> {
        self.beyond += match &value {
            Value::List(items) | Value::Tuple(items) | Value::Set(items) => {
                VECTOR + items.len() * ENTRY
            }
            Value::Dict(entries) => VECTOR + entries.len() * PAIR,
            Value::Reduced(_) => OBJECT,
            Value::String(Cow::Owned(text)) => VECTOR + text.capacity(),
            Value::Bytes(Cow::Owned(bytes)) => VECTOR + bytes.capacity(),
            _ => 0,
        };
        self.values.push(value);
        Ok(Id(self.values.len() as u32 - 1))
    }

    pub(super) fn push(&mut self, value: Value<'a>) -> Result<()> {
        let id = self.add(value)?;
        self.stack.push(id);
        Ok(())
    }

    /// The value on top, above the last mark.
    pub(super) fn top(&self) -> Result<Id> {
        let floor = match self.marks.last() {
            Some(mark) => *mark as usize,
            None => 0,
        };
        match self.stack[floor..].last() {
            Some(top) => Ok(*top),
            None => Err(self.senseless("a value is wanted, and there is none")),
        }
    }

    pub(super) fn pop(&mut self) -> Result<Id> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    pub(super) fn pop_many(&mut self, count: usize) -> Result<Vec<Id>> {
        let mut popped = Vec::with_capacity(count);
        for _ in 0..count {
            popped.push(self.pop()?);
        }
        popped.reverse();
        Ok(popped)
    }

    /// All that lies above the last mark.
    pub(super) fn pop_mark(&mut self) -> Result<Vec<Id>> {
        match self.marks.pop() {
            Some(mark) => Ok(self.stack.split_off(mark as usize)),
            None => Err(self.senseless("a mark is wanted, and there is none")),
        }
    }
}
