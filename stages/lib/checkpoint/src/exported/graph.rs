//! The calls of an exported graph as a program.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context, bail, ensure};
use program::{Arg, Half, Input, Program, VERSION};

use super::{
    Output, Used, arguments,
    budget::Budget,
    node::{evaluate, makers, named, operator, results, user_line},
    outputs,
    schema::{Argument, Graph, GraphModule, InputSpec, NamedArgument, Node, OutputSpec},
    weights,
};
use crate::{Element, shown};

/// `torch.no_grad()` in the model: the graph within is carried over as if it stood outside.
const NO_GRAD: &str = "torch.ops.higher_order.wrap_with_set_grad_enabled";
/// `torch.autocast` in the model, whose casts the graph within does not show.
const AUTOCAST: &str = "torch.ops.higher_order.wrap_with_autocast";
/// An assertion on the type of a tensor, which another precision breaks and evaluation does not
/// need.
const ASSERTION: &str = "torch.ops.aten._assert_tensor_metadata.default";
/// Rounds a tensor, or makes it one of integers again.
const CAST: &str = "aten::to.dtype";
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

/// A program under way.
struct Writer {
    budget: Budget,
    inputs: Vec<Input>,
    nodes: Vec<program::Node>,
    outputs: Vec<String>,
    /// What a name of the graph stands for.
    values: HashMap<String, Arg>,
    trained: usize,
}

impl Writer {
    fn new(budget: Budget) -> Self {
        Self {
            budget,
            inputs: Vec::new(),
            nodes: Vec::new(),
            outputs: Vec::new(),
            values: HashMap::new(),
            trained: 0,
        }
    }

    /// A tensor of the state; an element type that files do not know is made again from what they
    /// keep.
    fn state(&mut self, name: &str, used: &Used) -> anyhow::Result<()> {
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

    fn input(&mut self, name: &str, graph: &Graph) -> anyhow::Result<()> {
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
    fn outputs(&mut self, module: &GraphModule) -> anyhow::Result<Vec<Output>> {
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

    /// From here on a name stands for this.
    fn stands_for(&mut self, name: String, arg: Arg) -> anyhow::Result<()> {
        self.budget.text(&name)?;
        self.budget.arg(&arg)?;
        self.values.insert(name, arg);
        Ok(())
    }

    fn call(
        &mut self,
        op: &str,
        args: BTreeMap<String, Arg>,
        outputs: Vec<String>,
    ) -> anyhow::Result<()> {
        for name in &outputs {
            self.stands_for(name.clone(), Arg::Value(name.clone()))?;
        }
        self.nodes.push(program::Node {
            op: op.into(),
            args,
            outputs,
        });
        Ok(())
    }

    /// What a name stands for in the graph whose names have this prefix.
    fn resolve(&self, prefix: &str, name: &str) -> anyhow::Result<Arg> {
        self.budget.text(prefix)?;
        let value = self.values.get(&format!("{prefix}{name}"));
        let value = value
            .with_context(|| format!("it uses {}, which no call before it makes", shown(name)))?;
        self.budget.arg(value)?;
        Ok(value.clone())
    }

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
