use serde_json::{Map, Value, json};

use crate::{models::Models, table::Table};

/// One object: `x`, `y`, `evaluated`, `metrics` by name as lists of rows, `id`, `history`,
/// `provenance`.
pub(crate) fn document(table: &Table) -> anyhow::Result<Vec<u8>> {
    let mut metrics = Map::new();
    for column in &table.columns {
        metrics.insert(column.name.clone(), nested(&column.values, table));
    }
    let mut text = serde_json::to_vec(&json!({
        "x": table.x,
        "y": table.y,
        "evaluated": nested(&table.evaluated, table),
        "metrics": metrics,
        "id": table.id,
        "history": files::history::without_folders(table.history),
        "provenance": table.record,
    }))?;
    text.push(b'\n');
    Ok(text)
}

/// One object: `models`, `model_ids`, `columns` by name as lists, `id`, `history`, `provenance`.
pub(crate) fn of_models(table: &Models) -> anyhow::Result<Vec<u8>> {
    let mut columns = Map::new();
    for column in &table.columns {
        columns.insert(column.name.clone(), row(&column.values));
    }
    let mut text = serde_json::to_vec(&json!({
        "models": table.names,
        "model_ids": table.ids,
        "columns": columns,
        "id": table.id,
        "history": files::history::without_folders(table.history),
        "provenance": table.record,
    }))?;
    text.push(b'\n');
    Ok(text)
}

/// Rows of a surface, or the one of a curve; JSON has no NaN and no infinity, they are null.
fn nested<T: Copy + Into<Value>>(values: &[T], table: &Table) -> Value {
    match table.y {
        Some(_) => Value::Array(values.chunks(table.x.len()).map(row).collect()),
        None => row(values),
    }
}

fn row<T: Copy + Into<Value>>(values: &[T]) -> Value {
    Value::Array(values.iter().map(|value| (*value).into()).collect())
}
