//! Settings by name: what the parts of a config say, as names of files and command lines take it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// Settings by name, with the values that the stages' options take.
pub(crate) type Settings = BTreeMap<String, String>;

/// The settings of a part of the config; what is not given is left out.
pub(crate) fn settings(part: &impl Serialize) -> Settings {
    let mut settings = Settings::new();
    if let Ok(Value::Object(part)) = serde_json::to_value(part) {
        for (key, value) in part {
            if let Some(text) = text(&value) {
                settings.insert(key, text);
            }
        }
    }
    settings
}

/// A value as an option takes it; `None` where it is not given.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Object(_) => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(values) => Some(texts(values).join(",")),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
    }
}

/// The values of a list.
pub(crate) fn texts(values: &[Value]) -> Vec<String> {
    values.iter().filter_map(text).collect()
}

/// A word of a list of choices, as the config writes it.
pub(crate) fn word(choice: &impl Serialize) -> String {
    let value = serde_json::to_value(choice).unwrap_or_default();
    text(&value).unwrap_or_default()
}

/// The settings of these names.
pub(crate) fn picked(settings: &Settings, keys: &[&str]) -> Settings {
    let mut picked = settings.clone();
    picked.retain(|key, _| keys.contains(&key.as_str()));
    picked
}

/// Settings as options of a command line.
pub(crate) fn options(settings: &Settings) -> Vec<String> {
    let mut options = Vec::new();
    for (key, value) in settings {
        let option = key.replace('_', "-");
        match value.as_str() {
            "true" => options.push(format!("--{option}")),
            // a flag that is not wanted
            "false" => {}
            value => options.push(format!("--{option}={value}")),
        }
    }
    options
}
