mod calls;
mod stack;

use std::{borrow::Cow, collections::HashMap};

use crate::{
    Error, Id, Names, Pickle, Result, Value,
    input::{Input, Width},
    opcode::*,
    text,
};

/// The newest protocol.
const PROTOCOL: u8 = 5;
/// Bytes of memory that a value takes, with what its vector holds in reserve.
const VALUE: usize = 2 * size_of::<Value>();
/// Bytes of an entry in the stack, among the marks or in a container.
const ENTRY: usize = 2 * size_of::<Id>();
/// Bytes of an entry in the memo.
const REMEMBERED: usize = 32;

/// The stack machine whose program a pickle is.
pub(crate) struct Machine<'a> {
    input: Input<'a>,
    allowed: Names,
    /// Bytes of memory that all may take.
    most: usize,
    /// Bytes that the values take beyond themselves.
    beyond: usize,
    values: Vec<Value<'a>>,
    stack: Vec<Id>,
    /// Heights of the stack that were marked.
    marks: Vec<u32>,
    memo: HashMap<u32, Id>,
}

impl<'a> Machine<'a> {
    pub(crate) fn new(bytes: &'a [u8], allowed: Names, most: usize) -> Self {
        let input = Input::new(bytes);
        Self {
            input,
            allowed,
            most,
            beyond: 0,
            values: Vec::new(),
            stack: Vec::new(),
            marks: Vec::new(),
            memo: HashMap::new(),
        }
    }

    pub(crate) fn run(mut self) -> Result<Pickle<'a>> {
        loop {
            let at = self.input.at;
            match self.input.u8()? {
                STOP => break,
                code => self.step(code, at)?,
            }
            if self.memory() > self.most {
                return Err(Error::TooLarge(self.most));
            }
        }
        let root = self.pop()?;
        Ok(Pickle {
            values: self.values,
            root,
            len: self.input.at,
        })
    }

    /// Bytes that all takes: a byte of the file can ask for many.
    fn memory(&self) -> usize {
        let entries = (self.stack.len() + self.marks.len()) * ENTRY;
        self.values.len() * VALUE + self.beyond + entries + self.memo.len() * REMEMBERED
    }

    fn step(&mut self, code: u8, at: usize) -> Result<()> {
        match code {
            PROTO => {
                let version = self.input.u8()?;
                self.check(version <= PROTOCOL, || {
                    format!("protocol {version} is newer than {PROTOCOL}")
                })
            }
            FRAME => self.input.u64().map(drop),
            MARK => {
                self.marks.push(self.stack.len() as u32);
                Ok(())
            }
            POP => match self.marks.last() {
                // as in CPython: a mark is what is on top
                Some(mark) if *mark as usize == self.stack.len() => self.pop_mark().map(drop),
                _ => self.pop().map(drop),
            },
            POP_MARK => self.pop_mark().map(drop),
            DUP => {
                let top = self.top()?;
                self.stack.push(top);
                Ok(())
            }
            NONE | NEWTRUE..=LONG4 | INT | BININT | BININT1 | BININT2 | LONG | FLOAT | BINFLOAT => {
                let value = self.number(code)?;
                self.push(value)
            }
            STRING | BINSTRING | SHORT_BINSTRING | BINBYTES | SHORT_BINBYTES | BINBYTES8
            | BYTEARRAY8 | UNICODE | BINUNICODE | SHORT_BINUNICODE | BINUNICODE8 => {
                let value = self.string(code)?;
                self.push(value)
            }
            EMPTY_TUPLE | TUPLE | TUPLE1 | TUPLE2 | TUPLE3 | EMPTY_LIST | LIST | EMPTY_DICT
            | DICT | EMPTY_SET | FROZENSET => {
                let value = self.container(code)?;
                self.push(value)
            }
            APPEND => {
                let item = self.pop()?;
                self.extend(&[item])
            }
            APPENDS | ADDITEMS => {
                let items = self.pop_mark()?;
                self.extend(&items)
            }
            SETITEM => {
                let value = self.pop()?;
                let key = self.pop()?;
                self.set(&[key, value])
            }
            SETITEMS => {
                let items = self.pop_mark()?;
                self.set(&items)
            }
            GET | BINGET | LONG_BINGET => {
                let place = self.place(code)?;
                let Some(id) = self.memo.get(&place) else {
                    return Err(self.senseless(format!("nothing was remembered as {place}")));
                };
                self.stack.push(*id);
                Ok(())
            }
            PUT | BINPUT | LONG_BINPUT | MEMOIZE => {
                let (place, top) = (self.place(code)?, self.top()?);
                self.memo.insert(place, top);
                Ok(())
            }
            GLOBAL | STACK_GLOBAL | REDUCE | NEWOBJ | INST | OBJ | BUILD | PERSID | BINPERSID => {
                self.object(code)
            }
            _ => Err(Error::Opcode { code, at }),
        }
    }

    fn number(&mut self, code: u8) -> Result<Value<'a>> {
        Ok(match code {
            NONE => Value::None,
            NEWTRUE => Value::Bool(true),
            NEWFALSE => Value::Bool(false),
            BININT => Value::Int(i32::from_le_bytes(self.input.array()?).into()),
            BININT1 => Value::Int(self.input.u8()?.into()),
            BININT2 => Value::Int(self.input.u16()?.into()),
            LONG1 => text::twos_complement(self.input.counted(Width::One)?),
            LONG4 => text::twos_complement(self.input.counted(Width::Four)?),
            BINFLOAT => Value::Float(f64::from_be_bytes(self.input.array()?)),
            INT => self.line(text::int)?,
            LONG => self.line(text::long)?,
            _ => self.line(text::float)?,
        })
    }

    fn string(&mut self, code: u8) -> Result<Value<'a>> {
        let bytes = match code {
            STRING => return self.line(text::quoted),
            UNICODE => return self.line(text::unicode),
            SHORT_BINSTRING | SHORT_BINBYTES | SHORT_BINUNICODE => {
                self.input.counted(Width::One)?
            }
            BINBYTES8 | BYTEARRAY8 | BINUNICODE8 => self.input.counted(Width::Eight)?,
            _ => self.input.counted(Width::Four)?,
        };
        if !matches!(code, BINUNICODE | SHORT_BINUNICODE | BINUNICODE8) {
            return Ok(Value::Bytes(Cow::Borrowed(bytes)));
        }
        let text = std::str::from_utf8(bytes)
            .map_err(|error| self.senseless(format!("a text: {error}")))?;
        Ok(Value::String(Cow::Borrowed(text)))
    }

    fn container(&mut self, code: u8) -> Result<Value<'a>> {
        Ok(match code {
            EMPTY_TUPLE => Value::Tuple(Vec::new()),
            EMPTY_LIST => Value::List(Vec::new()),
            EMPTY_DICT => Value::Dict(Vec::new()),
            EMPTY_SET => Value::Set(Vec::new()),
            TUPLE1 => Value::Tuple(self.pop_many(1)?),
            TUPLE2 => Value::Tuple(self.pop_many(2)?),
            TUPLE3 => Value::Tuple(self.pop_many(3)?),
            TUPLE => Value::Tuple(self.pop_mark()?),
            LIST => Value::List(self.pop_mark()?),
            FROZENSET => Value::Set(self.pop_mark()?),
            _ => {
                let items = self.pop_mark()?;
                Value::Dict(self.pairs(&items)?)
            }
        })
    }

    /// The number that a value is or was remembered by.
    fn place(&mut self, code: u8) -> Result<u32> {
        match code {
            BINGET | BINPUT => self.input.u8().map(u32::from),
            LONG_BINGET | LONG_BINPUT => self.input.u32(),
            MEMOIZE => Ok(self.memo.len() as u32),
            _ => match self.line(text::long)? {
                Value::Int(place) if u32::try_from(place).is_ok() => Ok(place as u32),
                _ => Err(self.senseless("a place in the memory is no number")),
            },
        }
    }

    fn line(&mut self, parse: impl Fn(&'a [u8]) -> Option<Value<'a>>) -> Result<Value<'a>> {
        let line = self.input.line()?;
        parse(line).ok_or_else(|| {
            self.senseless(format!(
                "\"{}\" is no value",
                text::start(&line.escape_ascii().to_string())
            ))
        })
    }

    fn check(&self, holds: bool, what: impl FnOnce() -> String) -> Result<()> {
        if holds {
            Ok(())
        } else {
            Err(self.senseless(what()))
        }
    }

    fn senseless(&self, what: impl Into<String>) -> Error {
        Error::Senseless {
            at: self.input.at,
            what: what.into(),
        }
    }
}
