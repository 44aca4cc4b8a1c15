//! Formats that are texts: SVG, PDF's description of itself (XMP), pages, and meshes.

use memchr::memmem;

use crate::{Fault, Record};

/// An element of SVG.
const SVG: [&str; 2] = ["<metadata id=\"relief\">", "</metadata>"];
/// An element of HTML.
const HTML: [&str; 2] = [
    "<script type=\"application/json\" id=\"relief\">",
    "</script>",
];
/// A comment of XML.
const XML: [&str; 2] = ["<!-- relief ", " -->"];
/// A line of OBJ.
const LINE: [&str; 2] = ["# relief ", "\n"];
/// The description in XMP, which is uncompressed in a PDF (ISO 32000-2, 14.3.2).
const XMP: [&str; 2] = ["<dc:description>", "</dc:description>"];
/// The text in a description, whose language follows the name.
const ITEM: [&str; 2] = ["<rdf:li", "</rdf:li>"];

/// An SVG with a record at the start of its outermost element.
///
/// # Panics
/// It has no element `svg`.
pub fn insert_into_svg(svg: &str, record: &Record) -> String {
    let start = svg.find("<svg").expect("an SVG");
    let tag = svg[start..].find('>').expect("an SVG");
    let (head, rest) = svg.split_at(start + tag + 1);
    let json = record.json();
    let escaped = json
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    format!("{head}{}{escaped}{}{rest}", SVG[0], SVG[1])
}

/// An element of HTML, which no browser shows.
pub fn html_element(record: &Record) -> String {
    // no text in it ends the element
    let json = record.json().replace('<', "\\u003c");
    format!("{}{json}{}", HTML[0], HTML[1])
}

/// A comment of XML.
pub fn xml_comment(record: &Record) -> String {
    // two hyphens would end a comment
    let json = record.json().replace('-', "\\u002d");
    format!("{}{json}{}", XML[0], XML[1])
}

/// A comment of OBJ, with the end of its line.
pub fn obj_line(record: &Record) -> String {
    format!("{}{}{}", LINE[0], record.json(), LINE[1])
}

/// The record in an SVG, a page, a VTK file or an OBJ.
pub(crate) fn find(text: &[u8]) -> Result<Option<Record>, Fault> {
    if let Some((escaped, _)) = between(text, SVG) {
        return unescaped(escaped).map(Some);
    }
    for marks in [HTML, XML, LINE] {
        if let Some((json, _)) = between(text, marks) {
            return crate::parse(json).map(Some);
        }
    }
    Ok(None)
}

/// The record in a PDF: a description that is one.
pub(crate) fn find_in_pdf(pdf: &[u8]) -> Result<Option<Record>, Fault> {
    let mut rest = pdf;
    while let Some((description, after)) = between(rest, XMP) {
        rest = after;
        let (item, _) = between(description, ITEM).unwrap_or_default();
        let start = memchr::memchr(b'>', item).map_or(item.len(), |end| end + 1);
        if item[start..].starts_with(b"{") {
            return unescaped(&item[start..]).map(Some);
        }
    }
    Ok(None)
}

/// What stands between two marks, and what follows.
fn between<'a>(text: &'a [u8], [start, end]: [&str; 2]) -> Option<(&'a [u8], &'a [u8])> {
    let from = memmem::find(text, start.as_bytes())? + start.len();
    let rest = &text[from..];
    let length = memmem::find(rest, end.as_bytes())?;
    Some((&rest[..length], &rest[length + end.len()..]))
}

/// The record in a text of XML.
fn unescaped(text: &[u8]) -> Result<Record, Fault> {
    let mut plain = String::from_utf8_lossy(text).into_owned();
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&#39;", "'"),
    ];
    for (entity, character) in entities.into_iter().chain([("&amp;", "&")]) {
        plain = plain.replace(entity, character);
    }
    crate::parse(plain.as_bytes())
}
