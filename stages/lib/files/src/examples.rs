use crate::{Result, Split, Tensor, reader::Reader};

/// The examples of one split.
#[derive(Debug, Clone, PartialEq)]
pub struct Examples {
    /// `[N, …]`, such as images `[N, C, H, W]`: one tensor, whose name is empty, or several named
    /// as the program names its inputs.
    pub inputs: Vec<(String, Tensor)>,
    /// `[N]` classes, or `[N, …]` what the loss wants; none where the loss needs none.
    pub targets: Option<Tensor>,
}

/// Names of a split's inputs and the datasets that hold them.
pub(crate) fn inputs(reader: &Reader, split: &Split) -> Result<Vec<(String, String)>> {
    let whole = split.inputs();
    let mut named = Vec::new();
    for name in reader.members(&whole) {
        let dataset = format!("{whole}/{name}");
        named.push((name, dataset));
    }
    if named.is_empty() {
        named.push((String::new(), whole));
    }
    Ok(named)
}

impl Examples {
    /// Examples of one unnamed input.
    pub fn new(inputs: Tensor, targets: Tensor) -> Self {
        Self {
            inputs: vec![(String::new(), inputs)],
            targets: Some(targets),
        }
    }

    /// The arrays of a split, each read by `read`.
    pub(crate) fn read(
        reader: &Reader,
        split: &Split,
        read: impl Fn(String) -> Result<Tensor>,
    ) -> Result<Self> {
        let mut found = Vec::new();
        for (name, object) in inputs(reader, split)? {
            found.push((name, read(object)?));
        }
        let targets = if reader.has(&split.targets()) {
            Some(read(split.targets())?)
        } else {
            None
        };
        let examples = Self {
            inputs: found,
            targets,
        };
        examples.check(split, reader)?;
        Ok(examples)
    }

    /// The first (mostly the only) input.
    pub fn input(&self) -> &Tensor {
        &self.inputs[0].1
    }

    /// The same with classes as i64, as losses take them.
    pub fn with_wide_classes(self) -> Self {
        let targets = match self.targets {
            Some(Tensor::U8(classes)) => Some(Tensor::I64(classes.mapv(i64::from))),
            other => other,
        };
        Self { targets, ..self }
    }

    /// The number of examples.
    pub fn count(&self) -> usize {
        self.input().shape().first().copied().unwrap_or(0)
    }

    /// All arrays, to be changed alike.
    pub fn arrays_mut(&mut self) -> impl Iterator<Item = &mut Tensor> {
        self.inputs
            .iter_mut()
            .map(|(_, inputs)| inputs)
            .chain(&mut self.targets)
    }

    fn check(&self, split: &Split, reader: &Reader) -> Result<()> {
        let count = self.count();
        if count == 0 {
            return Err(reader.invalid(format!("the {split} inputs hold no example")));
        }
        let mut arrays = Vec::new();
        for (name, inputs) in &self.inputs {
            arrays.push((format!("inputs {name}"), inputs));
        }
        if let Some(targets) = &self.targets {
            arrays.push(("targets".into(), targets));
        }
        for (what, array) in arrays {
            if array.shape().first() != Some(&count) {
                return Err(reader.invalid(format!(
                    "the {split} {} have the shape {:?}, the first inputs {:?}; all start with the \
                     number of examples",
                    what.trim_end(),
                    array.shape(),
                    self.input().shape()
                )));
            }
        }
        Ok(())
    }
}
