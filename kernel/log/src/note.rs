//! Signed notes (c2sp.org/signed-note): a text with signature lines, which a stranger can check with tools that exist.
//!
//! **Invariant:** the text of a note is used only after a known key's line was verified, and only verified lines are
//! kept. Nothing but notes and cosignatures is signed with the keys that sign them.

use crate::keys::{AdmittedKey, KeyFault, PublicKey, SecretKey, Signature};
use crate::limits::{KEY_NAME_BYTES_MAX, NOTE_BYTES_MAX, NOTE_SIGNATURES_MAX};
use crate::text::{base64, base64_array};
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use base64ct::{Base64, Encoding};
use core::fmt;
use core::str::FromStr;
use sha2::{Digest, Sha256};

/// What a signature line begins with: an em dash and a space.
const DASH: &str = "— ";
/// Bytes of a signature line's key id, and the least that a signature can add.
const BLOB_BYTES_MIN: usize = 5;

/// Why bytes are no note, or a note is not taken as signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoteFault {
    /// More bytes than the limit, which is checked before any other work.
    TooLong,
    /// Not UTF-8.
    Utf8,
    /// A control character other than the line break.
    Control,
    /// No empty line stands between text and signatures, or the text does not end in a line break.
    Unsplit,
    /// A signature line is not `— NAME BASE64` in its one form.
    Line,
    /// More signature lines than the limit.
    TooMany,
    /// A name is 1..=255 bytes without spaces, plus or control characters.
    KeyName,
    /// A verifier key is not `NAME+ID+BASE64` of this type, or its id is not that of its key.
    VerifierKey,
    /// The key of a verifier key cannot be admitted.
    Key(KeyFault),
    /// No line is by the key that was asked for.
    Unsigned,
    /// Two lines are by one key.
    Twice,
    /// The line of a known key does not verify: the note is refused, whatever its other lines say.
    Forged,
}

impl fmt::Display for NoteFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            NoteFault::TooLong => "longer than notes may be",
            NoteFault::Utf8 => "not UTF-8",
            NoteFault::Control => "holds a control character",
            NoteFault::Unsplit => "no empty line between text and signatures",
            NoteFault::Line => "a signature line is not in its one form",
            NoteFault::TooMany => "too many signature lines",
            NoteFault::KeyName => "a key's name is 1 to 255 bytes without space, plus and control",
            NoteFault::VerifierKey => "not a verifier key of this type",
            NoteFault::Key(fault) => return write!(f, "key: {fault}"),
            NoteFault::Unsigned => "not signed by this key",
            NoteFault::Twice => "signed twice by one key",
            NoteFault::Forged => "the line of a known key does not verify",
        };
        f.write_str(text)
    }
}

impl core::error::Error for NoteFault {}

/// Who signed, as the line says: 1..=255 bytes without spaces, plus and control characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyName(pub(crate) String);

impl KeyName {
    /// Checks a name.
    pub fn new(name: &str) -> Result<KeyName, NoteFault> {
        let fits =
            u32::try_from(name.len()).is_ok_and(|len| (1..=KEY_NAME_BYTES_MAX).contains(&len));
        if fits && !name.contains(|c: char| c == '+' || c < ' ' || c.is_whitespace()) {
            Ok(KeyName(String::from(name)))
        } else {
            Err(NoteFault::KeyName)
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Tells a name's keys and signature types apart; a hint, not a hash to rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyId(pub [u8; 4]);

/// One signature line, verified or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteLine {
    /// Who is said to have signed.
    pub name: KeyName,
    /// With which key.
    pub id: KeyId,
    /// What follows the id; its form is the signature type's.
    pub signature: Vec<u8>,
}

impl NoteLine {
    fn parse(line: &str) -> Result<NoteLine, NoteFault> {
        let (name, blob) = line
            .strip_prefix(DASH)
            .and_then(|rest| rest.split_once(' '))
            .ok_or(NoteFault::Line)?;
        let name = KeyName::new(name)?;
        let blob = base64(blob)
            .filter(|blob| blob.len() >= BLOB_BYTES_MIN)
            .ok_or(NoteFault::Line)?;
        let (id, signature) = blob.split_first_chunk::<4>().ok_or(NoteFault::Line)?;
        Ok(NoteLine {
            name,
            id: KeyId(*id),
            signature: signature.to_vec(),
        })
    }
}

impl fmt::Display for NoteLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let blob = [self.id.0.as_slice(), &self.signature].concat();
        writeln!(f, "{DASH}{} {}", self.name, Base64::encode_string(&blob))
    }
}

/// A note that has its form; who signed it is not checked yet. `Display` gives the bytes that were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    lines: Vec<NoteLine>,
}

impl Note {
    /// Reads a note from all of `bytes`. Lines by unknown keys must have their form too.
    ///
    /// ```
    /// use daybook_log::note::{KeyName, Note, NoteFault, NoteKey};
    /// use daybook_log::{AdmittedKey, SecretKey};
    /// let secret = SecretKey::from_seed([7; 32]);
    /// let name = KeyName::new("example.com/foo")?;
    /// let bytes = Note::sign("a text\n", &name, &secret)?.to_string();
    /// let key = NoteKey::new(name, AdmittedKey::admit(secret.public()).map_err(NoteFault::Key)?);
    /// assert_eq!(Note::parse(bytes.as_bytes())?.verified(&key)?.text(), "a text\n");
    /// # Ok::<(), NoteFault>(())
    /// ```
    pub fn parse(bytes: &[u8]) -> Result<Note, NoteFault> {
        if !u32::try_from(bytes.len()).is_ok_and(|len| len <= NOTE_BYTES_MAX) {
            return Err(NoteFault::TooLong);
        }
        let all = core::str::from_utf8(bytes).map_err(|_| NoteFault::Utf8)?;
        if all.bytes().any(|c| c < b' ' && c != b'\n') {
            return Err(NoteFault::Control);
        }
        let (text, signed) = all.rsplit_once("\n\n").ok_or(NoteFault::Unsplit)?;
        let signed = signed.strip_suffix('\n').ok_or(NoteFault::Line)?;
        let mut lines = Vec::new();
        for line in signed.split('\n') {
            if !fits_one_more(&lines) {
                return Err(NoteFault::TooMany);
            }
            lines.push(NoteLine::parse(line)?);
        }
        let text = format!("{text}\n");
        Ok(Note { text, lines })
    }

    /// Signs a text, which ends in a line break, under a name. Only keys whose role is to sign notes are asked so.
    pub fn sign(text: &str, name: &KeyName, key: &SecretKey) -> Result<Note, NoteFault> {
        if !text.ends_with('\n') {
            return Err(NoteFault::Unsplit);
        }
        if text.bytes().any(|c| c < b' ' && c != b'\n') {
            return Err(NoteFault::Control);
        }
        let line = NoteLine {
            name: name.clone(),
            id: key_id(name, NoteKey::TYPE, &key.public()),
            signature: key.sign_text(text.as_bytes()).0.to_vec(),
        };
        let note = Note {
            text: String::from(text),
            lines: vec![line],
        };
        note.within_limit()
    }

    /// Adds a signature line, as a cosigner gave it.
    pub fn with(mut self, line: NoteLine) -> Result<Note, NoteFault> {
        if !fits_one_more(&self.lines) {
            return Err(NoteFault::TooMany);
        }
        self.lines.push(line);
        self.within_limit()
    }

    /// The text with its last line break. Of a note that is not [`Note::verified`], nothing may be believed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines.
    pub fn lines(&self) -> &[NoteLine] {
        &self.lines
    }

    /// Checks that `key` signed the text, with one line that verifies. The note that comes back has that line alone:
    /// what nobody verified is not stored or passed on.
    pub fn verified(&self, key: &NoteKey) -> Result<Note, NoteFault> {
        let line = self.line_of(&key.0)?.ok_or(NoteFault::Unsigned)?;
        let signature = line.signature.as_slice().try_into();
        let signature = signature.map_err(|_| NoteFault::Forged)?;
        let verdict = key
            .0
            .key
            .verify_text(self.text.as_bytes(), &Signature(signature));
        verdict.map_err(|_| NoteFault::Forged)?;
        Ok(Note {
            text: self.text.clone(),
            lines: vec![line.clone()],
        })
    }

    /// The one line that is by a key, if any is.
    pub(crate) fn line_of(&self, key: &NamedKey) -> Result<Option<&NoteLine>, NoteFault> {
        let is_by = |line: &&NoteLine| line.name == key.name && line.id == key.id;
        let mut lines = self.lines.iter().filter(is_by);
        match (lines.next(), lines.next()) {
            (_, Some(_)) => Err(NoteFault::Twice),
            (line, None) => Ok(line),
        }
    }

    fn within_limit(self) -> Result<Note, NoteFault> {
        let len = format!("{self}").len();
        if u32::try_from(len).is_ok_and(|len| len <= NOTE_BYTES_MAX) {
            Ok(self)
        } else {
            Err(NoteFault::TooLong)
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.lines.iter().try_for_each(|line| write!(f, "{line}"))
    }
}

fn fits_one_more(lines: &[NoteLine]) -> bool {
    u32::try_from(lines.len()).is_ok_and(|len| len < NOTE_SIGNATURES_MAX)
}

/// `SHA-256(name ‖ 0x0a ‖ type ‖ public key)[..4]`
fn key_id(name: &KeyName, signature_type: u8, key: &PublicKey) -> KeyId {
    let mut hash = Sha256::new();
    hash.update(name.as_str());
    hash.update([b'\n', signature_type]);
    hash.update(key.0);
    let hash: [u8; 32] = hash.finalize().into();
    KeyId(*hash.first_chunk().unwrap_or(&[0; 4]))
}

/// An admitted key under a name, for one type of signature: what a verifier is configured with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NamedKey {
    pub(crate) name: KeyName,
    pub(crate) id: KeyId,
    pub(crate) key: AdmittedKey,
}

impl NamedKey {
    pub(crate) fn new(name: KeyName, signature_type: u8, key: AdmittedKey) -> NamedKey {
        NamedKey {
            id: key_id(&name, signature_type, &key.public()),
            name,
            key,
        }
    }

    /// Reads `name+hex(id)+base64(type ‖ public key)`.
    pub(crate) fn parse(text: &str, signature_type: u8) -> Result<NamedKey, NoteFault> {
        let mut parts = text.splitn(3, '+');
        let [Some(name), Some(id), Some(key)] = [parts.next(), parts.next(), parts.next()] else {
            return Err(NoteFault::VerifierKey);
        };
        let name = KeyName::new(name)?;
        let bytes: [u8; 33] = base64_array(key).ok_or(NoteFault::VerifierKey)?;
        let (found, key) = bytes.split_first().ok_or(NoteFault::VerifierKey)?;
        let key = PublicKey(key.try_into().map_err(|_| NoteFault::VerifierKey)?);
        let key = AdmittedKey::admit(key).map_err(NoteFault::Key)?;
        let named = NamedKey::new(name, signature_type, key);
        if *found == signature_type && named.hex_id() == id {
            Ok(named)
        } else {
            Err(NoteFault::VerifierKey)
        }
    }

    pub(crate) fn write(&self, f: &mut fmt::Formatter<'_>, signature_type: u8) -> fmt::Result {
        let bytes = [[signature_type].as_slice(), &self.key.public().0].concat();
        let key = Base64::encode_string(&bytes);
        write!(f, "{}+{}+{key}", self.name, self.hex_id())
    }

    /// One owner signs with both, under whatever name and for whatever type of signature.
    pub(crate) fn is_same(&self, other: &NoteKey) -> bool {
        self.key.montgomery() == other.0.key.montgomery()
    }

    fn hex_id(&self) -> String {
        format!("{:08x}", u32::from_be_bytes(self.id.0))
    }
}

/// Verifies notes of one signer: Ed25519 over the text, signature type 1. `Display` and `FromStr` are its verifier key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteKey(NamedKey);

impl NoteKey {
    /// The signature type.
    pub const TYPE: u8 = 1;

    /// Of an admitted key under a name.
    pub fn new(name: KeyName, key: AdmittedKey) -> NoteKey {
        NoteKey(NamedKey::new(name, NoteKey::TYPE, key))
    }

    /// The public key.
    pub fn public(&self) -> PublicKey {
        self.0.key.public()
    }

    /// The name that its lines bear.
    pub fn name(&self) -> &KeyName {
        &self.0.name
    }
}

impl fmt::Display for NoteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write(f, NoteKey::TYPE)
    }
}

impl FromStr for NoteKey {
    type Err = NoteFault;
    fn from_str(text: &str) -> Result<Self, NoteFault> {
        NamedKey::parse(text, NoteKey::TYPE).map(NoteKey)
    }
}
