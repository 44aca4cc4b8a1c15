use std::{collections::BTreeSet, fmt::Write};

use anyhow::{Context, ensure};
use files::history::HistoryLine;

use super::{
    Target,
    command::{Command, Named, Word},
    foreign::Foreigners,
    needed::Needed,
    parts,
    shell::quoted,
};
use crate::{file::File, text};

/// Commands under other names that are listed.
const LISTED: usize = 100;

/// Why a script cannot be written.
const UNKNOWN: &str = "the history does not say which parts of the grid were merged";

/// What compares files with what they should be.
const SAME: &str = r#"
same() {
    sum=$({ sha256sum || shasum -a 256; } <"$2" 2>/dev/null | cut -c1-64)
    [ "$sum" = "$1" ] || { echo "$2 is another file: its SHA-256 is $sum, not $1" >&2; exit 1; }
}
same_id() {
    inspect --json "$2" | grep -qF "\"id\":\"$1\"" ||
        { echo "$2 has another id than $1" >&2; exit 1; }
}
"#;

/// A script that makes files again.
pub(crate) struct Script<'a> {
    lines: &'a [String],
    needed: &'a Needed,
    targets: &'a [Target],
    foreign: Foreigners,
    /// The folder in which the last command ran: what was below it is made below the folder of the
    /// script.
    folder: Option<String>,
}

impl<'a> Script<'a> {
    pub(crate) fn new(lines: &'a [String], needed: &'a Needed, targets: &'a [Target]) -> Self {
        let mut folder = None;
        if let Some(target) = targets.last()
            && let Ok(command) = &needed.commands[target.last]
        {
            folder = command.folder.clone();
        }
        Self {
            lines,
            needed,
            targets,
            foreign: Foreigners::of(needed),
            folder,
        }
    }

    pub(crate) fn text(&self) -> anyhow::Result<String> {
        let mut names = Vec::new();
        for target in self.targets {
            names.push(text::plain(&target.name));
        }
        let mut script = format!(
            "#!/usr/bin/env bash\n\
             # Makes {} again. Run it in an empty folder, with relief's stages on the PATH.\n\
             # Written by inspect {}.\nset -euo pipefail\n{SAME}",
            names.join(", "),
            env!("CARGO_PKG_VERSION")
        );
        let assignments = self.foreign.assignments();
        if !assignments.is_empty() {
            script += "\n# Files from elsewhere. Where one has moved, write its new place here.\n";
            script += &assignments;
            script += &self.foreign_checks();
        }
        script += &self.elsewhere();
        script.push('\n');
        let (mut folders, mut made) = (BTreeSet::new(), BTreeSet::new());
        for number in &self.needed.needed {
            let Ok(command) = &self.needed.commands[*number] else {
                continue;
            };
            for folder in self.folders(*number, command) {
                if folders.insert(folder.clone()) {
                    let _ = writeln!(script, "mkdir -p {}", quoted(&folder));
                }
            }
            let merges = self.needed.merges_of(*number);
            for merge in merges {
                script += &self.shards(*number, command, *merge)?;
            }
            if merges.is_empty() {
                script += &self.line(*number, command, &mut made);
            }
        }
        script.push('\n');
        for target in self.targets {
            script += &self.final_checks(target);
        }
        Ok(script)
    }

    /// Digests of what the doors read, and ids of relief's own files.
    fn foreign_checks(&self) -> String {
        let mut checks = BTreeSet::new();
        let mut text = String::new();
        for number in &self.needed.needed {
            let Ok(command) = &self.needed.commands[*number] else {
                continue;
            };
            text += &self.foreign.checks(command);
            let [target] = self.targets else { continue };
            if !["eval-grid", "make-dirs"].contains(&command.stage) {
                continue;
            }
            for (role, origin) in target.origins() {
                let named = command.reads().find(|named| named.option == role);
                if let Some(named) = named
                    && let Some(variable) = self.foreign.variable(named)
                {
                    checks.insert(format!("same_id {} {variable}\n", quoted(&origin.id)));
                }
            }
        }
        text.extend(checks);
        text
    }

    /// The commands that are not needed: they made files that then had other names.
    fn elsewhere(&self) -> String {
        let mut others = Vec::new();
        for number in 0..self.lines.len() {
            if !self.needed.needed.contains(&number) {
                others.push(number);
            }
        }
        if others.is_empty() {
            return String::new();
        }
        let mut text =
            "\n# Not run: these commands led to files from elsewhere, or are not known here.\n"
                .to_string();
        for number in others.iter().take(LISTED) {
            let command = HistoryLine::parse(&self.lines[*number]).command;
            let why = match &self.needed.commands[*number] {
                Ok(_) => String::new(),
                Err(why) => format!("  ({why})"),
            };
            let _ = writeln!(text, "#   {}{}", text::plain(command), text::plain(&why));
        }
        if let Some(more @ 1..) = others.len().checked_sub(LISTED) {
            let _ = writeln!(text, "#   … and {more} more");
        }
        text
    }

    /// The folders that a command writes into, and a merge's shards lie in.
    fn folders(&self, number: usize, command: &Command) -> Vec<String> {
        let mut written: Vec<&Named> = command.writes().collect();
        for merge in self.needed.merges_of(number) {
            if let Ok(merge) = &self.needed.commands[*merge] {
                written.extend(merge.reads());
            }
        }
        let mut folders = Vec::new();
        for named in written {
            if let Some((folder, _)) = self.place(&named.path).rsplit_once('/')
                && folder != "."
            {
                folders.push(folder.to_string());
            }
        }
        folders
    }

    /// A command on a line of its own. What was made before is made anew.
    fn line(&self, number: usize, command: &Command, made: &mut BTreeSet<String>) -> String {
        let mut line = command.stage.to_string();
        for word in &command.words {
            line += " ";
            line += &self.word(word, number);
        }
        if let Some(output) = command.output()
            && !made.insert(output.path.clone())
        {
            line += " --force";
        }
        line + "\n"
    }

    /// The commands that measure the shards of a merge: one for all, as a function.
    fn shards(&self, number: usize, command: &Command, merge: usize) -> anyhow::Result<String> {
        let merge = self.needed.commands[merge].as_ref().ok().context(UNKNOWN)?;
        let files: Vec<&Named> = merge.reads().collect();
        let recorded = command.value("shard").unwrap_or("1/1");
        let parts = match &merge.shards {
            Some(shards) => parts::parts(shards, files.len()),
            None => parts::all_parts(recorded, files.len()),
        };
        let parts = parts.context(UNKNOWN)?;
        ensure!(command.output().is_some(), UNKNOWN);
        let mut text = "shard() {\n    eval-grid".to_string();
        for word in &command.words {
            match word {
                Word::Plain(word) if word.starts_with("--shard=") => {}
                Word::Written(_) => {}
                word @ (Word::Plain(_) | Word::Read(_) | Word::WrittenInto(_)) => {
                    text += &format!(" {}", self.word(word, number));
                }
            }
        }
        text += " --shard=\"$1\" --output=\"$2\"\n}\n";
        for (part, file) in parts.iter().zip(files) {
            let _ = writeln!(text, "shard {part} {}", quoted(&self.place(&file.path)));
        }
        Ok(text)
    }

    fn word(&self, word: &Word, number: usize) -> String {
        match word {
            Word::Plain(text) => quoted(text),
            Word::Read(named) => named.before.clone() + &self.read(named, number),
            Word::Written(named) | Word::WrittenInto(named) => {
                named.before.clone() + &quoted(&self.place(&named.path))
            }
        }
    }

    /// A file that a command reads, as a word.
    fn read(&self, named: &Named, number: usize) -> String {
        match self.foreign.variable(named) {
            Some(variable) if !self.needed.is_made(&named.path, number) => variable,
            _ => quoted(&self.place(&named.path)),
        }
    }

    /// Where a file that is made lies: always below the folder of the script.
    fn place(&self, path: &str) -> String {
        let folder = self.folder.as_deref().unwrap_or("");
        let below = match path.strip_prefix(folder) {
            Some(rest) if rest.starts_with('/') => rest,
            Some(_) | None => path,
        };
        let mut place = below.trim_start_matches('/');
        while let Some(rest) = place.strip_prefix("../") {
            place = rest.trim_start_matches('/');
        }
        match place {
            "" | ".." => ".".into(),
            // no option
            place if place.starts_with('-') => format!("./{place}"),
            place => place.into(),
        }
    }

    /// What was made is what was there.
    fn final_checks(&self, target: &Target) -> String {
        let Ok(command) = &self.needed.commands[target.last] else {
            return String::new();
        };
        let mut text = String::new();
        if let File::Picture(record) = &target.file {
            for shown in &record.shows {
                let named = command.reads().find(|named| named.typed == shown.file);
                if let Some(named) = named {
                    let (id, file) = (quoted(&shown.id), self.read(named, target.last));
                    let _ = writeln!(text, "same_id {id} {file}");
                }
            }
            return text;
        }
        let Some(header) = target.file.header() else {
            return text;
        };
        for word in &command.words {
            let place = match word {
                Word::Written(named) => self.place(&named.path),
                Word::WrittenInto(named) => {
                    let Some(name) = target.checkpoint() else {
                        continue;
                    };
                    format!("{}/model-{name}.h5", self.place(&named.path))
                }
                Word::Plain(_) | Word::Read(_) => continue,
            };
            let _ = writeln!(text, "same_id {} {}", header.id, quoted(&place));
        }
        text
    }
}
