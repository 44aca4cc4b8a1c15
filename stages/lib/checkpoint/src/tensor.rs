use std::{borrow::Cow, hash::Hash};

use anyhow::{Context, ensure};
use files::Tensor;

use crate::Element;

/// The most dimensions that PyTorch knows.
pub(crate) const MOST_DIMS: usize = 64;

/// A tensor as a view of bytes in a file: an element type, a shape, strides and an offset in
/// elements.
#[derive(Debug, Clone)]
pub struct TensorRef<'a> {
    /// Its shape, outermost first.
    pub shape: Vec<usize>,
    /// Its element type.
    pub element: Element,
    strides: Vec<usize>,
    offset: usize,
    bytes: Cow<'a, [u8]>,
}

impl<'a> TensorRef<'a> {
    /// A view; what it reads lies within the bytes.
    ///
    /// # Errors
    /// A view that reaches beyond them.
    pub(crate) fn new(
        element: Element,
        shape: Vec<usize>,
        strides: Vec<usize>,
        offset: usize,
        bytes: Cow<'a, [u8]>,
    ) -> anyhow::Result<Self> {
        let (dims, steps) = (shape.len(), strides.len());
        ensure!(
            dims == steps,
            "it has {dims} dimensions and {steps} strides: the file is damaged"
        );
        ensure!(
            dims <= MOST_DIMS,
            "it has {dims} dimensions: the file is damaged"
        );
        let there = bytes.len() / element.width();
        let tensor = Self {
            shape,
            element,
            strides,
            offset,
            bytes,
        };
        ensure!(
            tensor.end().is_some_and(|end| end <= there),
            "shape {:?}, strides {:?} and offset {offset} reach beyond a storage of {there} \
             elements: the file is damaged",
            tensor.shape,
            tensor.strides
        );
        Ok(tensor)
    }

    /// All of `bytes`, row by row.
    pub(crate) fn dense(
        element: Element,
        shape: Vec<usize>,
        bytes: Cow<'a, [u8]>,
    ) -> anyhow::Result<Self> {
        let strides = row_major(&shape)
            .with_context(|| format!("the shape {shape:?} is beyond any memory"))?;
        Self::new(element, shape, strides, 0, bytes)
    }

    /// The number of its elements; `None` beyond any memory.
    pub fn count(&self) -> Option<usize> {
        self.shape
            .iter()
            .try_fold(1usize, |count, dim| count.checked_mul(*dim))
    }

    /// Its values, each read where the strides say.
    ///
    /// # Errors
    /// More values than memory could hold.
    pub fn values(&self) -> anyhow::Result<Tensor> {
        self.element
            .gather(&self.bytes, &self.shape, self.places()?)
    }

    /// The L2 norm of its values.
    ///
    /// # Errors
    /// More values than memory could hold.
    pub fn norm(&self) -> anyhow::Result<f64> {
        let width = self.element.width();
        let squares = self.places()?.map(|place| {
            let bytes = &self.bytes[place * width..(place + 1) * width];
            self.element.real(bytes).powi(2)
        });
        Ok(squares.sum::<f64>().sqrt())
    }

    /// The places of its values among the elements of the bytes, row by row.
    fn places(&self) -> anyhow::Result<impl Iterator<Item = usize>> {
        let count = self
            .count()
            .with_context(|| format!("the shape {:?} is beyond any memory", self.shape))?;
        let mut index = vec![0; self.shape.len()];
        let mut place = self.offset;
        Ok((0..count).map(move |_| {
            let here = place;
            for (axis, index) in index.iter_mut().enumerate().rev() {
                *index += 1;
                if *index < self.shape[axis] {
                    place += self.strides[axis];
                    break;
                }
                place -= self.strides[axis] * (*index - 1);
                *index = 0;
            }
            here
        }))
    }

    /// What two views of the same elements of the same bytes in a file have in common; none where
    /// there are no bytes.
    pub(crate) fn identity(&self) -> Option<impl Eq + Hash + use<>> {
        (!self.bytes.is_empty()).then(|| {
            (
                self.bytes.as_ptr() as usize,
                self.bytes.len(),
                self.shape.clone(),
                self.strides.clone(),
                self.offset,
                self.element,
            )
        })
    }

    /// One behind the last element that is read; `None` where that is beyond any memory.
    fn end(&self) -> Option<usize> {
        if self.shape.contains(&0) {
            return Some(0);
        }
        let mut last = self.offset;
        for (dim, stride) in self.shape.iter().zip(&self.strides) {
            last = last.checked_add((dim - 1).checked_mul(*stride)?)?;
        }
        last.checked_add(1)
    }
}

/// Strides of an array whose last dimension lies together; `None` beyond any memory.
pub(crate) fn row_major(shape: &[usize]) -> Option<Vec<usize>> {
    let mut strides = vec![1usize; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis].checked_mul(shape[axis].max(1))?;
    }
    Some(strides)
}
