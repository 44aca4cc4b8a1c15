//! A program under way.

use std::collections::{BTreeMap, HashMap};

use anyhow::Context;
use program::{Arg, Input, Node};

use crate::{exported::budget::Budget, shown};

/// A program under way.
pub(super) struct Writer {
    pub(super) budget: Budget,
    pub(super) inputs: Vec<Input>,
    pub(super) nodes: Vec<Node>,
    pub(super) outputs: Vec<String>,
    /// What a name of the graph stands for.
    pub(super) values: HashMap<String, Arg>,
    pub(super) trained: usize,
}

impl Writer {
    pub(super) fn new(budget: Budget) -> Self {
        Self {
            budget,
            inputs: Vec::new(),
            nodes: Vec::new(),
            outputs: Vec::new(),
            values: HashMap::new(),
            trained: 0,
        }
    }

    /// From here on a name stands for this.
    pub(super) fn stands_for(&mut self, name: String, arg: Arg) -> anyhow::Result<()> {
        self.budget.text(&name)?;
        self.budget.arg(&arg)?;
        self.values.insert(name, arg);
        Ok(())
    }

    pub(super) fn call(
        &mut self,
        op: &str,
        args: BTreeMap<String, Arg>,
        outputs: Vec<String>,
    ) -> anyhow::Result<()> {
        for name in &outputs {
            self.stands_for(name.clone(), Arg::Value(name.clone()))?;
        }
        self.nodes.push(Node {
            op: op.into(),
            args,
            outputs,
        });
        Ok(())
    }

    /// What a name stands for in the graph whose names have this prefix.
    pub(super) fn resolve(&self, prefix: &str, name: &str) -> anyhow::Result<Arg> {
        self.budget.text(prefix)?;
        let value = self.values.get(&format!("{prefix}{name}"));
        let value = value
            .with_context(|| format!("it uses {}, which no call before it makes", shown(name)))?;
        self.budget.arg(value)?;
        Ok(value.clone())
    }
}
