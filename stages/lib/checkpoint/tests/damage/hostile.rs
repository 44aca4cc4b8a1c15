//! Files that were made to do harm.

use std::io::{Cursor, Write};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{golden, read, refused, tried};

/// An archive of these entries.
fn archive(entries: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        zip.start_file(
            *name,
            SimpleFileOptions::default().compression_method(method),
        )
        .unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn checkpoint(pickle: &[u8], storage: &[u8]) -> Vec<u8> {
    archive(
        &[("a/data.pkl", pickle), ("a/data/0", storage)],
        CompressionMethod::Stored,
    )
}

/// `{"w": _rebuild_tensor_v2(FloatStorage "0" of `count`, 0, (count,), (1,), False,
/// OrderedDict())}`.
fn pickle_of_a_tensor(count: u64) -> Vec<u8> {
    let count = [b"\x8a\x08".as_slice(), &count.to_le_bytes()].concat();
    let parts: [&[u8]; 7] = [
        b"\x80\x02}X\x01\0\0\0wctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\n",
        b"X\x01\0\0\x000X\x03\0\0\0cpu",
        &count,
        b"tQK\0",
        &[&count[..], b"\x85K\x01\x85\x89"].concat(),
        b"ccollections\nOrderedDict\n)RtR",
        b"s.",
    ];
    parts.concat()
}

/// GLOBAL os.system, a command, REDUCE.
#[test]
fn code_is_refused_by_name() {
    let pickle = b"\x80\x02}X\x01\0\0\0wcos\nsystem\nX\x04\0\0\0true\x85Rs.";
    let legacy = golden("checkpoints/float.t7");
    let at = legacy.windows(4).position(|four| four == b"}q\0(").unwrap();
    let object = at
        + legacy[at + 1..]
            .windows(2)
            .position(|two| two == b"\x80\x02")
            .unwrap()
        + 1;
    for bytes in [
        checkpoint(pickle, &[]),
        [&legacy[..object], pickle].concat(),
    ] {
        let error = refused("hostile.pt", &bytes);
        assert!(
            error.contains("os.system")
                && error.contains("nothing in a checkpoint is ever executed"),
            "{error}"
        );
    }
}

#[test]
fn storages_and_shapes_beyond_any_memory_are_errors() {
    read("good.pt", &checkpoint(&pickle_of_a_tensor(2), &[0; 8])).unwrap();
    for count in [3, 1 << 31, 1 << 61, 1 << 62, u64::MAX] {
        let error = refused(
            "hostile.pt",
            &checkpoint(&pickle_of_a_tensor(count), &[0; 8]),
        );
        assert!(
            error.contains("the file is damaged") || error.contains("no counts"),
            "{error}"
        );
    }

    let mut legacy = golden("checkpoints/float.t7");
    // the element count stands before a storage's bytes: one element, in this golden
    let at = legacy.len() - 12;
    legacy[at..at + 8].copy_from_slice(&(1i64 << 62).to_le_bytes());
    assert!(refused("hostile.t7", &legacy).contains("claims 4611686018427387904 elements"));

    let header = br#"{"w":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,8]}}"#;
    let bytes = [&(header.len() as u64).to_le_bytes()[..], header, &[0; 8]].concat();
    assert!(refused("hostile.safetensors", &bytes).contains("damaged"));
    let bytes = [&(1u64 << 62).to_le_bytes()[..], header, &[0; 8]].concat();
    assert!(refused("hostile.safetensors", &bytes).contains("no checkpoint"));

    for shape in ["[1099511627776,0]", "[0,1099511627776]"] {
        let header = format!(r#"{{"w":{{"dtype":"F32","shape":{shape},"data_offsets":[0,0]}}}}"#);
        let len = (header.len() as u64).to_le_bytes();
        let error = refused(
            "hostile.safetensors",
            &[&len[..], header.as_bytes()].concat(),
        );
        assert!(error.contains("beyond the file"), "{error}");
    }

    for shape in [
        "4611686018427387904,",
        "1099511627776, 0",
        "0, 4611686018427387904",
        "65536, 65536, 65536, 65536",
    ] {
        let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({shape}), }}\n");
        let npy = [
            &b"\x93NUMPY\x01\0"[..],
            &(header.len() as u16).to_le_bytes(),
            header.as_bytes(),
            &[0; 8],
        ]
        .concat();
        let error = refused(
            "hostile.npz",
            &archive(&[("w.npy", &npy)], CompressionMethod::Stored),
        );
        assert!(
            error.contains("damaged") || error.contains("beyond"),
            "{error}"
        );
    }
}

/// Zeros, which shrink to a thousandth, wherever an archive holds something.
#[test]
fn bombs_are_refused_before_they_burst() {
    let zeros = vec![0; 64 << 20];
    let header =
        b"\x93NUMPY\x01\0\x3c\0{'descr': '<f4', 'fortran_order': False, 'shape': (16777201,)}";
    let npy = [&header[..], &zeros[header.len()..]].concat();
    for entries in [
        [("w.npy", &npy[..]), ("v.npy", &npy)],
        [("a/data.pkl", &zeros), ("a/data/0", &zeros)],
        [("a/models/model.json", &zeros), ("a/archive_version", &[])],
    ] {
        let bytes = archive(&entries, CompressionMethod::Deflated);
        assert!(bytes.len() < 1 << 20);
        for name in ["bomb.pt", "bomb.pt2"] {
            let error = refused(name, &bytes);
            assert!(
                error.contains("claims 67108864 bytes") || name.ends_with("2"),
                "{error}"
            );
        }
    }
    // an archive whose list says that there is little
    let mut bytes = archive(&[("w.npy", &npy)], CompressionMethod::Deflated);
    let list = bytes
        .windows(4)
        .rposition(|four| four == b"PK\x01\x02")
        .unwrap();
    bytes[list + 24..list + 28].copy_from_slice(&1000u32.to_le_bytes());
    let error = refused("bomb.npz", &bytes);
    assert!(error.contains("other than the 1000 bytes"), "{error}");
}

/// Bytes that each ask for as much as they can.
#[test]
fn pickles_that_grow_are_refused() {
    let opcodes: [&[u8]; 12] = [
        b"N",
        b"]",
        b"}",
        b")",
        b"(",
        b"2",
        b"\x94",
        b"\x85",
        b"2a",
        b"K\x01",
        b"\x8c\x01x",
        b"2N\x86\x94",
    ];
    for opcode in opcodes {
        for start in [&b"\x80\x04]"[..], b"\x80\x04}", b"\x80\x04N"] {
            let pickle = [start, &opcode.repeat((2 << 20) / opcode.len()), b"."].concat();
            refused("hostile.pt", &checkpoint(&pickle, &[]));
        }
    }
    // one tensor by many names, and its storage many times as large as the file
    let tensor = pickle_of_a_tensor(1 << 18);
    let (start, end) = (&tensor[..tensor.len() - 2], &tensor[tensor.len() - 2..]);
    let mut pickle = [start, b"q\x00s"].concat();
    for name in 0..100_000 {
        let name = format!("{name}");
        pickle.extend([&[0x8c, name.len() as u8][..], name.as_bytes(), b"h\x00s"].concat());
    }
    let _ = end;
    let error = refused(
        "hostile.pt",
        &checkpoint(&[&pickle[..], b"."].concat(), &[0; 1 << 20]),
    );
    assert!(
        error.contains("beyond the file") || error.contains("bytes of memory"),
        "{error}"
    );
}

/// Tensors that take more here than in the file.
#[test]
fn headers_of_many_tensors_are_refused() {
    for (count, fits) in [(4000, true), (200_000, false)] {
        let entries: Vec<String> = (0..count)
            .map(|k| {
                format!(
                    r#""{k}":{{"dtype":"U8","shape":[],"data_offsets":[{k},{}]}}"#,
                    k + 1
                )
            })
            .collect();
        let header = format!("{{{}}}", entries.join(","));
        let len = (header.len() as u64).to_le_bytes();
        let bytes = [&len[..], header.as_bytes(), &vec![0; count]].concat();
        match tried("many.safetensors", &bytes) {
            Ok(found) => assert!(fits && found.len() == count),
            Err(error) => {
                assert!(
                    !fits && error.to_string().contains("it lists more than"),
                    "{error}"
                );
            }
        }
    }
}

/// A list of more entries than the file has room for.
#[test]
fn archives_of_empty_entries_are_refused() {
    let entries: Vec<String> = (0..100_000).map(|name| format!("{name}")).collect();
    let entries: Vec<(&str, &[u8])> = entries
        .iter()
        .map(|name| (name.as_str(), &[][..]))
        .collect();
    refused("hostile.pt", &archive(&entries, CompressionMethod::Stored));
}
