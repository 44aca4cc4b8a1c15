use files::{Header, Kind, Provenance, history::without_folders};
use serde::{Deserialize, Serialize};

/// The version of the record that this build writes, and the newest that it reads.
const VERSION: u32 = 1;

/// How a picture, a mesh or a table was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The version of this form, 1.
    relief: u32,
    /// The stage and version that made it: `render 0.1.0`.
    pub created_by: String,
    /// The command lines that led to it, oldest first; the last one made it.
    pub history: Vec<String>,
    /// The files that it shows, in the order of the command line.
    pub shows: Vec<Shown>,
}

/// A file that is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// `surface`, `trajectory` or `spectrum`.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Its name on the command line.
    pub file: String,
}

/// Why a text is not a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is damaged, or somebody else's.
    #[error("its provenance is damaged: {0}")]
    Damaged(String),
    /// Relief writes it plainly, so that nothing expands when it is read.
    #[error("its provenance is compressed, as relief never writes it: it is not read")]
    Compressed,
    /// A later relief made it.
    #[error("its provenance has the version {0}, this build reads {VERSION}: use a newer relief")]
    Newer(u32),
}

impl Record {
    /// The running command, which shows these files.
    pub fn of_this_command(files: &[(Kind, &Header)]) -> Self {
        let inputs: Vec<&Header> = files.iter().map(|(_, header)| *header).collect();
        let this = Provenance::of_this_command(&inputs);
        let mut shows = Vec::new();
        for (kind, header) in files {
            shows.push(Shown::new(*kind, header));
        }
        // pictures are published: nobody needs to know the folders
        let history = without_folders(this.history());
        Self::new(this.created_by(), &history, shows)
    }

    /// A record of these parts.
    pub fn new(created_by: &str, history: &[String], shows: Vec<Shown>) -> Self {
        Self {
            relief: VERSION,
            created_by: created_by.into(),
            history: history.to_vec(),
            shows,
        }
    }

    /// One line of JSON.
    pub fn json(&self) -> String {
        serde_json::to_string(self).expect("texts and numbers have a JSON")
    }

    /// The record that one line of JSON holds.
    ///
    /// # Errors
    /// It is damaged, or of a later version.
    pub fn from_json(text: &str) -> Result<Self, Fault> {
        /// What is the same in every version.
        #[derive(Deserialize)]
        struct Version {
            relief: u32,
        }
        let version: Version = serde_json::from_str(text).map_err(damaged)?;
        if version.relief != VERSION {
            return Err(Fault::Newer(version.relief));
        }
        serde_json::from_str(text).map_err(damaged)
    }
}

impl Shown {
    fn new(kind: Kind, header: &Header) -> Self {
        Self {
            kind: kind.to_string(),
            id: header.id.clone(),
            file: header.path.display().to_string(),
        }
    }
}

fn damaged(why: serde_json::Error) -> Fault {
    Fault::Damaged(why.to_string())
}
