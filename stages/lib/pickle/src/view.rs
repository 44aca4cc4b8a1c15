use std::{borrow::Cow, fmt};

use crate::{Id, Pickle, Value};

/// Bytes of a name.
const LONGEST_NAME: usize = 1000;

/// A value within its pickle.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub(crate) pickle: &'a Pickle<'a>,
    pub(crate) id: Id,
}

impl<'a> View<'a> {
    /// The value itself.
    pub fn value(self) -> &'a Value<'a> {
        &self.pickle.values[self.id.index()]
    }

    /// Its place: two views of one value have the same.
    pub fn id(self) -> Id {
        self.id
    }

    /// Whether it is `None`.
    pub fn is_none(self) -> bool {
        matches!(self.value(), Value::None)
    }

    /// Its truth value.
    pub fn bool(self) -> Option<bool> {
        match self.value() {
            Value::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    /// An integer within i64.
    pub fn int(self) -> Option<i64> {
        match self.value() {
            Value::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// An integer that counts.
    pub fn count(self) -> Option<usize> {
        self.int().and_then(|number| number.try_into().ok())
    }

    /// A text; a `str` of Python 2 is one where it is UTF-8.
    pub fn text(self) -> Option<&'a str> {
        std::str::from_utf8(self.utf8()?).ok()
    }

    /// A text that is short enough for a name. (A file can refer to a long text a million times.)
    pub fn name(self) -> Option<&'a str> {
        (self.utf8()?.len() <= LONGEST_NAME)
            .then(|| self.text())
            .flatten()
    }

    fn utf8(self) -> Option<&'a [u8]> {
        match self.value() {
            Value::String(text) => Some(text.as_bytes()),
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Bytes: as such, or as Python 3 writes them in protocols 0 to 2, `_codecs.encode` of a text
    /// in Latin-1; a text itself where it was a `str` of Python 2 and read as Latin-1.
    pub fn bytes(self) -> Option<Cow<'a, [u8]>> {
        match self.value() {
            Value::Bytes(bytes) => Some(Cow::Borrowed(bytes)),
            Value::String(text) => latin1(text).map(Cow::Owned),
            Value::Reduced(_) => {
                let (("_codecs", "encode"), args) = self.call()? else {
                    return None;
                };
                let [text, encoding] = args.tuple()?;
                matches!(encoding.name()?, "latin1" | "latin-1")
                    .then(|| latin1(text.text()?).map(Cow::Owned))
                    .flatten()
            }
            _ => None,
        }
    }

    /// The values of a list or tuple.
    pub fn items(self) -> Option<impl ExactSizeIterator<Item = View<'a>> + Clone> {
        match self.value() {
            Value::Tuple(items) | Value::List(items) => {
                Some(items.iter().map(move |id| self.pickle.view(*id)))
            }
            _ => None,
        }
    }

    /// The values of a tuple or list of so many.
    pub fn tuple<const N: usize>(self) -> Option<[View<'a>; N]> {
        let items = self.items().filter(|items| items.len() == N)?;
        items.collect::<Vec<_>>().try_into().ok()
    }

    /// Keys and values of a dictionary, or of a `collections.OrderedDict` of Python 2 or 3.
    pub fn entries(self) -> Option<Vec<(View<'a>, View<'a>)>> {
        let pair = |(key, value): &(Id, Id)| (self.pickle.view(*key), self.pickle.view(*value));
        match self.value() {
            Value::Dict(entries) => Some(entries.iter().map(pair).collect()),
            Value::Reduced(object) => {
                let (("collections", "OrderedDict"), args) = self.call()? else {
                    return None;
                };
                // Python 2 gives the pairs as an argument, Python 3 sets them afterwards
                let given = args
                    .tuple::<1>()
                    .map_or(Some(Vec::new()), |[pairs]| Some(pairs.items()?.collect()))?;
                let given = given
                    .into_iter()
                    .map(|pair| pair.tuple::<2>().map(|[key, value]| (key, value)));
                let mut entries = given.collect::<Option<Vec<_>>>()?;
                entries.extend(object.entries.iter().map(pair));
                Some(entries)
            }
            _ => None,
        }
    }

    /// The value of a text key; where the key stands twice, the last.
    pub fn get(self, key: &str) -> Option<View<'a>> {
        self.entries()?
            .into_iter()
            .rev()
            .find(|(name, _)| name.utf8() == Some(key.as_bytes()))
            .map(|(_, value)| value)
    }

    /// Module and name of a class or function.
    pub fn global(self) -> Option<(&'a str, &'a str)> {
        match self.value() {
            Value::Global(global) => Some(**global),
            _ => None,
        }
    }

    /// What an object's making would call: module and name, and the tuple of arguments.
    pub fn call(self) -> Option<((&'a str, &'a str), View<'a>)> {
        match self.value() {
            Value::Reduced(object) => Some((
                self.pickle.view(object.callable).global()?,
                self.pickle.view(object.args),
            )),
            _ => None,
        }
    }

    /// What an object's `__setstate__` would get.
    pub fn state(self) -> Option<View<'a>> {
        match self.value() {
            Value::Reduced(object) => object.state.map(|state| self.pickle.view(state)),
            _ => None,
        }
    }

    /// The persistent id of what the file keeps elsewhere.
    pub fn persistent(self) -> Option<View<'a>> {
        match self.value() {
            Value::Persistent(id) => Some(self.pickle.view(*id)),
            _ => None,
        }
    }
}

/// What it is, for messages: "a dictionary of 3".
impl fmt::Display for View<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.value() {
            Value::None => write!(f, "None"),
            Value::Bool(truth) => write!(f, "the truth value {truth}"),
            Value::Int(number) => write!(f, "the integer {number}"),
            Value::Long(_) => write!(f, "a very large integer"),
            Value::Float(number) => write!(f, "the number {number}"),
            Value::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Value::String(_) => write!(f, "a text"),
            Value::List(items) => write!(f, "a list of {}", items.len()),
            Value::Tuple(items) => write!(f, "a tuple of {}", items.len()),
            Value::Set(items) => write!(f, "a set of {}", items.len()),
            Value::Dict(entries) => write!(f, "a dictionary of {}", entries.len()),
            Value::Global(global) => write!(f, "{}.{}", global.0, global.1),
            Value::Reduced(object) => {
                write!(f, "an object made by {}", self.pickle.view(object.callable))
            }
            Value::Persistent(_) => write!(f, "a storage"),
        }
    }
}

impl fmt::Debug for View<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The bytes of a text whose every character is one.
fn latin1(text: &str) -> Option<Vec<u8>> {
    text.chars()
        .map(|character| u8::try_from(u32::from(character)).ok())
        .collect()
}
