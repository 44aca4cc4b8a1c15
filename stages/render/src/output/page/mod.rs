//! A page that shows surfaces: one file, without any request to a network.

use provenance::Record;

use crate::figure::{page::Page, text};

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");
/// In the order in which they are read.
const SCRIPTS: [&str; 5] = [
    include_str!("scale.js"),
    include_str!("gl.js"),
    include_str!("view.js"),
    include_str!("surface.js"),
    include_str!("main.js"),
];

/// The whole page.
pub(crate) fn document(page: &Page, record: Option<&Record>) -> anyhow::Result<Vec<u8>> {
    let title = if page.title.is_empty() {
        "Loss landscape"
    } else {
        &page.title
    };
    let title = text::escaped(title);
    let theme = if page.dark { "dark" } else { "light" };
    let record = match record {
        Some(record) => provenance::html_element(record) + "\n",
        None => String::new(),
    };
    // a text of a file must not end the script that holds it
    let data = serde_json::to_string(page)?
        .replace("</", "<\\/")
        .replace("<!--", "<\\!--");
    let filled = filled([
        ("{theme}", theme),
        ("{record}", &record),
        ("{title}", &title),
        ("{style}", STYLE),
        ("{title}", &title),
        ("{data}", &data),
        ("{script}", &SCRIPTS.concat()),
    ]);
    Ok(filled.into_bytes())
}

/// The template with texts in place of its marks, which are in this order. What was filled in is
/// not searched for marks.
fn filled(texts: [(&str, &str); 7]) -> String {
    let (mut page, mut rest) = (String::new(), PAGE);
    for (mark, text) in texts {
        let (before, after) = rest
            .split_once(mark)
            .expect("the template has its marks in this order");
        page += before;
        page += text;
        rest = after;
    }
    page + rest
}
