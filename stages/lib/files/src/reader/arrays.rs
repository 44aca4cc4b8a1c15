//! Datasets.

use std::ops::Range;

use hdf5_reader::{Dataset, SliceInfo, SliceInfoElem};
use ndarray::ArrayD;

use super::Reader;
use crate::{
    Result, Tensor,
    values::{self, Element, Part},
};

impl Reader {
    /// A dataset of any shape.
    pub(crate) fn tensor(&self, name: &str) -> Result<Tensor> {
        self.tensor_if_any(name)?.ok_or_else(|| self.lacks(name))
    }

    /// A dataset of any shape, where there is one.
    pub(crate) fn tensor_if_any(&self, name: &str) -> Result<Option<Tensor>> {
        let Some(dataset) = self.source.dataset(name) else {
            return Ok(None);
        };
        let element = self.element(dataset, name)?;
        self.take_note_of(dataset, values::width(element.dtype()), name)?;
        match values::tensor(dataset, element) {
            Ok(tensor) => Ok(Some(tensor)),
            Err(source) => Err(self.unreadable(name, source)),
        }
    }

    /// These entries of a dataset along its first axis, as far as it has them.
    pub(crate) fn range(&self, name: &str, range: Range<usize>) -> Result<Tensor> {
        let dataset = self.dataset(name)?;
        if let Err(source) = self.source.check_unchanged() {
            return Err(self.unreadable(name, source));
        }
        let mut selection = SliceInfo::all(dataset.ndim());
        if let [first, ..] = &mut selection.selections[..] {
            let count = dataset.shape()[0];
            *first = SliceInfoElem::Slice {
                start: count.min(range.start as u64),
                end: count.min(range.end as u64),
                step: 1,
            };
        }
        let element = self.element(dataset, name)?;
        values::tensor(&Part { dataset, selection }, element)
            .map_err(|source| self.unreadable(name, source))
    }

    /// The element type and shape of a dataset, without its values.
    pub(crate) fn form(&self, name: &str) -> Result<(&'static str, Vec<usize>)> {
        let dataset = self.dataset(name)?;
        let mut shape = Vec::new();
        for size in dataset.shape() {
            shape.push(*size as usize);
        }
        Ok((self.element(dataset, name)?.dtype(), shape))
    }

    fn element(&self, dataset: &Dataset, name: &str) -> Result<Element> {
        let raw = match dataset.raw_datatype() {
            Ok(raw) => raw,
            Err(source) => return Err(self.unreadable(name, source)),
        };
        match Element::of(dataset.dtype(), &raw) {
            Some(element) => Ok(element),
            None => Err(self.no_numbers(name, dataset.dtype())),
        }
    }

    /// Refuses a dataset whose shape promises far more than the file can hold, before memory is
    /// taken for it; its elements take `width` bytes as they are read.
    pub(super) fn take_note_of(&self, dataset: &Dataset, width: usize, name: &str) -> Result<()> {
        let bytes = promised(dataset, width as u64);
        self.source
            .unfold(bytes)
            .map_err(|source| self.unreadable(name, source))
    }

    /// Refuses an array whose shape promises far more than the file can hold, before any of it is
    /// read.
    pub(crate) fn check_size(&self, name: &str) -> Result<()> {
        let bytes = promised(self.dataset(name)?, 0);
        self.source
            .check_size(bytes)
            .map_err(|source| self.unreadable(name, source))
    }

    /// A dataset of reals, as f64, of any shape.
    pub(crate) fn reals(&self, name: &str) -> Result<ArrayD<f64>> {
        self.reals_if_any(name)?.ok_or_else(|| self.lacks(name))
    }

    /// A dataset of reals, where there is one.
    pub(crate) fn reals_if_any(&self, name: &str) -> Result<Option<ArrayD<f64>>> {
        let Some(tensor) = self.tensor_if_any(name)? else {
            return Ok(None);
        };
        if !matches!(tensor, Tensor::F64(_)) {
            // widened, it is in memory twice
            self.take_note_of(self.dataset(name)?, values::width("f64"), name)?;
        }
        Ok(Some(tensor.into_f64()))
    }

    /// A dataset over one axis.
    pub(crate) fn line(&self, name: &str) -> Result<Vec<f64>> {
        self.line_if_any(name)?.ok_or_else(|| self.lacks(name))
    }

    /// A dataset over one axis, where there is one.
    pub(crate) fn line_if_any(&self, name: &str) -> Result<Option<Vec<f64>>> {
        match self.reals_if_any(name)? {
            Some(array) => Ok(Some(array.into_iter().collect())),
            None => Ok(None),
        }
    }

    /// A dataset of marks 0 and 1, where there is one.
    pub(crate) fn marks_if_any(&self, name: &str) -> Result<Option<ArrayD<u8>>> {
        let Some(tensor) = self.tensor_if_any(name)? else {
            return Ok(None);
        };
        let marks = match tensor {
            Tensor::U8(marks) => marks,
            Tensor::I64(values) => values.mapv(|value| u8::from(value != 0)),
            Tensor::F32(values) => values.mapv(|value| u8::from(value != 0.0)),
            Tensor::F64(values) => values.mapv(|value| u8::from(value != 0.0)),
        };
        Ok(Some(marks))
    }

    /// A dataset that holds one text.
    pub(crate) fn text_dataset(&self, name: &str) -> Result<String> {
        let texts = self.texts_dataset(name)?;
        texts.into_iter().next().ok_or_else(|| self.lacks(name))
    }

    /// A dataset that holds texts.
    pub(crate) fn texts_dataset(&self, name: &str) -> Result<Vec<String>> {
        let dataset = self.dataset(name)?;
        let form = self.text_form(dataset.dtype(), name)?;
        self.take_note_of(dataset, 0, name)?;
        match dataset.read_raw_bytes() {
            Ok(bytes) => self.texts_of(form, &bytes, name),
            Err(source) => Err(self.unreadable(name, source)),
        }
    }

    pub(super) fn dataset(&self, name: &str) -> Result<&Dataset> {
        self.source.dataset(name).ok_or_else(|| self.lacks(name))
    }
}

/// The bytes of a dataset by its shape, with elements as in the file or of the width that they are
/// read as. An empty one counts as if it were not, for its other sizes are gone through.
fn promised(dataset: &Dataset, width: u64) -> u64 {
    let stored = dataset.raw_element_size().map_or(8, |size| size as u64);
    let mut bytes = stored.max(width);
    for size in dataset.shape() {
        bytes = bytes.saturating_mul((*size).max(1));
    }
    bytes
}
