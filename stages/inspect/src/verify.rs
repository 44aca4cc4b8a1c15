use crate::file::File;

/// Reads what [`File::read`] left on disk, and compares it with its digests.
pub(crate) fn verify(file: &File) -> anyhow::Result<()> {
    if let File::Dataset(_, data) = file {
        data.verify()?;
    }
    Ok(())
}

/// What was found, of a file that did not fail.
pub(crate) fn said(file: &File) -> &'static str {
    match file.stated() {
        None => "readable; a picture has no id of its own",
        Some(stated) if stated.id.is_none() => "readable; it states no id to compare with",
        Some(_) => "verified",
    }
}
