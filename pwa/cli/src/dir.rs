//! The folder of a book on this device. What is in it can sign for the device: nobody else may read it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::exit::{CliFault, io};

const FILE: &str = "book.db";

/// The folder to use.
pub(crate) fn choose(given: Option<PathBuf>) -> PathBuf {
    given
        .or_else(|| std::env::var_os("DAYBOOK_DIR").map(PathBuf::from))
        .unwrap_or_else(|| "book".into())
}

/// The database in the folder; `make` makes both, closed to others.
///
/// # Errors
/// There is no book in the folder and none is to be made, or the folder cannot be used.
pub(crate) fn database(dir: &Path, make: bool) -> Result<PathBuf, CliFault> {
    let path = dir.join(FILE);
    if !path.exists() && !make {
        return Err(CliFault::Usage(format!(
            "{}: there is no book here; see `init` and `join`",
            dir.display()
        )));
    }
    if make {
        io(dir, private_folder(dir))?;
        io(&path, private_file(&path))?;
    }
    Ok(path)
}

#[cfg(unix)]
fn private_folder(dir: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    if dir.is_dir() {
        return Ok(());
    }
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
}

#[cfg(unix)]
fn private_file(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    // SQLite gives its log beside the file the same mode.
    let file = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)?;
    file.set_permissions(fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn private_folder(dir: &Path) -> std::io::Result<()> {
    fs::create_dir_all(dir)
}

#[cfg(not(unix))]
fn private_file(path: &Path) -> std::io::Result<()> {
    fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .map(drop)
}
