use std::collections::HashSet;

use crate::{Arg, Program, VERSION};

/// Why a text is no program.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// Not JSON of the form that [`Program`] describes.
    #[error("the program is not of the form that relief reads")]
    Json(#[source] serde_json::Error),
    /// A version of the form that this build does not know.
    #[error(
        "the program has version {0} of the form, this build reads version {VERSION}: import the model again"
    )]
    Version(u32),
    /// A use before the definition.
    #[error(
        "call {index} of the program ({op}) uses \"{name}\", which no input and no earlier call makes"
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
        let mut made = HashSet::new();
        let mut make = |name: &String| {
            if made.insert(name.clone()) {
                Ok(())
            } else {
                Err(CheckError::Twice(name.clone()))
            }
        };
        self.inputs.iter().try_for_each(|input| make(&input.name))?;
        self.nodes
            .iter()
            .flat_map(|node| &node.outputs)
            .try_for_each(make)?;
        made.clear();
        made.extend(self.inputs.iter().map(|input| input.name.clone()));
        for (index, node) in self.nodes.iter().enumerate() {
            for arg in node.args.values().flat_map(Arg::tensors) {
                if let Arg::Value(name) = arg
                    && !made.contains(name)
                {
                    return Err(CheckError::Undefined {
                        index,
                        op: node.op.clone(),
                        name: name.clone(),
                    });
                }
            }
            made.extend(node.outputs.iter().cloned());
        }
        let (names, outputs) = (self.output_names.len(), self.outputs.len());
        if names != 0 && names != outputs {
            return Err(CheckError::Names(names, outputs));
        }
        match self.outputs.iter().find(|name| !made.contains(*name)) {
            Some(name) => Err(CheckError::Output(name.clone())),
            None => Ok(()),
        }
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
    fn other_versions_and_unknown_keys_are_refused() {
        let text = linear().to_json();
        assert!(Program::from_json(&text.replace("\"version\":1", "\"version\":2")).is_err());
        assert!(
            Program::from_json(&text.replace("\"version\":1", "\"version\":1,\"extra\":0"))
                .is_err()
        );
    }
}
