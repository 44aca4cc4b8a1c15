use std::path::Path;

use hdf5::{File, H5Type, Location, types::VarLenUnicode};
use ndarray::ArrayViewD;

use crate::{
    Provenance,
    contents::{Item, Value},
    names::{self, Kind},
};

/// Writes a complete file of the contract.
pub(crate) fn write(
    path: &Path,
    kind: Kind,
    id: &str,
    provenance: &Provenance,
    items: &[Item],
) -> hdf5::Result<()> {
    // the file format of HDF5 1.8: readable everywhere, and attributes may exceed 64 KiB
    let file = File::with_options()
        .with_fapl(|access| access.libver_v18())
        .create(path)?;
    let header: [(&str, Value); 5] = [
        (names::KIND, kind.name().into()),
        (names::VERSION, Value::Integer(names::FORMAT_VERSION)),
        (names::CREATED_BY, provenance.created_by.as_str().into()),
        (names::HISTORY, provenance.history.as_slice().into()),
        (names::ID, id.into()),
    ];
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
    file.close()
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
        Value::Text(text) => file
            .new_dataset::<VarLenUnicode>()
            .create(name)?
            .write_scalar(&unicode(text)?),
        Value::Texts(texts) => {
            let texts = texts
                .iter()
                .map(|text| unicode(text))
                .collect::<hdf5::Result<Vec<_>>>()?;
            file.new_dataset::<VarLenUnicode>()
                .shape(texts.len())
                .create(name)?
                .write_raw(&texts)
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
        Value::Text(text) => object
            .new_attr::<VarLenUnicode>()
            .create(name)?
            .write_scalar(&unicode(text)?),
        Value::Texts(texts) => {
            let texts = texts
                .iter()
                .map(|text| unicode(text))
                .collect::<hdf5::Result<Vec<_>>>()?;
            object
                .new_attr::<VarLenUnicode>()
                .shape(texts.len())
                .create(name)?
                .write_raw(&texts)
        }
    }
}

fn unicode(text: &str) -> hdf5::Result<VarLenUnicode> {
    text.parse()
        .map_err(|_| format!("the text {text:?} holds a zero byte").into())
}
