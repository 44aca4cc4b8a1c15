//! Programs as `torch.export.save` writes them: a zip archive of a graph in JSON and of tensors.
//! Seen from PyTorch 2.6 to 2.13, which keep the tensors in three different ways.

mod arguments;
mod budget;
mod complex;
mod graph;
mod node;
mod outputs;
mod schema;
mod weights;

use std::collections::HashMap;

use anyhow::{Context, ensure};
use files::Role;
use program::Program;

use crate::{Archive, State, TensorRef, archive, harmless, is_dataset_name, memory, shown};
use budget::Budget;
use schema::{ExportedProgram, InputSpec};

/// The graph's file, since PyTorch 2.8 and before.
const GRAPHS: [&str; 2] = ["models/model.json", "serialized_exported_program.json"];

/// A network as it was exported.
pub struct Exported<'a> {
    /// Its calls.
    pub program: Program,
    /// What they use: parameters and buffers in `state_dict` order, then constants.
    pub state: Vec<Used<'a>>,
    /// Calls that were exported as they are in training, and are evaluated all the same.
    pub trained: usize,
    /// What it returns, in the order of the program's outputs.
    pub outputs: Vec<Output>,
}

/// A tensor that the model returns.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// The key or place under which the model returns it.
    pub name: String,
    /// Its shape; `None` is a free size, such as the batch.
    pub shape: Vec<Option<usize>>,
    /// The line of the user's Python that computes it.
    pub line: Option<String>,
}

/// A tensor of the program.
pub struct Used<'a> {
    /// Its key in the `state_dict`.
    pub name: String,
    /// Other keys of the same tensor (tied weights).
    pub aliases: Vec<String>,
    /// What it is.
    pub role: Role,
    /// Its value.
    pub tensor: TensorRef<'a>,
}

pub(crate) fn is(archive: &Archive) -> bool {
    GRAPHS.iter().any(|graph| archive.before(graph).is_some())
}

/// The program in a file.
///
/// # Errors
/// No such file, damage, or calls that cannot be carried over, each with the line of the user's
/// Python.
pub fn read(bytes: &[u8]) -> anyhow::Result<Exported<'_>> {
    harmless(exported(bytes))
}

fn exported(bytes: &[u8]) -> anyhow::Result<Exported<'_>> {
    let archive = archive::is(bytes)
        .then(|| Archive::read(bytes, memory::of_inflated(bytes.len())))
        .transpose()?;
    let archive = archive.filter(is);
    let archive = archive
        .context("it is no program: torch.export.save(torch.export.export(…), FILE) writes one")?;
    let graph = GRAPHS
        .iter()
        .find_map(|graph| Some(format!("{}{graph}", archive.before(graph)?)));
    let graph = archive.content(&graph.context("it has no graph")?)?;
    let exported: ExportedProgram = serde_json::from_slice(&graph)
        .context("its graph is not of a form that relief reads (PyTorch 2.6 to 2.13)")?;
    let module = exported.graph_module;
    complex::refuse(&module)?;

    let state = used(
        &module.signature.input_specs,
        weights::state(&archive)?,
        weights::constants(&archive)?,
    )?;
    let sizes = state.iter().map(|used| {
        used.tensor
            .count()?
            .checked_mul(used.tensor.element.width_here())
    });
    let size = sizes
        .sum::<Option<usize>>()
        .filter(|size| *size <= memory::of_tensors(bytes.len()));
    ensure!(
        size.is_some(),
        "its tensors are several times as large as the file, as f32 and i64: it is damaged"
    );
    let graph::Written {
        program,
        trained,
        outputs,
    } = graph::program(&module, &state, Budget::new(graph.len()))?;
    Ok(Exported {
        program,
        state,
        trained,
        outputs,
    })
}

/// All that a file keeps, by its `state_dict` key.
pub(crate) fn state<'a>(archive: &Archive<'a>) -> anyhow::Result<State<'a>> {
    weights::state(archive)
}

/// What the program uses, in the order of the `state_dict`; of tied weights the first.
fn used<'a>(
    specs: &[InputSpec],
    weights: State<'a>,
    constants: State<'a>,
) -> anyhow::Result<Vec<Used<'a>>> {
    let places: HashMap<String, usize> = weights
        .entries()
        .enumerate()
        .map(|(place, (name, _))| (name.to_string(), place))
        .collect();
    let mut state: Vec<(usize, Used)> = Vec::new();
    // where the first of several names of a tensor stands
    let mut firsts = HashMap::new();
    for spec in specs {
        let (name, role) = match spec {
            InputSpec::Parameter { parameter_name, .. } => (parameter_name, Role::Parameter),
            InputSpec::Buffer {
                buffer_name,
                persistent: true,
                ..
            } => (buffer_name, Role::Buffer),
            InputSpec::Buffer { buffer_name, .. } => (buffer_name, Role::Constant),
            InputSpec::TensorConstant {
                tensor_constant_name,
                ..
            } => (tensor_constant_name, Role::Constant),
            InputSpec::UserInput { .. } | InputSpec::Token(_) | InputSpec::ConstantInput(_) => {
                continue;
            }
            InputSpec::CustomObj(_) => {
                anyhow::bail!("it holds an object of TorchScript, which is not read here")
            }
        };
        let from = if role == Role::Constant {
            &constants
        } else {
            &weights
        };
        let tensor = from
            .tensor(name)
            .with_context(|| format!("it lacks the tensor \"{}\"", shown(name)))?;
        ensure!(
            is_dataset_name(name),
            "\"{}\" cannot be the name of a dataset: rename the module or the buffer",
            shown(name)
        );
        let place = match role {
            Role::Constant => usize::MAX,
            Role::Parameter | Role::Buffer => places[name],
        };
        let first = *firsts
            .entry((role, tensor.identity()))
            .or_insert(state.len());
        let shared = tensor.identity().is_some();
        match state.get_mut(first).filter(|_| shared) {
            Some((_, used)) => used.aliases.push(name.clone()),
            None => state.push((
                place,
                Used {
                    name: name.clone(),
                    aliases: Vec::new(),
                    role,
                    tensor: tensor.clone(),
                },
            )),
        }
    }
    state.sort_by_key(|(place, _)| *place);
    Ok(state.into_iter().map(|(_, used)| used).collect())
}
