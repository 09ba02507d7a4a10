//! The relay's own key, which a genesis names and which signs checkpoints. Kept beside the database, readable by its owner alone.

use crate::Fault;
use daybook_log::{PublicKey, SecretKey};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;
use zeroize::Zeroizing;

/// The file in the data directory: two lines of 64 hex digits, the seed and the public key it gives.
pub(crate) const FILE: &str = "relay.key";

/// Reads the key, or makes it in a directory that has no database yet.
pub(crate) fn open_or_make(data: &Path, new: bool) -> Result<SecretKey, Fault> {
    let path = data.join(FILE);
    if path.exists() {
        return read(data);
    }
    if !new {
        return Err(Fault::damaged(format!(
            "{}: missing beside a database; put it back from the backup, its books name it",
            path.display()
        )));
    }
    let seed = Zeroizing::new(crate::codes::chance()?);
    let key = SecretKey::from_seed(*seed);
    // Crash point K1: a half-written key has no second line and is refused at the next start, before any book exists.
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&path).map_err(Fault::io(&path))?;
    writeln!(file, "{}\n{}", PublicKey(*seed), key.public()).map_err(Fault::io(&path))?;
    file.sync_all().map_err(Fault::io(&path))?;
    File::open(data)
        .and_then(|dir| dir.sync_all())
        .map_err(Fault::io(data))?;
    Ok(key)
}

/// Reads the key and checks that its two halves belong together.
pub(crate) fn read(data: &Path) -> Result<SecretKey, Fault> {
    let path = data.join(FILE);
    let mut text = Zeroizing::new(String::new());
    let file = File::open(&path).map_err(Fault::io(&path))?;
    file.take(1024)
        .read_to_string(&mut text)
        .map_err(Fault::io(&path))?;
    let halves = text
        .strip_suffix('\n')
        .and_then(|text| text.split_once('\n'));
    let parsed = halves.and_then(|(seed, public)| {
        Some((
            seed.parse::<PublicKey>().ok()?,
            public.parse::<PublicKey>().ok()?,
        ))
    });
    match parsed {
        Some((seed, public)) if SecretKey::from_seed(seed.0).public() == public => {
            Ok(SecretKey::from_seed(seed.0))
        }
        _ => Err(Fault::damaged(format!(
            "{}: not a relay key",
            path.display()
        ))),
    }
}
