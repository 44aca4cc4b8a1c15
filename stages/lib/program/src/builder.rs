use crate::{Arg, Input, Node, Program, VERSION};

/// Writes a program call by call; the values name themselves after their operator.
pub struct Builder {
    program: Program,
}

impl Builder {
    /// A program with one input.
    pub fn new(name: &str, shape: &[Option<usize>], dtype: &str) -> Self {
        let input = Input {
            name: name.into(),
            shape: shape.into(),
            dtype: dtype.into(),
        };
        Self {
            program: Program {
                version: VERSION,
                inputs: vec![input],
                nodes: Vec::new(),
                outputs: Vec::new(),
                output_names: Vec::new(),
            },
        }
    }

    /// The first input, as an argument.
    pub fn input(&self) -> Arg {
        Arg::Value(self.program.inputs[0].name.clone())
    }

    /// Adds a call with one result and returns the result, as an argument of later calls.
    pub fn call<const N: usize>(&mut self, op: &str, args: [(&str, Arg); N]) -> Arg {
        let stem = op.trim_start_matches("aten::").replace('.', "_");
        let value = format!("{stem}_{}", self.program.nodes.len());
        let args = args
            .into_iter()
            .map(|(name, arg)| (name.into(), arg))
            .collect();
        self.program.nodes.push(Node {
            op: op.into(),
            args,
            outputs: vec![value.clone()],
        });
        Arg::Value(value)
    }

    /// The program that returns `output`.
    pub fn finish(mut self, output: Arg) -> Program {
        if let Arg::Value(name) = output {
            self.program.outputs.push(name);
        }
        debug_assert!(self.program.check().is_ok());
        self.program
    }
}
