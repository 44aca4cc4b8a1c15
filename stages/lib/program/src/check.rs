use std::collections::HashSet;

use crate::{Program, VERSION};

/// Examples of a batch that is fixed.
const BATCH: usize = 1 << 20;
/// Elements of an input, with free sizes taken as 1.
const ELEMENTS: usize = 1 << 31;

/// Why a text is no program.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// Not JSON of the form that [`Program`] describes.
    #[error("the program is not of the form that relief reads")]
    Json(#[source] serde_json::Error),
    /// A version of the form that this build does not know.
    #[error(
        "the program has version {0} of the form, this build reads version {VERSION}: import the \
         model again"
    )]
    Version(u32),
    /// A use before the definition.
    #[error(
        "call {index} of the program ({op}) uses \"{name}\", which no input and no earlier call \
         makes"
    )]
    Undefined {
        /// The index of the call.
        index: usize,
        /// Its operator.
        op: String,
        /// The value.
        name: String,
    },
    /// A call that programs may not make.
    #[error("call {index} of the program, {op}, is refused: {why}")]
    Refused {
        /// The index of the call.
        index: usize,
        /// Its operator.
        op: String,
        /// Why.
        why: String,
    },
    /// Two definitions of one value.
    #[error("\"{0}\" is made twice in the program")]
    Twice(String),
    /// Names of outputs that are not one for each.
    #[error("the program has {0} names for {1} outputs")]
    Names(usize, usize),
    /// No output.
    #[error("the program returns nothing")]
    Returns,
    /// No input.
    #[error("the program takes no input")]
    Takes,
    /// An input of no elements, or of more than there can be.
    #[error(
        "the program takes the input \"{name}\" of the shape {shape}: sizes are at least 1, a \
         batch has at most {BATCH} examples, and an input at most {ELEMENTS} elements"
    )]
    Shape {
        /// The input.
        name: String,
        /// Its shape, as JSON.
        shape: String,
    },
    /// An output that nothing makes.
    #[error("the program returns \"{0}\", which no input and no call makes")]
    Output(String),
}

impl Program {
    /// Checks that a program which was read calls nothing but what computes.
    ///
    /// # Errors
    /// The first call that does.
    pub(crate) fn check_calls(&self) -> Result<(), CheckError> {
        for (index, node) in self.nodes.iter().enumerate() {
            if let Some(why) = node.refusal() {
                return Err(CheckError::Refused {
                    index,
                    op: node.op.clone(),
                    why,
                });
            }
        }
        Ok(())
    }

    /// Checks that every value is made once, and before it is used.
    ///
    /// # Errors
    /// Which is not.
    pub fn check(&self) -> Result<(), CheckError> {
        if self.version != VERSION {
            return Err(CheckError::Version(self.version));
        }
        self.check_made_once()?;
        let made = self.check_uses()?;
        if self.inputs.is_empty() {
            return Err(CheckError::Takes);
        }
        self.check_shapes()?;
        let (names, outputs) = (self.output_names.len(), self.outputs.len());
        if outputs == 0 {
            return Err(CheckError::Returns);
        }
        if names != 0 && names != outputs {
            return Err(CheckError::Names(names, outputs));
        }
        for output in &self.outputs {
            if !made.contains(output.as_str()) {
                return Err(CheckError::Output(output.clone()));
            }
        }
        Ok(())
    }

    /// Checks that no value has two definitions.
    fn check_made_once(&self) -> Result<(), CheckError> {
        let inputs = self.inputs.iter().map(|input| &input.name);
        let results = self.nodes.iter().flat_map(|node| &node.outputs);
        let mut made = HashSet::new();
        for name in inputs.chain(results) {
            if !made.insert(name) {
                return Err(CheckError::Twice(name.clone()));
            }
        }
        Ok(())
    }

    /// Checks that every value is made before it is used; returns all values.
    fn check_uses(&self) -> Result<HashSet<&str>, CheckError> {
        let inputs = self.inputs.iter().map(|input| input.name.as_str());
        let mut made: HashSet<&str> = inputs.collect();
        for (index, node) in self.nodes.iter().enumerate() {
            for name in node.values() {
                if !made.contains(name) {
                    return Err(CheckError::Undefined {
                        index,
                        op: node.op.clone(),
                        name: name.into(),
                    });
                }
            }
            made.extend(node.outputs.iter().map(String::as_str));
        }
        Ok(made)
    }

    /// Checks that inputs are of sizes that there can be.
    fn check_shapes(&self) -> Result<(), CheckError> {
        for input in &self.inputs {
            let batch = input.shape.first().copied().flatten().unwrap_or(1);
            let mut elements = Some(1usize);
            for size in &input.shape {
                elements = elements.and_then(|elements| elements.checked_mul(size.unwrap_or(1)));
            }
            let fits = elements.is_some_and(|elements| (1..=ELEMENTS).contains(&elements));
            if !fits || batch > BATCH {
                return Err(CheckError::Shape {
                    name: input.name.clone(),
                    shape: serde_json::to_string(&input.shape).unwrap_or_default(),
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::{Arg, Builder, Program};

    fn linear() -> Program {
        let mut builder = Builder::new("input", &[None, Some(3)], "f32");
        let input = builder.input();
        let output = builder.call(
            "aten::linear",
            [
                ("input", input),
                ("weight", Arg::State("w".into())),
                ("bias", Arg::None(())),
            ],
        );
        builder.finish(output)
    }

    #[test]
    fn json_returns_the_same_program() {
        let program = linear();
        assert_eq!(Program::from_json(&program.to_json()).unwrap(), program);
        assert_eq!(program.state_names(), ["w"]);
    }

    #[test]
    fn numbers_that_are_not_finite_are_kept() {
        let mut program = linear();
        let reals = vec![f64::NEG_INFINITY, 0.1, f64::INFINITY];
        program.nodes[0]
            .args
            .insert("a".into(), Arg::Float(f64::NEG_INFINITY));
        program.nodes[0].args.insert("b".into(), Arg::Floats(reals));
        assert_eq!(Program::from_json(&program.to_json()).unwrap(), program);
    }

    #[test]
    fn what_is_used_before_it_is_made_is_refused() {
        let mut program = linear();
        program.nodes[0]
            .args
            .insert("input".into(), Arg::Value("later".into()));
        let message = Program::from_json(&program.to_json())
            .unwrap_err()
            .to_string();
        assert!(
            message.contains("call 0") && message.contains("\"later\""),
            "{message}"
        );
    }

    #[test]
    fn programs_return_something_and_take_inputs_that_can_be() {
        let mut program = linear();
        program.outputs.clear();
        let message = Program::from_json(&program.to_json())
            .unwrap_err()
            .to_string();
        assert_eq!(message, "the program returns nothing");
        for shape in [
            vec![Some(0), Some(3)],
            vec![Some(1_000_000_000_000_000_000), Some(3)],
            vec![None, Some(1_000_000_000_000_000_000)],
            vec![None, Some(1 << 40), Some(1 << 40)],
            vec![Some(1 << 30)],
        ] {
            let mut program = linear();
            program.inputs[0].shape = shape;
            let message = Program::from_json(&program.to_json())
                .unwrap_err()
                .to_string();
            assert!(message.contains("the input \"input\""), "{message}");
        }
    }

    #[test]
    fn other_versions_and_unknown_keys_are_refused() {
        let text = linear().to_json();
        assert!(Program::from_json(&text.replace("\"version\":1", "\"version\":2")).is_err());
        assert!(
            Program::from_json(&text.replace("\"version\":1", "\"version\":1,\"extra\":0"))
                .is_err()
        );
    }
}
