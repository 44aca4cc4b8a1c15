use std::{
    borrow::Cow,
    sync::atomic::{AtomicU64, Ordering},
};

use hdf5::{Attribute, Datatype, File, H5Type, Location, types::TypeDescriptor};
use hdf5_reader::checksum::jenkins_lookup3;
use hdf5_sys::{
    LOCK, h5a::H5Awrite, h5d::H5Dwrite, h5f::H5Fget_file_image, h5p::H5P_DEFAULT, h5s::H5S_ALL,
};
use ndarray::ArrayViewD;

use crate::{
    Provenance,
    contents::{Item, Value},
    names::{self, Kind},
};

/// How much memory is taken at once for a file, in bytes.
const STEP: usize = 1 << 20;

/// The bytes of a complete file of the contract.
///
/// libhdf5 makes them in memory: it keeps what it writes for a while, and an error of the disk at
/// the end would go unheard.
pub(crate) fn image(
    kind: Kind,
    id: &str,
    provenance: &Provenance,
    items: &[Item],
) -> hdf5::Result<Vec<u8>> {
    let header: [(&str, Value); 5] = [
        (names::KIND, kind.name().into()),
        (names::VERSION, Value::Integer(names::FORMAT_VERSION)),
        (names::CREATED_BY, provenance.created_by.as_str().into()),
        (names::HISTORY, provenance.history.as_slice().into()),
        (names::ID, id.into()),
    ];
    let file = in_memory()?;
    for (name, value) in &header {
        write_attribute(&file, name, value)?;
    }
    for item in items {
        match &item.attribute {
            None => write_dataset(&file, &item.object, &item.value)?,
            Some(name) if item.object.is_empty() => write_attribute(&file, name, &item.value)?,
            Some(name) => write_attribute(&*file.dataset(&item.object)?, name, &item.value)?,
        }
    }
    bytes_of(&file)
}

/// A file that is only in memory, in the format of HDF5 1.8: readable everywhere, and attributes
/// may exceed 64 KiB.
fn in_memory() -> hdf5::Result<File> {
    static FILES: AtomicU64 = AtomicU64::new(0);
    // libhdf5 looks whether a file of the name is there, and there cannot be one of this
    let name = format!("/dev/null/{}", FILES.fetch_add(1, Ordering::Relaxed));
    File::with_options()
        .with_fapl(|access| access.core_options(STEP, false).libver_v18())
        .create(name)
}

fn bytes_of(file: &File) -> hdf5::Result<Vec<u8>> {
    file.flush()?;
    let _guard = LOCK.lock();
    // SAFETY: the file is open. Without a buffer the call tells the size; then it fills a buffer of
    // that size.
    let size = unsafe { H5Fget_file_image(file.id(), std::ptr::null_mut(), 0) };
    let mut bytes = vec![0; usize::try_from(size).map_err(|_| "no image of the file")?];
    // SAFETY: as above.
    let copied = unsafe { H5Fget_file_image(file.id(), bytes.as_mut_ptr().cast(), bytes.len()) };
    if copied != size {
        return Err("no image of the file".into());
    }
    mend_checksum(&mut bytes);
    Ok(bytes)
}

/// Computes the checksum of the superblock (version 2, "Disk Format: Level 0A" of HDF5's
/// specification) anew: for an image libhdf5 1.10 clears the mark that the file is open, and leaves
/// the checksum as it was.
fn mend_checksum(image: &mut [u8]) {
    const SUPERBLOCK: usize = 44;
    if let Some((superblock, rest)) = image.split_at_mut_checked(SUPERBLOCK)
        && let Some(checksum) = rest.first_chunk_mut()
    {
        *checksum = jenkins_lookup3(superblock).to_le_bytes();
    }
}

fn write_dataset(file: &File, name: &str, value: &Value) -> hdf5::Result<()> {
    fn array<T: H5Type>(file: &File, name: &str, values: &ArrayViewD<T>) -> hdf5::Result<()> {
        file.new_dataset_builder()
            .with_data(values.view())
            .create(name)
            .map(drop)
    }
    match value {
        Value::F32(values) => array(file, name, values),
        Value::F64(values) => array(file, name, values),
        Value::I64(values) => array(file, name, values),
        Value::U8(values) => array(file, name, values),
        Value::Integer(number) => file.new_dataset::<i64>().create(name)?.write_scalar(number),
        Value::Real(number) => file.new_dataset::<f64>().create(name)?.write_scalar(number),
        Value::Text(text) => {
            let texts = FixedTexts::new(std::slice::from_ref(text))?;
            let empty = file.new_dataset_builder().empty_as(texts.descriptor());
            texts.write_dataset(&empty.create(name)?)
        }
        Value::Texts(list) => {
            let texts = FixedTexts::new(list)?;
            let empty = file.new_dataset_builder().empty_as(texts.descriptor());
            texts.write_dataset(&empty.shape(list.len()).create(name)?)
        }
    }
}

fn write_attribute(object: &Location, name: &str, value: &Value) -> hdf5::Result<()> {
    fn array<T: H5Type>(object: &Location, name: &str, values: &ArrayViewD<T>) -> hdf5::Result<()> {
        object
            .new_attr_builder()
            .with_data(values.view())
            .create(name)
            .map(drop)
    }
    match value {
        Value::F32(values) => array(object, name, values),
        Value::F64(values) => array(object, name, values),
        Value::I64(values) => array(object, name, values),
        Value::U8(values) => array(object, name, values),
        Value::Integer(number) => object.new_attr::<i64>().create(name)?.write_scalar(number),
        Value::Real(number) => object.new_attr::<f64>().create(name)?.write_scalar(number),
        Value::Text(text) => {
            let texts = FixedTexts::new(std::slice::from_ref(text))?;
            let empty = object.new_attr_builder().empty_as(texts.descriptor());
            texts.write_attribute(&empty.create(name)?)
        }
        Value::Texts(list) => {
            let texts = FixedTexts::new(list)?;
            let empty = object.new_attr_builder().empty_as(texts.descriptor());
            texts.write_attribute(&empty.shape(list.len()).create(name)?)
        }
    }
}

/// Texts of one length, padded with zero bytes: those of variable length lie in a heap, where one
/// flipped bit leads readers astray.
struct FixedTexts {
    length: usize,
    bytes: Vec<u8>,
}

impl FixedTexts {
    fn new(texts: &[Cow<str>]) -> hdf5::Result<Self> {
        let longest = texts.iter().map(|text| text.len()).max();
        // HDF5 has no texts of no bytes
        let length = longest.unwrap_or(0).max(1);
        let mut bytes = vec![0; length * texts.len()];
        for (text, place) in texts.iter().zip(bytes.chunks_exact_mut(length)) {
            if text.contains('\0') {
                return Err(format!("the text {text:?} holds a zero byte").into());
            }
            place[..text.len()].copy_from_slice(text.as_bytes());
        }
        Ok(Self { length, bytes })
    }

    fn descriptor(&self) -> TypeDescriptor {
        TypeDescriptor::FixedUnicode(self.length)
    }

    fn write_dataset(&self, dataset: &hdf5::Dataset) -> hdf5::Result<()> {
        let datatype = Datatype::from_descriptor(&self.descriptor())?;
        let _guard = LOCK.lock();
        // SAFETY: the dataset was made for this many texts of this length, which the buffer holds.
        let status = unsafe {
            H5Dwrite(
                dataset.id(),
                datatype.id(),
                H5S_ALL,
                H5S_ALL,
                H5P_DEFAULT,
                self.bytes.as_ptr().cast(),
            )
        };
        checked(status)
    }

    fn write_attribute(&self, attribute: &Attribute) -> hdf5::Result<()> {
        let datatype = Datatype::from_descriptor(&self.descriptor())?;
        let _guard = LOCK.lock();
        // SAFETY: the attribute was made for this many texts of this length, which the buffer
        // holds.
        let status = unsafe { H5Awrite(attribute.id(), datatype.id(), self.bytes.as_ptr().cast()) };
        checked(status)
    }
}

fn checked(status: i32) -> hdf5::Result<()> {
    if status < 0 {
        return Err("texts cannot be written".into());
    }
    Ok(())
}
