use std::collections::BTreeMap;

use files::{Model, Role};
use program::{Input, Program};
use serde::Serialize;

use crate::text::{Row, grouped, row};

/// Tensors that text lists; JSON lists all.
const LISTED: usize = 8;

/// What a model holds.
#[derive(Serialize)]
pub(crate) struct Report {
    architecture: String,
    /// Numbers in all trained tensors.
    parameters: usize,
    tensors: Vec<Tensor>,
    program: Option<Calls>,
    /// Why the program cannot be read.
    program_error: Option<String>,
}

#[derive(Serialize)]
struct Tensor {
    name: String,
    role: &'static str,
    dtype: &'static str,
    shape: Vec<usize>,
}

#[derive(Serialize)]
struct Calls {
    inputs: Vec<Input>,
    outputs: Vec<String>,
    calls: usize,
    /// How often each operator is called.
    operators: BTreeMap<String, usize>,
}

impl Report {
    pub(crate) fn new(model: &Model) -> Self {
        let mut tensors = Vec::new();
        for entry in &model.state {
            tensors.push(Tensor {
                name: entry.name.clone(),
                role: match entry.role {
                    Role::Parameter => "parameter",
                    Role::Buffer => "buffer",
                    Role::Constant => "constant",
                },
                dtype: entry.tensor.dtype(),
                shape: entry.tensor.shape().to_vec(),
            });
        }
        let program = Program::from_json(&model.program);
        let program_error = program.as_ref().err().map(ToString::to_string);
        Self {
            architecture: model.architecture.clone(),
            parameters: model.parameters().map(|entry| entry.tensor.len()).sum(),
            tensors,
            program: program.ok().map(Calls::new),
            program_error,
        }
    }

    /// The tensors of a role.
    fn count(&self, role: &str) -> usize {
        let tensors = self.tensors.iter();
        tensors.filter(|tensor| tensor.role == role).count()
    }

    pub(crate) fn rows(&self) -> Vec<Row> {
        let mut rows = vec![row("architecture", &self.architecture)];
        let held = format!(
            "{} in {} tensors; {} buffers, {} constants",
            grouped(self.parameters),
            self.count("parameter"),
            self.count("buffer"),
            self.count("constant")
        );
        rows.push(row("parameters", held));
        match (&self.program, &self.program_error) {
            (Some(program), _) => rows.extend(program.rows()),
            (None, why) => rows.push(row("program", why.clone().unwrap_or_default())),
        }
        for (k, tensor) in self.tensors.iter().take(LISTED).enumerate() {
            let label = if k == 0 { "tensors" } else { "" };
            let Tensor {
                name, dtype, shape, ..
            } = tensor;
            rows.push(row(label, format!("{name}  {dtype} {shape:?}")));
        }
        if let Some(more @ 1..) = self.tensors.len().checked_sub(LISTED) {
            rows.push(row("", format!("… and {more} more (--json has all)")));
        }
        rows
    }
}

impl Calls {
    fn new(program: Program) -> Self {
        let mut operators = BTreeMap::new();
        for node in &program.nodes {
            *operators.entry(node.op.clone()).or_default() += 1;
        }
        let named = program.output_names.is_empty();
        Self {
            calls: program.nodes.len(),
            inputs: program.inputs,
            outputs: if named {
                program.outputs
            } else {
                program.output_names
            },
            operators,
        }
    }

    fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for input in &self.inputs {
            let mut sizes = Vec::new();
            for size in &input.shape {
                sizes.push(size.map_or("free".into(), |size| size.to_string()));
            }
            let form = format!("{}  {} [{}]", input.name, input.dtype, sizes.join(", "));
            rows.push(row("input", form));
        }
        rows.push(row("outputs", self.outputs.join(", ")));
        let mut often: Vec<(&String, &usize)> = self.operators.iter().collect();
        often.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let often: Vec<String> = often
            .iter()
            .map(|(name, count)| format!("{name} {count}"))
            .collect();
        let calls = format!("{} calls: {}", self.calls, often.join(", "));
        rows.push(row("operators", calls));
        rows
    }
}
