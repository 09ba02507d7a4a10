//! The work tree as the checks see it: every file that belongs to the project, read once.

use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders that are no part of the project: what git, builds and runs leave.
const OUTSIDE: &[&str] = &[".git", ".daybook", "target", "node_modules", "__pycache__"];
/// Trees that the checks must reject are not to be found by them.
const FIXTURES: &str = "lint/fixtures";

/// The files of a work tree, by path from its root.
#[derive(Debug)]
pub struct Tree {
    root: PathBuf,
    files: BTreeMap<String, Vec<u8>>,
}

impl Tree {
    /// Reads a tree.
    ///
    /// # Errors
    /// A folder or file that cannot be read.
    pub fn read(root: &Path) -> Result<Self> {
        let mut tree = Tree {
            root: root.canonicalize()?,
            files: BTreeMap::new(),
        };
        tree.take(Path::new(""))?;
        Ok(tree)
    }

    fn take(&mut self, below: &Path) -> Result<()> {
        for entry in fs::read_dir(self.root.join(below))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = below.join(&name);
            let text = path.to_string_lossy().replace('\\', "/");
            if OUTSIDE.contains(&name.as_str()) || text == FIXTURES {
                continue;
            }
            if entry.file_type()?.is_dir() {
                self.take(&path)?;
            } else if entry.file_type()?.is_file() {
                let bytes =
                    fs::read(entry.path()).with_context(|| format!("could not read {text}"))?;
                self.files.insert(text, bytes);
            }
        }
        Ok(())
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The names at the top, files and folders.
    #[must_use]
    pub fn top(&self) -> Vec<String> {
        let mut names: Vec<_> = self
            .files
            .keys()
            .filter_map(|path| path.split('/').next())
            .map(str::to_owned)
            .collect();
        names.dedup();
        names
    }

    /// Every path, in order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// There is such a file.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// A file's bytes.
    #[must_use]
    pub fn bytes(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// A file's text, if it is text.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&str> {
        std::str::from_utf8(self.bytes(path)?).ok()
    }

    /// Text files whose name ends so, with their text.
    pub fn texts<'a>(&'a self, ends: &'a [&str]) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.paths()
            .filter(move |path| ends.iter().any(|end| path.ends_with(end)))
            .filter_map(|path| Some((path, self.text(path)?)))
    }

    /// Rust sources of the kernel's crates, tests folders excluded.
    pub fn kernel(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts(&[".rs"])
            .filter(|(path, _)| path.starts_with("kernel/") && path.contains("/src/"))
    }
}
