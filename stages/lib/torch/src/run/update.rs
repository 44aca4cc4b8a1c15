use tch::Tensor;

use super::{
    number::Number,
    operator::Operator,
    value::{Entry, Value},
};
use crate::Error;

/// An operator that changes its first tensor in place, and takes a number after its tensors:
/// `aten::add_.Tensor` with its factor `alpha`, which tch leaves out, and its like.
pub(crate) struct Update {
    name: &'static str,
    operator: Operator,
}

impl Update {
    /// # Errors
    /// libtorch has no such operator.
    pub(crate) fn find(name: &'static str) -> Result<Self, Error> {
        match Operator::find(name) {
            Ok(operator) => Ok(Self { name, operator }),
            Err(why) => Err(Error::Update { op: name, why }),
        }
    }

    /// # Errors
    /// What libtorch refuses.
    pub(crate) fn apply(&self, tensors: &[&Tensor], number: f64) -> Result<(), Error> {
        let mut values = Vec::with_capacity(tensors.len() + 1);
        for tensor in tensors {
            values.push(Value::tensor(tensor));
        }
        values.push(Value::number(Number::Float(number)));
        let arguments: Vec<Entry> = values.iter().map(Entry::One).collect();
        match self.operator.call(&arguments, None, 1) {
            Ok(_) => Ok(()),
            Err(why) => Err(Error::Update { op: self.name, why }),
        }
    }
}
