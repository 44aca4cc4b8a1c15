#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use super::*;

/// A record with everything that a format might stumble over.
fn record() -> Record {
    let history = [
        "import-model --arch vgg9 --output 'a b.h5'",
        "render s.h5 --title '<a> & \"b\" -- --> </script> ]]> \\ \n ünï λ' --output f.png",
    ];
    let shown = Shown {
        kind: "surface".into(),
        id: "9".repeat(64),
        file: "s&<>.h5".into(),
    };
    Record::new("render 0.1.0", &history.map(String::from), vec![shown])
}

/// A picture of one pixel, as Pillow writes it.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU\
    \0\0\0\nIDATx\x9cc`\0\0\0\x02\0\x01H\xaf\xa4q\0\0\0\0IEND\xaeB`\x82";
const GIF: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff\
    ,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

/// A description in the XMP of a PDF.
fn description(text: &str) -> String {
    format!(
        "<dc:description><rdf:Alt><rdf:li xml:lang=\"x-default\">{text}</rdf:li></rdf:Alt>\
         </dc:description>"
    )
}

/// A PNG with a text chunk of this kind.
fn png_with(kind: &[u8], data: &[u8]) -> Vec<u8> {
    let body = [kind, b"relief\0", data].concat();
    let length = (body.len() - 4) as u32;
    let sum = crc32fast::hash(&body).to_be_bytes();
    [&PNG[..33], &length.to_be_bytes(), &body, &sum, &PNG[33..]].concat()
}

/// Every form with the record in it.
fn forms(record: &Record) -> Vec<Vec<u8>> {
    let escaped = record.json().replace('&', "&amp;").replace('<', "&lt;");
    let glb = format!(
        "{{\"asset\":{{\"version\":\"2.0\",\"extras\":{}}}}}",
        record.json()
    );
    let length = (glb.len() as u32).to_le_bytes();
    let comment = zip_comment(record).unwrap();
    vec![
        insert_into_png(PNG, record),
        insert_into_gif(GIF, record),
        insert_into_svg("<svg width=\"1\"><g/></svg>", record).into(),
        format!("<!doctype html><head>{}</head>", html_element(record)).into(),
        format!("<?xml?>\n{}\n<VTKFile/>", xml_comment(record)).into(),
        format!("{}v 0 0 0\n", obj_line(record)).into(),
        format!(
            "%PDF-1.7 {} {}",
            description("somebody's"),
            description(&escaped)
        )
        .into(),
        [b"glTF\x02\0\0\0....", &length[..], b"JSON", glb.as_bytes()].concat(),
        [b"PK\x05\x06".as_slice(), &[0; 18], comment.as_bytes()].concat(),
        format!("{{\"x\":[1],\"provenance\":{}}}", record.json()).into(),
    ]
}

#[test]
fn every_form_gives_back_what_was_written() {
    let record = record();
    for form in forms(&record) {
        assert_eq!(
            find(&form).unwrap().as_ref(),
            Some(&record),
            "{}",
            String::from_utf8_lossy(&form)
        );
    }
    let stl = stl_head(&record);
    assert_eq!(stl.len(), 80);
    assert_eq!(find(&stl).unwrap().unwrap().shows[0].id, record.shows[0].id);
}

#[test]
fn what_tells_nothing_of_itself_has_no_record() {
    let others: [&[u8]; 8] = [
        b"",
        PNG,
        GIF,
        b"<svg/>",
        b"%PDF-1.7",
        b"x,train_loss\n",
        b"\x89HDF\r\n\x1a\n",
        b"{}",
    ];
    for other in others {
        assert_eq!(find(other), Ok(None));
    }
}

#[test]
fn compressed_and_later_records_are_refused() {
    assert_eq!(find(&png_with(b"zTXt", b"\0x")), Err(Fault::Compressed));
    assert_eq!(
        find(&png_with(b"iTXt", b"\x01\0\0\0x")),
        Err(Fault::Compressed)
    );
    assert_eq!(
        find(&png_with(b"tEXt", b"{\"relief\":2}")),
        Err(Fault::Newer(2))
    );
    assert!(matches!(
        find(&png_with(b"iTXt", b"")),
        Err(Fault::Damaged(_))
    ));
    let deep = "[".repeat(1 << 20);
    assert!(matches!(
        find(&png_with(b"tEXt", deep.as_bytes())),
        Err(Fault::Damaged(_))
    ));
    let long = [b"{".as_slice(), &vec![b' '; LONGEST]].concat();
    assert!(matches!(
        find(&png_with(b"tEXt", &long)),
        Err(Fault::Damaged(_))
    ));
}

#[test]
fn pipes_are_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    assert!(matches!(read(&pipe), Err(Error::Unreadable { .. })));
}

proptest::proptest! {
    /// Damage is found or harmless: never a panic, never another record with the same check sum.
    #[test]
    fn damage_never_panics(
        form in 0usize..10,
        place in 0usize..2000,
        byte: u8,
        cut in 0usize..2000,
    ) {
        let mut bytes = forms(&record()).swap_remove(form);
        let place = place % bytes.len();
        bytes[place] = byte;
        let _ = find(&bytes);
        bytes.truncate(cut);
        let _ = find(&bytes);
    }
}
