use std::fmt::Write;

use crate::table::Table;

/// A line of names, then one for each point. Numbers read back as they are; NaN and infinities are `nan`, `inf`, `-inf`.
pub(crate) fn document(table: &Table) -> anyhow::Result<Vec<u8>> {
    let axes = if table.y.is_some() { "x,y" } else { "x" };
    let mut text: String = axes.into();
    for (name, _) in &table.columns {
        let quoted = name.contains([',', '"', '\n']);
        write!(
            text,
            ",{}",
            if quoted {
                format!("\"{}\"", name.replace('"', "\"\""))
            } else {
                name.clone()
            }
        )?;
    }
    text.push('\n');
    for (point, evaluated) in table.evaluated.iter().enumerate() {
        write!(text, "{:?}", table.x[point % table.x.len()])?;
        if let Some(y) = table.y {
            write!(text, ",{:?}", y[point / table.x.len()])?;
        }
        for (_, values) in &table.columns {
            text.push(',');
            if *evaluated != 0 {
                let value = values[point];
                if value.is_nan() {
                    text += "nan"
                } else {
                    write!(text, "{value:?}")?
                };
            }
        }
        text.push('\n');
    }
    Ok(text.into_bytes())
}
