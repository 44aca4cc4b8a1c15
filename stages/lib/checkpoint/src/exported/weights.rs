//! The tensors of an exported program: raw bytes with an index (PyTorch 2.9 and later), or
//! checkpoints of `torch.save` inside the archive (before).

use std::{borrow::Cow, fmt};

use anyhow::{Context, bail, ensure};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};

use super::schema::{Size, TensorMeta};
use crate::{Archive, Element, Entry, State, TensorRef, memory, shown, torch};

/// Parameters and persistent buffers.
pub(super) fn state<'a>(archive: &Archive<'a>) -> anyhow::Result<State<'a>> {
    read(
        archive,
        "data/weights/",
        "model_weights_config.json",
        "serialized_state_dict.pt",
    )
    .context("the weights")
}

/// Other tensors.
pub(super) fn constants<'a>(archive: &Archive<'a>) -> anyhow::Result<State<'a>> {
    read(
        archive,
        "data/constants/",
        "model_constants_config.json",
        "serialized_constants.pt",
    )
    .context("the constants")
}

fn read<'a>(
    archive: &Archive<'a>,
    folder: &str,
    index: &str,
    oldest: &str,
) -> anyhow::Result<State<'a>> {
    if let Some(root) = archive.before(&format!("{folder}{index}")) {
        let folder = format!("{root}{folder}");
        return indexed(
            archive,
            &folder,
            &archive.content(&format!("{folder}{index}"))?,
        );
    }
    let nested = [format!("{folder}model.pt"), oldest.to_string()];
    let nested = nested
        .iter()
        .find_map(|name| Some(format!("{}{name}", archive.before(name)?)));
    let Some(nested) = nested else {
        return nothing();
    };
    let Cow::Borrowed(bytes) = archive.content(&nested)? else {
        bail!("{nested} in it is compressed")
    };
    match bytes {
        // a state without tensors
        [] => nothing(),
        bytes => torch::zipped(&Archive::read(bytes, 0)?, None).or_else(|error| {
            // a dictionary without tensors is no state_dict, but here it is one
            if error.to_string().contains("no state_dict") {
                nothing()
            } else {
                Err(error)
            }
        }),
    }
}

/// A state without tensors.
fn nothing<'a>() -> anyhow::Result<State<'a>> {
    State::new(Vec::new(), 0)
}

#[derive(Deserialize)]
struct Index {
    config: Entries,
}

#[derive(Deserialize)]
struct Place {
    path_name: String,
    use_pickle: bool,
    tensor_meta: Option<TensorMeta>,
}

/// The entries of a JSON object in their order, which is that of the `state_dict`.
struct Entries(Vec<(String, Place)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Entries;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("tensors by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

fn indexed<'a>(archive: &Archive<'a>, folder: &str, index: &[u8]) -> anyhow::Result<State<'a>> {
    let index: Index = serde_json::from_slice(index)
        .context("their index is not of the form that relief reads")?;
    let mut entries = Vec::new();
    for (name, place) in index.config.0 {
        let tensor = tensor(archive, folder, &place);
        let tensor = tensor.with_context(|| format!("\"{}\"", shown(&name)))?;
        entries.push((name, Entry::Tensor(tensor)));
    }
    State::new(entries, memory::of_tensors(archive.len))
}

fn tensor<'a>(archive: &Archive<'a>, folder: &str, place: &Place) -> anyhow::Result<TensorRef<'a>> {
    let meta = place.tensor_meta.as_ref().filter(|_| !place.use_pickle);
    let meta = meta.context(
        "it is kept as a pickle, a subclass of tensor: export the model with plain tensors",
    )?;
    let (Some(shape), Some(strides), Some(offset)) = (
        fixed(&meta.sizes),
        fixed(&meta.strides),
        meta.storage_offset.fixed(),
    ) else {
        bail!("its shape is none: the file is damaged")
    };
    let bytes = archive.content(&format!("{folder}{}", place.path_name))?;
    ensure!(
        matches!(bytes, Cow::Borrowed(_)),
        "it is compressed, which torch.export.save does not do"
    );
    TensorRef::new(element(meta.dtype)?, shape, strides, offset, bytes)
}

/// Sizes that are all numbers.
fn fixed(sizes: &[Size]) -> Option<Vec<usize>> {
    sizes.iter().map(Size::fixed).collect()
}

/// The element type of a number of `ScalarType` in the schema.
pub(super) fn element(dtype: usize) -> anyhow::Result<Element> {
    const ELEMENTS: [(usize, Element); 10] = [
        (1, Element::U8),
        (2, Element::I8),
        (3, Element::I16),
        (4, Element::I32),
        (5, Element::I64),
        (6, Element::F16),
        (7, Element::F32),
        (8, Element::F64),
        (12, Element::Bool),
        (13, Element::Bf16),
    ];
    let found = ELEMENTS
        .iter()
        .find(|(number, _)| *number == dtype)
        .map(|(_, element)| *element);
    found.with_context(|| {
        format!("its element type (number {dtype} of torch.export) is not read here")
    })
}

/// Whether a number of `ScalarType` in the schema is that of complex numbers.
pub(super) fn is_complex(dtype: usize) -> bool {
    (9..=11).contains(&dtype)
}
