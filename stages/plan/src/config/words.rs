//! The words of options that have a list of them, those of the stages.

use std::{any::type_name, borrow::Cow};

use clap::ValueEnum;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

pub(crate) type DirType = Word<options::DirType>;
pub(crate) type Norm = Word<options::Norm>;
pub(crate) type Ignore = Word<options::Ignore>;
pub(crate) type Loss = Word<options::Loss>;
pub(crate) type Precision = Word<options::Precision>;
pub(crate) type ClassAxis = Word<options::ClassAxis>;
pub(crate) type Operator = Word<options::Operator>;
pub(crate) type Parameters = Word<options::Parameters>;
pub(crate) type Style = Word<options::Style>;

/// A word of an option. Its JSON Schema has the help of each word.
#[derive(Debug, Clone, Copy, Deserialize, Serialize)]
#[serde(transparent)]
pub(crate) struct Word<T>(T);

impl<T: ValueEnum> JsonSchema for Word<T> {
    fn schema_name() -> Cow<'static, str> {
        let path = type_name::<T>();
        path.rsplit("::").next().unwrap_or(path).into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut words = Vec::new();
        for choice in T::value_variants() {
            let Some(word) = choice.to_possible_value() else {
                continue;
            };
            let help = word.get_help().map(ToString::to_string);
            words.push(json_schema!({
                "description": help.unwrap_or_default(),
                "type": "string",
                "const": word.get_name(),
            }));
        }
        json_schema!({ "oneOf": words })
    }
}
