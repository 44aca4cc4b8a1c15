//! The JSON of an exported program, as far as it is needed; see `torch/_export/serde/schema.py`.
#![expect(
    clippy::enum_variant_names,
    reason = "the names are those of the schema"
)]

use std::collections::BTreeMap;

use anyhow::ensure;
use program::real;
use serde::{Deserialize, de::IgnoredAny};

use crate::tensor::MOST_DIMS;

#[derive(Deserialize)]
pub(super) struct ExportedProgram {
    pub(super) graph_module: GraphModule,
}

#[derive(Deserialize)]
pub(super) struct GraphModule {
    pub(super) graph: Graph,
    pub(super) signature: Signature,
    #[serde(default)]
    pub(super) module_call_graph: Vec<ModuleCall>,
}

/// A module of the user's; the first is the whole model.
#[derive(Deserialize)]
pub(super) struct ModuleCall {
    pub(super) signature: Option<CallSignature>,
}

#[derive(Deserialize)]
pub(super) struct CallSignature {
    /// The structure of what it returns, as JSON.
    pub(super) out_spec: String,
}

#[derive(Deserialize)]
pub(super) struct Graph {
    pub(super) inputs: Vec<Argument>,
    pub(super) outputs: Vec<Argument>,
    pub(super) nodes: Vec<Node>,
    pub(super) tensor_values: BTreeMap<String, TensorMeta>,
}

#[derive(Deserialize)]
pub(super) struct Node {
    pub(super) target: String,
    pub(super) inputs: Vec<NamedArgument>,
    pub(super) outputs: Vec<Argument>,
    #[serde(default)]
    pub(super) metadata: BTreeMap<String, String>,
}

#[derive(Deserialize)]
pub(super) struct NamedArgument {
    pub(super) name: String,
    pub(super) arg: Argument,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Argument {
    AsNone(IgnoredAny),
    AsTensor(Named),
    AsTensors(Vec<Named>),
    AsOptionalTensor(OptionalTensor),
    AsOptionalTensors(Vec<OptionalTensor>),
    AsInt(i64),
    AsInts(Vec<i64>),
    AsFloat(#[serde(with = "real::one")] f64),
    AsFloats(#[serde(with = "real::many")] Vec<f64>),
    AsBool(bool),
    AsBools(Vec<bool>),
    AsString(String),
    AsStrings(IgnoredAny),
    AsSymInt(Symbolic),
    AsSymInts(Vec<Symbolic>),
    AsSymFloat(Symbolic),
    AsSymFloats(Vec<Symbolic>),
    AsSymBool(Symbolic),
    AsSymBools(Vec<Symbolic>),
    AsScalarType(usize),
    AsMemoryFormat(usize),
    AsLayout(usize),
    AsDevice(IgnoredAny),
    AsComplex(IgnoredAny),
    AsGraph(Box<Subgraph>),
    AsCustomObj(IgnoredAny),
    AsOperator(IgnoredAny),
    AsNestedTensors(IgnoredAny),
    AsIntLists(IgnoredAny),
    AsStringToArgument(IgnoredAny),
}

#[derive(Deserialize)]
pub(super) struct Named {
    pub(super) name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum OptionalTensor {
    AsTensor(Named),
    AsNone(IgnoredAny),
}

/// A number that was computed, or one that is known.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Symbolic {
    AsName(String),
    AsInt(i64),
    AsFloat(#[serde(with = "real::one")] f64),
    AsBool(bool),
}

#[derive(Deserialize)]
pub(super) struct Subgraph {
    pub(super) graph: Graph,
}

#[derive(Deserialize)]
pub(super) struct TensorMeta {
    pub(super) dtype: usize,
    pub(super) sizes: Vec<Size>,
    pub(super) strides: Vec<Size>,
    pub(super) storage_offset: Size,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Size {
    AsInt(i64),
    AsExpr(IgnoredAny),
}

impl TensorMeta {
    /// Its shape; `None` is a free size.
    pub(super) fn shape(&self) -> anyhow::Result<Vec<Option<usize>>> {
        let dims = self.sizes.len();
        ensure!(
            dims <= MOST_DIMS,
            "it has {dims} dimensions: the file is damaged"
        );
        Ok(self.sizes.iter().map(Size::fixed).collect())
    }
}

impl Size {
    /// The size, where it is fixed and a size.
    pub(super) fn fixed(&self) -> Option<usize> {
        match self {
            Self::AsInt(size) => usize::try_from(*size).ok(),
            Self::AsExpr(_) => None,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Signature {
    pub(super) input_specs: Vec<InputSpec>,
    pub(super) output_specs: Vec<OutputSpec>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum InputSpec {
    Parameter {
        arg: Named,
        parameter_name: String,
    },
    Buffer {
        arg: Named,
        buffer_name: String,
        persistent: bool,
    },
    TensorConstant {
        arg: Named,
        tensor_constant_name: String,
    },
    UserInput {
        arg: Argument,
    },
    ConstantInput(IgnoredAny),
    CustomObj(IgnoredAny),
    Token(IgnoredAny),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum OutputSpec {
    UserOutput { arg: Argument },
    LossOutput { arg: Named },
    BufferMutation(IgnoredAny),
    ParameterMutation(IgnoredAny),
    GradientToParameter(IgnoredAny),
    GradientToUserInput(IgnoredAny),
    UserInputMutation(IgnoredAny),
    Token(IgnoredAny),
}
