use std::cell::Cell;

use anyhow::ensure;
use program::Arg;

/// Bytes that the texts of any program may take.
const ALWAYS: usize = 1 << 20;
/// How many times the graph's bytes they may take beside; of a graph that PyTorch wrote they take a
/// fifth.
const MOST: usize = 4;
/// Bytes of an argument or a result, beside its text.
const EACH: usize = 16;

/// How large a program may become: a graph names a long text a million times in a few bytes each.
pub(super) struct Budget {
    of_graph: usize,
    left: Cell<usize>,
}

impl Budget {
    /// That of a graph of so many bytes.
    pub(super) fn new(of_graph: usize) -> Self {
        Self {
            of_graph,
            left: Cell::new(ALWAYS.saturating_add(of_graph.saturating_mul(MOST))),
        }
    }

    /// Takes the room of a text.
    ///
    /// # Errors
    /// None is left.
    pub(super) fn text(&self, text: &str) -> anyhow::Result<()> {
        self.bytes(text.len() + EACH)
    }

    /// Takes the room of what a name stands for.
    ///
    /// # Errors
    /// None is left.
    pub(super) fn arg(&self, arg: &Arg) -> anyhow::Result<()> {
        for member in arg.tensors() {
            let text = member.value().or_else(|| member.state());
            self.text(text.unwrap_or_default())?;
        }
        Ok(())
    }

    fn bytes(&self, count: usize) -> anyhow::Result<()> {
        let left = self.left.get();
        ensure!(
            count <= left,
            "its graph repeats long names beyond its {} bytes: it is damaged",
            self.of_graph
        );
        self.left.set(left - count);
        Ok(())
    }
}
