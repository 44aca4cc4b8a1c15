//! The calls of an exported graph as a program.

mod ends;
mod writer;

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context, bail, ensure};
use program::{Arg, Program, VERSION};

use writer::Writer;

use super::{
    Output, Used, arguments,
    budget::Budget,
    node::{evaluate, named, operator, results, user_line},
    schema::{Argument, Graph, GraphModule, InputSpec, NamedArgument, Node},
};
use crate::shown;

/// `torch.no_grad()` in the model: the graph within is carried over as if it stood outside.
const NO_GRAD: &str = "torch.ops.higher_order.wrap_with_set_grad_enabled";
/// `torch.autocast` in the model, whose casts the graph within does not show.
const AUTOCAST: &str = "torch.ops.higher_order.wrap_with_autocast";
/// An assertion on the type of a tensor, which another precision breaks and evaluation does not
/// need.
const ASSERTION: &str = "torch.ops.aten._assert_tensor_metadata.default";
/// Graphs within graphs.
const DEEPEST: usize = 16;

/// A program as it was carried over.
pub(super) struct Written {
    pub(super) program: Program,
    /// Calls that were exported as in training.
    pub(super) trained: usize,
    pub(super) outputs: Vec<Output>,
}

/// The program of an exported graph, of the size that a budget allows.
pub(super) fn program(
    module: &GraphModule,
    state: &[Used],
    budget: Budget,
) -> anyhow::Result<Written> {
    let mut writer = Writer::new(budget);
    let mut keys: HashMap<&str, &Used> = HashMap::new();
    for used in state {
        for key in used.aliases.iter().chain([&used.name]) {
            keys.insert(key, used);
        }
    }
    for spec in &module.signature.input_specs {
        match spec {
            InputSpec::Parameter {
                arg,
                parameter_name: key,
            }
            | InputSpec::Buffer {
                arg,
                buffer_name: key,
                ..
            }
            | InputSpec::TensorConstant {
                arg,
                tensor_constant_name: key,
            } => writer.state(&arg.name, keys[key.as_str()])?,
            InputSpec::UserInput {
                arg: Argument::AsTensor(tensor),
            } => {
                writer
                    .input(&tensor.name, &module.graph)
                    .with_context(|| format!("input {}", shown(&tensor.name)))?;
            }
            InputSpec::UserInput {
                arg: Argument::AsNone(_),
            }
            | InputSpec::ConstantInput(_) => {}
            InputSpec::UserInput { .. } => {
                bail!("one of its inputs is no tensor: export it with tensors alone")
            }
            InputSpec::CustomObj(_) | InputSpec::Token(_) => {
                bail!("one of its inputs is no tensor")
            }
        }
    }
    ensure!(!writer.inputs.is_empty(), "it takes no input");
    writer.graph(&module.graph, "", 0)?;
    let outputs = writer.outputs(module)?;
    let Writer {
        inputs,
        nodes,
        outputs: values,
        trained,
        ..
    } = writer;
    let output_names = outputs.iter().map(|output| output.name.clone()).collect();
    let program = Program {
        version: VERSION,
        inputs,
        nodes,
        outputs: values,
        output_names,
    };
    program.check().context("its graph is damaged")?;
    Ok(Written {
        program,
        trained,
        outputs,
    })
}

impl Writer {
    fn graph(&mut self, graph: &Graph, prefix: &str, depth: usize) -> anyhow::Result<()> {
        ensure!(
            depth <= DEEPEST,
            "graphs lie within graphs beyond {DEEPEST} deep"
        );
        for (index, node) in graph.nodes.iter().enumerate() {
            self.node(node, prefix, depth).with_context(|| {
                let line = user_line(node).map_or(String::new(), |line| format!(", {line}"));
                format!("call {index}, {}{line}", shown(&node.target))
            })?;
        }
        Ok(())
    }

    fn node(&mut self, node: &Node, prefix: &str, depth: usize) -> anyhow::Result<()> {
        match node.target.as_str() {
            NO_GRAD => return self.inlined(node, prefix, depth),
            ASSERTION => return Ok(()),
            AUTOCAST => bail!(
                "it switches torch.autocast on, whose casts are not in the program: export it with \
                 torch.export.export(…).run_decompositions({{}}), which writes them down"
            ),
            _ => {}
        }
        let op = operator(&node.target)?;
        let arithmetic = op.starts_with("operator::");
        let mut args = BTreeMap::new();
        for (place, NamedArgument { name, arg }) in node.inputs.iter().enumerate() {
            let value = arguments::arg(arg, &|name| self.resolve(prefix, name));
            let mut value = value.with_context(|| format!("argument {}", shown(name)))?;
            self.trained += usize::from(evaluate(name, &mut value));
            let name = if arithmetic {
                operand(place)
            } else {
                name.clone()
            };
            args.insert(name, value);
        }
        let outputs = results(node)?
            .into_iter()
            .map(|name| format!("{prefix}{name}"))
            .collect();
        let call = program::Node { op, args, outputs };
        if let Some(why) = call.refusal() {
            bail!("{why}");
        }
        self.call(&call.op, call.args, call.outputs)
    }

    /// The calls of the graph that a node runs, in its place.
    fn inlined(&mut self, node: &Node, prefix: &str, depth: usize) -> anyhow::Result<()> {
        let subgraph = node.inputs.iter().find_map(|input| match &input.arg {
            Argument::AsGraph(subgraph) => Some(&subgraph.graph),
            _ => None,
        });
        let graph = subgraph.context("it has no graph")?;
        let results = results(node)?;
        let first = results.first().context("it returns nothing")?;
        let inner = format!("{prefix}{first}/");
        // behind the switch and the graph come the arguments, alone or in a list
        let mut given: Vec<Arg> = Vec::new();
        for input in &node.inputs {
            if matches!(input.arg, Argument::AsGraph(_) | Argument::AsBool(_)) {
                continue;
            }
            match arguments::arg(&input.arg, &|name| self.resolve(prefix, name))? {
                Arg::List(members) => given.extend(members),
                single => given.push(single),
            }
        }
        ensure!(
            given.len() == graph.inputs.len(),
            "its graph takes {} values, {} are given",
            graph.inputs.len(),
            given.len()
        );
        for (input, value) in graph.inputs.iter().zip(given) {
            let name = named(input).context("an input of its graph has no name")?;
            self.stands_for(format!("{inner}{name}"), value)?;
        }
        self.graph(graph, &inner, depth + 1)?;
        ensure!(
            results.len() == graph.outputs.len(),
            "its graph returns another number of values"
        );
        for (result, output) in results.iter().zip(&graph.outputs) {
            let value = self.resolve(
                &inner,
                named(output).context("an output of its graph has no name")?,
            )?;
            self.stands_for(format!("{prefix}{result}"), value)?;
        }
        Ok(())
    }
}

/// The name of an operand of arithmetic. Names differ from function to function; the order counts.
fn operand(place: usize) -> String {
    match place {
        0 => "a".into(),
        1 => "b".into(),
        _ => format!("c{place}"),
    }
}
