//! What the values that a model returns are called: the keys of dictionaries and of Hugging Face's
//! outputs, the places in tuples and lists.

use serde::Deserialize;
use serde_json::Value;

use super::schema::GraphModule;
use crate::LONGEST_NAME;

/// The structure of what a model returns (`torch.utils._pytree.TreeSpec` as JSON).
#[derive(Deserialize)]
struct Spec {
    /// The type of a container; none of a value.
    #[serde(rename = "type")]
    container: Option<String>,
    /// Of a container with keys, these as JSON.
    context: Option<String>,
    #[serde(default)]
    children_spec: Vec<Spec>,
}

/// What the only value of a model is called.
const ONLY: &str = "output";

/// A name for each of the `count` values that a model returns, in their order, each different from
/// the others.
pub(super) fn names(module: &GraphModule, count: usize) -> Vec<String> {
    let signature = module
        .module_call_graph
        .first()
        .and_then(|call| call.signature.as_ref());
    let spec = signature
        .and_then(|signature| serde_json::from_str::<(u32, Spec)>(&signature.out_spec).ok());
    let mut names = Vec::new();
    let whole = spec.is_some_and(|(_, spec)| walk(&spec, "", &mut names).is_some());
    if !whole || names.len() != count {
        names = (0..count).map(|place| place.to_string()).collect();
    }
    if let [only] = &mut names[..]
        && only.parse::<usize>().is_ok()
    {
        *only = ONLY.into();
    }
    names
}

/// Adds the names of the values behind a path; `None` where one is too long for a name.
fn walk(spec: &Spec, path: &str, names: &mut Vec<String>) -> Option<()> {
    if path.len() > LONGEST_NAME {
        return None;
    }
    if spec.container.is_none() {
        names.push(if path.is_empty() {
            ONLY.into()
        } else {
            path.into()
        });
        return Some(());
    }
    let keys = spec.context.as_deref().and_then(keys);
    let keys = keys.filter(|keys| keys.len() == spec.children_spec.len());
    for (place, child) in spec.children_spec.iter().enumerate() {
        let key = keys
            .as_ref()
            .map_or_else(|| place.to_string(), |keys| keys[place].clone());
        let path = if path.is_empty() {
            key
        } else {
            format!("{path}.{key}")
        };
        walk(child, &path, names)?;
    }
    Some(())
}

/// The keys of a container: texts or numbers, or, of a dataclass, the names of its fields before
/// those of its constants.
fn keys(context: &str) -> Option<Vec<String>> {
    let Value::Array(mut members) = serde_json::from_str(context).ok()? else {
        return None;
    };
    if let Some(Value::Array(fields)) = members.first() {
        members = fields.clone();
    }
    let mut keys = Vec::new();
    for member in members {
        keys.push(match member {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            _ => return None,
        });
    }
    Some(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_of(spec: &str) -> Vec<String> {
        let mut names = Vec::new();
        walk(&serde_json::from_str(spec).unwrap(), "", &mut names).unwrap();
        names
    }

    #[test]
    fn keys_and_places_make_names() {
        const VALUE: &str = r#"{"type": null, "context": null, "children_spec": []}"#;
        assert_eq!(names_of(VALUE), ["output"]);
        let tuple = format!(
            r#"{{"type": "builtins.tuple", "context": "null",
            "children_spec": [{VALUE}, {VALUE}]}}"#
        );
        assert_eq!(names_of(&tuple), ["0", "1"]);
        let dictionary = format!(
            r#"{{"type": "builtins.dict", "context": "[\"aux\", \"out\"]",
            "children_spec": [{VALUE}, {tuple}]}}"#
        );
        assert_eq!(names_of(&dictionary), ["aux", "out.0", "out.1"]);
        let dataclass =
            dictionary.replace(r#"[\"aux\", \"out\"]"#, r#"[[\"logits\", \"aux\"], []]"#);
        assert_eq!(names_of(&dataclass), ["logits", "aux.0", "aux.1"]);
        let numbered = dictionary.replace(r#"[\"aux\", \"out\"]"#, "[5, 3]");
        assert_eq!(names_of(&numbered), ["5", "3.0", "3.1"]);
    }
}
