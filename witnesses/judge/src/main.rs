//! `daybook-judge FILE [--book HEX] [--relay-key HEX]…`: one file in, a verdict out. Reads that file and nothing else.
//!
//! Exit code 0: proved. 1: no proof. 2: not readable, as a file, as evidence or as a command line.

use daybook_log::evidence::{Case, Class};
use daybook_log::limits::{EVIDENCE_BYTES_MAX, EVIDENCE_RELAY_KEYS_MAX};
use daybook_log::{AdmittedKey, BookId, NoProof, PublicKey, verify_evidence};
use std::fs::File;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "usage: daybook-judge FILE [--book HEX] [--relay-key HEX]...";

/// What was asked for.
struct Asked {
    file: PathBuf,
    book: Option<BookId>,
    relay_keys: Vec<AdmittedKey>,
}

fn main() -> ExitCode {
    let mut text = String::new();
    let code = match judged(&mut text) {
        Ok(proved) => u8::from(!proved),
        Err(why) => {
            text += &format!("unreadable: {why}\n");
            2
        }
    };
    // A reader that has gone away wants no more lines; the code is what counts then.
    let _ = std::io::stdout().write_all(text.as_bytes());
    ExitCode::from(code)
}

/// Whether the file proves something, with what is to be said about it.
fn judged(text: &mut String) -> Result<bool, String> {
    let asked = asked(std::env::args_os().skip(1))?;
    let bytes = read(&asked.file)?;
    let case = Case::decode(&bytes).map_err(|why| why.to_string())?;
    let book = asked.book.unwrap_or(case.book);
    *text += &format!("claimed: {}\n", case.class);
    if asked.book.is_none() {
        *text += &format!("book: {book}, as the file says (--book to hold it against yours)\n");
    }
    let by_relay = matches!(
        case.class,
        Class::TwoRoots
            | Class::Inconsistent
            | Class::TwoRecords
            | Class::Misplaced
            | Class::AfterHandover
    );
    if by_relay && asked.relay_keys.is_empty() {
        *text += "no relay key was given: --relay-key says which keys are the relay's\n";
    }
    match verify_evidence(&bytes, &book, &asked.relay_keys) {
        Ok(verdict) => {
            *text += &format!("{verdict}\n");
            Ok(true)
        }
        Err(NoProof::Unreadable(why)) => Err(why.to_string()),
        Err(why) => {
            *text += &format!("no proof: {why}\n");
            Ok(false)
        }
    }
}

fn asked(words: impl Iterator<Item = std::ffi::OsString>) -> Result<Asked, String> {
    let (mut file, mut book, mut relay_keys) = (None, None, Vec::new());
    let mut words = words;
    while let Some(word) = words.next() {
        match word.to_str() {
            Some("--book") if book.is_none() => book = Some(id(words.next(), BookId)?),
            Some("--relay-key") => {
                let key = id(words.next(), PublicKey)?;
                let key = AdmittedKey::admit(key).map_err(|why| format!("{key}: {why}"))?;
                relay_keys.push(key);
            }
            Some(option) if option.starts_with("--") => return Err(USAGE.to_owned()),
            _ if file.is_some() => return Err(USAGE.to_owned()),
            _ => file = Some(PathBuf::from(word)),
        }
    }
    if !u32::try_from(relay_keys.len()).is_ok_and(|len| len <= EVIDENCE_RELAY_KEYS_MAX) {
        return Err(format!("at most {EVIDENCE_RELAY_KEYS_MAX} relay keys"));
    }
    Ok(Asked {
        file: file.ok_or(USAGE)?,
        book,
        relay_keys,
    })
}

/// 64 lower-case hexadecimal digits.
fn id<T>(word: Option<std::ffi::OsString>, make: fn([u8; 32]) -> T) -> Result<T, String> {
    let word = word.ok_or(USAGE)?;
    let read = word.to_str().and_then(|hex| hex.parse::<PublicKey>().ok());
    let read = read.ok_or("an id or key is 64 lower-case hexadecimal digits")?;
    Ok(make(read.0))
}

/// No more than one byte above what evidence may have is read.
fn read(path: &std::path::Path) -> Result<Vec<u8>, String> {
    let fault = |why: std::io::Error| format!("{}: {why}", path.display());
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(fault)?;
    file.take(u64::from(EVIDENCE_BYTES_MAX).saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(fault)?;
    Ok(bytes)
}
