use std::fmt::Write;

use crate::{models::Models, table::Table};

/// A line of names, then one for each point. Numbers read back as they are; NaN and infinities are
/// `nan`, `inf`, `-inf`.
pub(crate) fn document(table: &Table) -> anyhow::Result<Vec<u8>> {
    let axes = if table.y.is_some() { "x,y" } else { "x" };
    let mut text: String = axes.into();
    for column in &table.columns {
        text.push(',');
        text += &quoted(&column.name);
    }
    text.push('\n');
    for (point, evaluated) in table.evaluated.iter().enumerate() {
        write!(text, "{:?}", table.x[point % table.x.len()])?;
        if let Some(y) = table.y {
            write!(text, ",{:?}", y[point / table.x.len()])?;
        }
        for column in &table.columns {
            text.push(',');
            if *evaluated != 0 {
                text += &number(column.values[point]);
            }
        }
        text.push('\n');
    }
    Ok(text.into_bytes())
}

/// A line of names, then one for each model.
pub(crate) fn of_models(table: &Models) -> Vec<u8> {
    let mut text: String = "model,model_id".into();
    for column in &table.columns {
        text.push(',');
        text += &quoted(&column.name);
    }
    text.push('\n');
    for (row, name) in table.names.iter().enumerate() {
        text += &quoted(name);
        text.push(',');
        text += &quoted(&table.ids[row]);
        for column in &table.columns {
            text.push(',');
            text += &number(column.values[row]);
        }
        text.push('\n');
    }
    text.into_bytes()
}

/// A name, in quotes where a reader would take it for several.
fn quoted(name: &str) -> String {
    if name.contains([',', '"', '\n']) {
        format!("\"{}\"", name.replace('"', "\"\""))
    } else {
        name.into()
    }
}

fn number(value: f64) -> String {
    if value.is_nan() {
        "nan".into()
    } else {
        format!("{value:?}")
    }
}
