//! Fingerprints of inputs, so that nothing is built twice: what has the same stamp is not even shown to cargo.

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// A fingerprint over the names and bytes of files.
#[derive(Debug)]
pub(crate) struct Stamp(Sha256);

impl Stamp {
    /// Empty, for one purpose: equal inputs of different purposes have different stamps.
    pub(crate) fn new(purpose: &str) -> Self {
        let mut stamp = Stamp(Sha256::new());
        stamp.word(purpose);
        stamp
    }

    /// Adds a word.
    pub(crate) fn word(&mut self, word: &str) {
        self.0
            .update(u64::try_from(word.len()).unwrap_or(u64::MAX).to_le_bytes());
        self.0.update(word);
    }

    /// Adds a file, or every file below a folder, by name in order. What does not exist adds only its name.
    pub(crate) fn tree(&mut self, root: &Path, below: &str) -> Result<()> {
        self.word(below);
        for file in files(&root.join(below))? {
            self.word(&file.strip_prefix(root).unwrap_or(&file).to_string_lossy());
            let bytes =
                fs::read(&file).with_context(|| format!("could not read {}", file.display()))?;
            self.0
                .update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes());
            self.0.update(&bytes);
        }
        Ok(())
    }

    /// The fingerprint.
    pub(crate) fn finish(self) -> String {
        hex(&self.0.finalize())
    }
}

/// SHA-256 of bytes, in hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Every file at or below a path, sorted by path.
pub(crate) fn files(path: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if path.is_file() {
        found.push(path.to_path_buf());
    } else if path.is_dir() {
        let mut entries = fs::read_dir(path)?
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<Vec<_>>>()?;
        entries.sort();
        for entry in entries {
            found.extend(files(&entry)?);
        }
    }
    Ok(found)
}

/// The stamp that a finished build left, if its outputs still exist.
pub(crate) fn is_fresh(stamp_file: &Path, stamp: &str, outputs: &[PathBuf]) -> bool {
    outputs.iter().all(|output| output.exists())
        && fs::read_to_string(stamp_file).is_ok_and(|kept| kept == stamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(dir: &Path) -> String {
        let mut stamp = Stamp::new("test");
        stamp.tree(dir, "in").unwrap();
        stamp.finish()
    }

    #[test]
    fn a_stamp_changes_with_bytes_names_and_absence_and_with_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("in/deep")).unwrap();
        fs::write(dir.path().join("in/deep/a"), "1").unwrap();
        let first = of(dir.path());
        fs::write(dir.path().join("in/deep/a"), "1").unwrap();
        assert_eq!(
            of(dir.path()),
            first,
            "writing the same bytes again changes nothing"
        );
        fs::write(dir.path().join("in/deep/a"), "2").unwrap();
        let second = of(dir.path());
        assert_ne!(second, first);
        fs::rename(dir.path().join("in/deep/a"), dir.path().join("in/deep/b")).unwrap();
        assert_ne!(of(dir.path()), second);
        fs::remove_dir_all(dir.path().join("in")).unwrap();
        assert_ne!(of(dir.path()), first);
    }

    #[test]
    fn moving_a_byte_from_one_file_to_the_next_changes_the_stamp() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("in")).unwrap();
        fs::write(dir.path().join("in/a"), "xy").unwrap();
        fs::write(dir.path().join("in/b"), "z").unwrap();
        let first = of(dir.path());
        fs::write(dir.path().join("in/a"), "x").unwrap();
        fs::write(dir.path().join("in/b"), "yz").unwrap();
        assert_ne!(of(dir.path()), first);
    }

    #[test]
    fn a_lost_output_is_not_fresh() {
        let dir = tempfile::tempdir().unwrap();
        let (stamp, output) = (dir.path().join("stamp"), dir.path().join("output"));
        fs::write(&stamp, "s").unwrap();
        assert!(!is_fresh(&stamp, "s", std::slice::from_ref(&output)));
        fs::write(&output, "").unwrap();
        assert!(is_fresh(&stamp, "s", std::slice::from_ref(&output)));
        assert!(!is_fresh(&stamp, "t", &[output]));
    }
}
