//! What a program takes and what it returns: its state, inputs and outputs.

use std::collections::BTreeMap;

use anyhow::{Context, bail, ensure};
use program::{Arg, Half, Input};

use super::writer::Writer;
use crate::{
    Element,
    exported::{
        Output, Used,
        node::{makers, named, user_line},
        outputs,
        schema::{Graph, GraphModule, OutputSpec},
        weights,
    },
};

/// Rounds a tensor, or makes it one of integers again.
const CAST: &str = "aten::to.dtype";

impl Writer {
    /// A tensor of the state; an element type that files do not know is made again from what they
    /// keep.
    pub(super) fn state(&mut self, name: &str, used: &Used) -> anyhow::Result<()> {
        let stored = Arg::State(used.name.clone());
        let call = match used.tensor.element {
            Element::Bool => Some(("aten::ne.Scalar", "other", Arg::Int(0))),
            Element::I8 => Some((CAST, "dtype", Arg::Int(1))),
            Element::I16 => Some((CAST, "dtype", Arg::Int(2))),
            Element::I32 => Some((CAST, "dtype", Arg::Int(3))),
            Element::F16 => Some((CAST, "dtype", Arg::Int(Half::F16.number()))),
            Element::Bf16 => Some((CAST, "dtype", Arg::Int(Half::Bf16.number()))),
            Element::F32 | Element::F64 | Element::I64 | Element::U8 => None,
        };
        let Some((op, argument, value)) = call else {
            return self.stands_for(name.to_string(), stored);
        };
        self.call(
            op,
            [("self".to_string(), stored), (argument.to_string(), value)].into(),
            vec![name.to_string()],
        )
    }

    pub(super) fn input(&mut self, name: &str, graph: &Graph) -> anyhow::Result<()> {
        let meta = graph
            .tensor_values
            .get(name)
            .context("the graph does not say its shape")?;
        let element = weights::element(meta.dtype)?;
        let dtype = match element {
            Element::F16 | Element::Bf16 | Element::F32 => "f32",
            Element::F64 => "f64",
            Element::I64 => "i64",
            Element::I32 => "i32",
            Element::U8 => "u8",
            Element::Bool => "bool",
            other => bail!(
                "it has the element type {}, which data sets cannot have",
                other.name()
            ),
        };
        let shape = meta.shape()?;
        ensure!(
            !shape.is_empty(),
            "it has no dimension, the first is that of the examples"
        );
        self.inputs.push(Input {
            name: name.into(),
            shape,
            dtype: dtype.into(),
        });
        self.stands_for(name.into(), Arg::Value(name.into()))?;
        let half = match element {
            Element::F16 => Half::F16,
            Element::Bf16 => Half::Bf16,
            _ => return Ok(()),
        };
        // data sets have no halves
        let rounded = format!("{name}/rounded");
        let args = BTreeMap::from([
            ("self".to_string(), Arg::Value(name.into())),
            ("dtype".to_string(), Arg::Int(half.number())),
        ]);
        self.call(CAST, args, vec![rounded.clone()])?;
        self.stands_for(name.into(), Arg::Value(rounded))
    }

    /// What the model returns, each value named as the model names it.
    pub(super) fn outputs(&mut self, module: &GraphModule) -> anyhow::Result<Vec<Output>> {
        // a changed buffer is forgotten: every batch starts from the stored state
        let mut returned: Vec<Option<&str>> = Vec::new();
        for spec in &module.signature.output_specs {
            match spec {
                OutputSpec::UserOutput { arg } => returned.push(named(arg)),
                OutputSpec::LossOutput { arg } => returned.push(Some(&arg.name)),
                _ => {}
            }
        }
        let names = outputs::names(module, returned.len());
        let makers = makers(&module.graph);
        let mut outputs = Vec::new();
        for (value, name) in returned.into_iter().zip(names) {
            // what is no tensor (None, a number) is not measured
            let Some(value) = value else {
                continue;
            };
            let Some(meta) = module.graph.tensor_values.get(value) else {
                continue;
            };
            self.output(value)?;
            self.budget.text(&name)?;
            let made = makers.get(value).copied();
            let shape = meta.shape()?;
            outputs.push(Output {
                name,
                shape,
                line: made.and_then(user_line),
            });
        }
        ensure!(!outputs.is_empty(), "it returns no tensor");
        Ok(outputs)
    }

    fn output(&mut self, name: &str) -> anyhow::Result<()> {
        let value = match self.resolve("", name)? {
            Arg::Value(value) => value,
            // the model returns a weight
            other => {
                let value = format!("{name}/output");
                self.call(
                    "aten::alias",
                    BTreeMap::from([("self".to_string(), other)]),
                    vec![value.clone()],
                )?;
                value
            }
        };
        self.outputs.push(value);
        Ok(())
    }
}
