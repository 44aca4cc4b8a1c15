//! safetensors: a JSON header and the bytes of the tensors; large models in several files, with an
//! index.

use std::{borrow::Cow, collections::BTreeMap};

use anyhow::{Context, bail, ensure};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde::Deserialize;

use crate::{Element, Entry, State, TensorRef, harmless, memory, plain_name, shown};

/// Bytes of memory that an entry of the header takes.
const ENTRY: usize = 800;

/// Whether it begins as such a file does: the length of the header, and the header.
pub(crate) fn is(bytes: &[u8]) -> bool {
    bytes.get(8) == Some(&b'{')
        && bytes
            .first_chunk()
            .is_some_and(|len| u64::from_le_bytes(*len) < bytes.len() as u64)
}

fn header(bytes: &[u8]) -> &[u8] {
    let Some((len, rest)) = bytes.split_first_chunk() else {
        return &[];
    };
    let len = usize::try_from(u64::from_le_bytes(*len)).unwrap_or(usize::MAX);
    &rest[..rest.len().min(len)]
}

pub(crate) fn state(bytes: &[u8]) -> anyhow::Result<State<'_>> {
    let most = memory::of_inflated(bytes.len()) / ENTRY;
    let listed = memchr::memchr_iter(b'{', header(bytes)).count();
    ensure!(
        listed <= most,
        "it lists more than {most} tensors, which is beyond a file of {} bytes: it is damaged, or \
         save its small tensors as one",
        bytes.len()
    );
    let file =
        SafeTensors::deserialize(bytes).context("the safetensors file is damaged or cut short")?;
    let mut tensors: Vec<_> = file.tensors();
    // in the order of the file, which its library forgets
    tensors.sort_by_key(|(_, tensor)| tensor.data().as_ptr());
    let mut entries = Vec::with_capacity(tensors.len());
    for (name, view) in tensors {
        let tensor = tensor(bytes, &view).with_context(|| format!("\"{}\"", shown(&name)))?;
        entries.push((name, Entry::Tensor(tensor)));
    }
    State::new(entries, memory::of_tensors(bytes.len()))
}

/// A tensor of the file, borrowed from its bytes for as long as they live.
fn tensor<'a>(bytes: &'a [u8], view: &TensorView) -> anyhow::Result<TensorRef<'a>> {
    let element = element(view.dtype())?;
    let start = view.data().as_ptr() as usize - bytes.as_ptr() as usize;
    let data = &bytes[start..start + view.data().len()];
    TensorRef::dense(element, view.shape().to_vec(), Cow::Borrowed(data))
}

fn element(dtype: Dtype) -> anyhow::Result<Element> {
    Ok(match dtype {
        Dtype::F16 => Element::F16,
        Dtype::BF16 => Element::Bf16,
        Dtype::F32 => Element::F32,
        Dtype::F64 => Element::F64,
        Dtype::I8 => Element::I8,
        Dtype::I16 => Element::I16,
        Dtype::I32 => Element::I32,
        Dtype::I64 => Element::I64,
        Dtype::U8 => Element::U8,
        Dtype::BOOL => Element::Bool,
        other => {
            bail!("it has the element type {other:?}, which is not read here: save it as float32")
        }
    })
}

#[derive(Deserialize)]
struct Index {
    weight_map: BTreeMap<String, String>,
}

/// The files that an index, `model.safetensors.index.json`, names beside itself; `None` where it is
/// no index.
///
/// # Errors
/// An index that is damaged, or that leads elsewhere.
pub fn shards(bytes: &[u8]) -> anyhow::Result<Option<Vec<String>>> {
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Ok(None);
    }
    let index = serde_json::from_slice(bytes).context("it is no index of safetensors (weight_map)");
    let index: Index = harmless(index)?;
    let mut names: Vec<String> = index.weight_map.into_values().collect();
    names.sort_unstable();
    names.dedup();
    if let Some(name) = names.iter().find(|name| plain_name(name).is_none()) {
        bail!(
            "the index names {}, which is no file beside it",
            shown(name)
        );
    }
    Ok(Some(names))
}
