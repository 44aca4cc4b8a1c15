//! What Python wrote (`tests/golden/pickles/make.py`), in every protocol.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{fs, path::PathBuf};

use pickle::{Error, Names, Pickle, Value, View};

const NAMES: Names = &[
    ("collections", "OrderedDict"),
    ("_codecs", "encode"),
    ("builtins", "bytearray"),
    ("__builtin__", "bytearray"),
    ("builtins", "set"),
    ("__builtin__", "set"),
    ("builtins", "frozenset"),
    ("__builtin__", "frozenset"),
];
const MEMORY: usize = 1 << 20;

fn golden(protocol: usize) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../tests/golden/pickles");
    fs::read(folder.join(format!("protocol{protocol}.pkl"))).unwrap()
}

fn items<'a>(value: View<'a>, key: &str) -> Vec<View<'a>> {
    value.get(key).unwrap().items().unwrap().collect()
}

#[test]
fn every_protocol_holds_the_same_value() {
    for protocol in 0..6 {
        let bytes = [golden(protocol), b"what follows".to_vec()].concat();
        let pickle = Pickle::read(&bytes, NAMES, MEMORY)
            .unwrap_or_else(|error| panic!("protocol {protocol}: {error}"));
        assert_eq!(pickle.len(), golden(protocol).len());
        let root = pickle.root();
        let keys: Vec<_> = root
            .entries()
            .unwrap()
            .iter()
            .map(|(key, _)| key.text().unwrap())
            .collect();
        assert_eq!(keys, ["numbers", "others", "shared", "ordered", "long"]);

        let numbers = items(root, "numbers");
        let whole: Vec<_> = numbers
            .iter()
            .take(7)
            .filter_map(|number| number.int())
            .collect();
        assert_eq!(whole, [0, 1, -1, 255, 65536, i64::from(i32::MIN), 1 << 40]);
        let large = numbers[7].value();
        let minus_2_to_70 = [0, 0, 0, 0, 0, 0, 0, 0, 0xc0];
        let long = matches!(large, Value::Long(bytes) if **bytes == minus_2_to_70);
        assert!(long || protocol < 2, "{large:?} in protocol {protocol}");
        assert_eq!(
            (numbers[8].value(), numbers[9].value()),
            (&Value::Float(1.5), &Value::Float(f64::INFINITY))
        );

        let others = items(root, "others");
        assert!(others[0].is_none());
        assert_eq!(
            (others[1].bool(), others[2].bool()),
            (Some(true), Some(false))
        );
        assert_eq!(others[3].text(), Some("é\n\\"));
        assert_eq!(others[4].bytes().unwrap(), &b"\x00\xff"[..]);

        let shared = items(root, "shared");
        assert_eq!(shared[0].id(), shared[1].id());
        let ordered = root.get("ordered").unwrap().entries().unwrap();
        assert_eq!(
            ordered
                .iter()
                .map(|(key, _)| key.text().unwrap())
                .collect::<Vec<_>>(),
            ["b", "a"]
        );
        assert_eq!(root.get("long").unwrap().text().unwrap().len(), 300);
    }
}

#[test]
fn names_memory_and_ends_are_checked() {
    let bytes = golden(2);
    assert!(matches!(
        Pickle::read(&bytes, &[], MEMORY),
        Err(Error::Refused { .. })
    ));
    assert!(matches!(
        Pickle::read(&bytes, NAMES, 1000),
        Err(Error::TooLarge(1000))
    ));
    for cut in 0..bytes.len() {
        assert!(
            matches!(
                Pickle::read(&bytes[..cut], NAMES, MEMORY),
                Err(Error::Cut { .. })
            ),
            "cut at {cut}"
        );
    }
}
