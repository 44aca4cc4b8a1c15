//! Names, calls that are not made, and things kept elsewhere.

use std::borrow::Cow;

use super::Machine;
use crate::{Error, Id, Object, Result, Value, opcode::*, text};

impl<'a> Machine<'a> {
    /// Names, calls that are not made, and things kept elsewhere.
    pub(super) fn object(&mut self, code: u8) -> Result<()> {
        match code {
            GLOBAL => {
                let global = self.global()?;
                self.push(global)
            }
            STACK_GLOBAL => {
                let names = self.pop_many(2)?;
                let [Value::String(module), Value::String(name)] = [
                    &self.values[names[0].index()],
                    &self.values[names[1].index()],
                ] else {
                    return Err(self.senseless("a name is no text"));
                };
                let global = self.allowed(module, name)?;
                self.push(global)
            }
            REDUCE | NEWOBJ => {
                let parts = self.pop_many(2)?;
                self.reduce(parts[0], parts[1])
            }
            INST => {
                let global = self.global()?;
                let args = Value::Tuple(self.pop_mark()?);
                let (callable, args) = (self.add(global)?, self.add(args)?);
                self.reduce(callable, args)
            }
            OBJ => {
                let parts = self.pop_mark()?;
                let Some((callable, args)) = parts.split_first() else {
                    return Err(self.senseless("a call calls nothing"));
                };
                let args = self.add(Value::Tuple(args.into()))?;
                self.reduce(*callable, args)
            }
            BUILD => {
                let (state, top) = (self.pop()?, self.top()?);
                match &mut self.values[top.index()] {
                    Value::Reduced(object) => object.state = Some(state),
                    _ => return Err(self.senseless("a state is given to what has none")),
                }
                Ok(())
            }
            PERSID => {
                let name = self.line(|line| Some(Value::Bytes(Cow::Borrowed(line))))?;
                let name = self.add(name)?;
                self.push(Value::Persistent(name))
            }
            _ => {
                let id = self.pop()?;
                self.push(Value::Persistent(id))
            }
        }
    }

    fn global(&mut self) -> Result<Value<'a>> {
        let (module, name) = (self.input.line()?, self.input.line()?);
        self.allowed(
            &String::from_utf8_lossy(module),
            &String::from_utf8_lossy(name),
        )
    }

    fn allowed(&self, module: &str, name: &str) -> Result<Value<'a>> {
        match self.allowed.iter().find(|known| **known == (module, name)) {
            Some(known) => Ok(Value::Global(known)),
            None => Err(Error::Refused {
                module: text::start(module),
                name: text::start(name),
            }),
        }
    }

    fn reduce(&mut self, callable: Id, args: Id) -> Result<()> {
        let sense = matches!(self.values[callable.index()], Value::Global(_))
            && matches!(self.values[args.index()], Value::Tuple(_));
        self.check(sense, || {
            "a call is not of a name with a tuple of arguments".into()
        })?;
        let object = Object {
            callable,
            args,
            state: None,
            items: Vec::new(),
            entries: Vec::new(),
        };
        self.push(Value::Reduced(Box::new(object)))
    }
}
