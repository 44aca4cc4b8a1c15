use std::borrow::Cow;

use crate::{Result, View, machine::Machine};

/// Classes and functions, by module and name.
pub type Names = &'static [(&'static str, &'static str)];

/// The place of a value in its pickle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Id(pub(crate) u32);

impl Id {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// A value as plain data.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// `None`.
    None,
    /// `True` or `False`.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// An integer beyond i64: its two's complement, little-endian.
    Long(Cow<'a, [u8]>),
    /// A real number.
    Float(f64),
    /// `bytes`, `bytearray`, or a `str` of Python 2, whose encoding nobody knows.
    Bytes(Cow<'a, [u8]>),
    /// A text.
    String(Cow<'a, str>),
    /// A list.
    List(Vec<Id>),
    /// A tuple.
    Tuple(Vec<Id>),
    /// A set, frozen or not.
    Set(Vec<Id>),
    /// A dictionary, in the order of insertion; where a key stands twice, the last counts.
    Dict(Vec<(Id, Id)>),
    /// A class or function on the caller's list: module and name.
    Global(&'static (&'static str, &'static str)),
    /// What a callable would have made.
    Reduced(Box<Object>),
    /// What the file keeps elsewhere, by its persistent id.
    Persistent(Id),
}

/// An object that was not made: the call that makes it, and what is put into it afterwards.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// A [`Value::Global`].
    pub callable: Id,
    /// A [`Value::Tuple`].
    pub args: Id,
    /// What `__setstate__` would get.
    pub state: Option<Id>,
    /// Entries that are appended, for a kind of list.
    pub items: Vec<Id>,
    /// Entries that are set, for a kind of dictionary.
    pub entries: Vec<(Id, Id)>,
}

/// A pickle that was read.
#[derive(Debug, Clone)]
pub struct Pickle<'a> {
    pub(crate) values: Vec<Value<'a>>,
    pub(crate) root: Id,
    pub(crate) len: usize,
}

impl<'a> Pickle<'a> {
    /// Reads the pickle that `bytes` begin with. Of classes and functions only the `allowed` ones
    /// may occur; the values may take `most` bytes of memory.
    ///
    /// # Errors
    /// No pickle, a damaged one, one that is too large, a name that is not allowed.
    pub fn read(bytes: &'a [u8], allowed: Names, most: usize) -> Result<Self> {
        Machine::new(bytes, allowed, most).run()
    }

    /// What was pickled.
    pub fn root(&self) -> View<'_> {
        self.view(self.root)
    }

    /// Every value, used or not.
    pub fn values(&self) -> impl Iterator<Item = View<'_>> {
        (0..self.values.len()).map(|place| self.view(Id(place as u32)))
    }

    /// Its length in bytes: other things may follow it.
    #[allow(clippy::len_without_is_empty, reason = "none is empty")]
    pub fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn view(&self, id: Id) -> View<'_> {
        View { pickle: self, id }
    }
}
