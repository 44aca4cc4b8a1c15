//! Zip archives: one of their files is changed, or their list.

use std::io::{Cursor, Read, Write};

use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

use super::{INFLATED, changed as changed_file, random::Random};

struct Member {
    name: String,
    method: CompressionMethod,
    content: Vec<u8>,
}

pub(super) fn changed(bytes: &[u8], random: &mut Random, depth: usize) -> Option<Vec<u8>> {
    let mut members = members(bytes)?;
    let place = random.below(members.len());
    let other = random.below(members.len());
    let member = members.get_mut(place)?;
    match random.below(16) {
        0 => drop(members.remove(place)),
        1 => {
            member.name =
                String::from_utf8(super::text::changed(member.name.as_bytes(), random)).ok()?
        }
        2 => {
            let name = member.name.clone();
            members[other].name = name;
        }
        3 => {
            let content = member.content.clone();
            members[other].content = content;
        }
        4 => {
            member.method = match member.method {
                CompressionMethod::Stored => CompressionMethod::Deflated,
                _ => CompressionMethod::Stored,
            };
        }
        _ => member.content = changed_file(&member.content, random, depth),
    }
    packed(&members)
}

fn members(bytes: &[u8]) -> Option<Vec<Member>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut members = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).ok()?;
        let mut content = Vec::new();
        entry
            .by_ref()
            .take(INFLATED)
            .read_to_end(&mut content)
            .ok()?;
        members.push(Member {
            name: entry.name().ok()?.into_owned(),
            method: entry.compression(),
            content,
        });
    }
    Some(members)
}

fn packed(members: &[Member]) -> Option<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for member in members {
        let options = SimpleFileOptions::default().compression_method(member.method);
        archive.start_file(member.name.as_str(), options).ok()?;
        archive.write_all(&member.content).ok()?;
    }
    Some(archive.finish().ok()?.into_inner())
}
