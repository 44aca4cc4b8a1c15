//! Schemas of operators, read from PyTorch's text of them.

/// `aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor`
#[derive(Debug, Clone)]
pub(crate) struct Schema {
    pub(crate) op: String,
    pub(crate) arguments: Vec<Argument>,
    /// How many values it returns; of a list that is open.
    pub(crate) results: Option<usize>,
}

#[derive(Debug, Clone)]
pub(crate) struct Argument {
    pub(crate) name: String,
    /// Without marks of aliases: `Tensor?[]`, `SymInt[2]`.
    pub(crate) kind: String,
    pub(crate) has_default: bool,
}

impl Schema {
    pub(crate) fn parse(text: &str) -> Self {
        let (op, rest) = text.split_once('(').unwrap();
        let (arguments, results) = rest.rsplit_once(") -> ").unwrap();
        let mut parsed = Vec::new();
        for part in parts(arguments) {
            if part != "*" {
                parsed.push(Argument::parse(&part));
            }
        }
        Self {
            op: op.into(),
            arguments: parsed,
            results: match results {
                "()" => Some(0),
                one if one.ends_with("[]") => None,
                one => Some(parts(one.trim_matches(['(', ')'])).len()),
            },
        }
    }
}

impl Argument {
    fn parse(text: &str) -> Self {
        let (text, default) = match text.split_once('=') {
            Some((text, _)) => (text, true),
            None => (text, false),
        };
        let (kind, name) = text.rsplit_once(' ').unwrap();
        Self {
            name: name.into(),
            kind: without_marks(kind),
            has_default: default,
        }
    }
}

/// What stands between the commas, brackets kept together.
fn parts(text: &str) -> Vec<String> {
    let (mut parts, mut depth) = (vec![String::new()], 0);
    for letter in text.chars() {
        match letter {
            '[' | '(' => depth += 1,
            ']' | ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().unwrap().push(letter);
    }
    for part in &mut parts {
        *part = part.trim().to_string();
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// `Tensor(a!)` without `(a!)`.
fn without_marks(kind: &str) -> String {
    let mut plain = String::new();
    let mut depth = 0;
    for letter in kind.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            letter if depth == 0 => plain.push(letter),
            _ => {}
        }
    }
    plain
}
