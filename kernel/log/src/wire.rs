//! Bodies of the relay's protocol as plain data, postcard, canonical. Paths and statuses are the relay's matter.

use crate::codec::{Malformed, decode_canonical, encode};
use crate::control::{DeviceKeys, KeyAdd, MemberRole, check_label};
use crate::hash::{Thing, derive};
use crate::id::{BookId, EntryId, Position, RelayEpoch, Seq, Tip, id};
use crate::keys::{PublicKey, SealingPublic, Signature};
use crate::limits::{
    BATCH_BYTES_MAX, BATCH_ENTRIES_MAX, CHUNK_BYTES_MAX, LIST_MAX, MANIFEST_CHUNKS_MAX,
    NOTE_BYTES_MAX, PROOF_HASHES_MAX, SETUP_CODE_BYTES_MAX, WIRE_BYTES_MAX,
};
use crate::tree::TreeHash;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// The media type of every body here.
pub const MEDIA_TYPE: &str = "application/vnd.daybook.v1+postcard";

/// A body of the protocol: how long it may be and what its lists may hold.
pub trait WireBody: Serialize + DeserializeOwned {
    /// Bytes, at most.
    const BYTES_MAX: u32 = WIRE_BYTES_MAX;

    /// Checks list lengths and the like, after decoding.
    fn check(&self) -> Result<(), Malformed> {
        Ok(())
    }

    /// Reads a body: limit, canonical form, then its own checks.
    fn from_wire(bytes: &[u8]) -> Result<Self, Malformed> {
        let value: Self = decode_canonical(bytes, Self::BYTES_MAX)?;
        value.check()?;
        Ok(value)
    }

    /// The canonical bytes.
    fn to_wire(&self) -> Vec<u8> {
        encode(self)
    }
}

id! {
    /// Names a request to join: the hash of its bytes, so that asking twice is asking once.
    JoinId
}

/// Answer of `GET /v1/key`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyInfo {
    /// What a genesis names as relay key.
    pub relay_key: PublicKey,
    /// The relay's epoch.
    pub epoch: RelayEpoch,
    /// The relay's clock, milliseconds since 1970.
    pub time_ms: i64,
}
impl WireBody for KeyInfo {
    const BYTES_MAX: u32 = 128;
}

/// Body of `POST /v1/books`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateBook {
    /// Genesis bytes.
    #[serde(with = "blob")]
    pub genesis: Vec<u8>,
    /// Lets one book be made.
    pub setup_code: String,
    /// The genesis manifest's chunks, in order.
    #[serde(with = "blobs")]
    pub chunks: Vec<Vec<u8>>,
    /// The founder's key-add entry, seq 0.
    #[serde(with = "blob")]
    pub founding: Vec<u8>,
}
impl WireBody for CreateBook {
    fn check(&self) -> Result<(), Malformed> {
        at_most(self.chunks.len(), MANIFEST_CHUNKS_MAX)?;
        at_most(self.setup_code.len(), SETUP_CODE_BYTES_MAX)?;
        self.chunks
            .iter()
            .try_for_each(|chunk| at_most(chunk.len(), CHUNK_BYTES_MAX))
    }
}

/// Answer of `POST /v1/books`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Created {
    /// The new book.
    pub book: BookId,
    /// The founding entry's order record.
    #[serde(with = "blob")]
    pub record: Vec<u8>,
}
impl WireBody for Created {
    const BYTES_MAX: u32 = 256;
}

/// Body of `POST /v1/books/{b}/join-requests`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinRequest {
    /// Will sign entries.
    pub author_key: PublicKey,
    /// Will sign requests, and signs this one.
    pub request_key: PublicKey,
    /// Will receive what is sealed for the device.
    pub sealing_key: SealingPublic,
    /// Device code.
    pub label: String,
    /// As in key-add.
    pub pop_author: Signature,
    /// As in key-add.
    pub pop_request: Signature,
}
impl WireBody for JoinRequest {
    const BYTES_MAX: u32 = 512;
    fn check(&self) -> Result<(), Malformed> {
        check_label(&self.label)
    }
}

impl JoinRequest {
    /// Its name in one book.
    pub fn id(&self, book: &BookId) -> JoinId {
        JoinId(derive(Thing::JoinRequest, &[&book.0, &self.to_wire()]))
    }

    /// The keys and the device code.
    pub fn keys(&self) -> DeviceKeys {
        DeviceKeys {
            author_key: self.author_key,
            request_key: self.request_key,
            sealing_key: self.sealing_key,
            label: self.label.clone(),
        }
    }

    /// The payload by which a manager lets this device in.
    pub fn admit(&self, role: MemberRole) -> KeyAdd {
        KeyAdd::of(self.keys(), role, self.pop_author, self.pop_request)
    }
}

impl From<&KeyAdd> for JoinRequest {
    fn from(payload: &KeyAdd) -> Self {
        let DeviceKeys {
            author_key,
            request_key,
            sealing_key,
            label,
        } = payload.keys();
        let (pop_author, pop_request) = (payload.pop_author, payload.pop_request);
        JoinRequest {
            author_key,
            request_key,
            sealing_key,
            label,
            pop_author,
            pop_request,
        }
    }
}

/// Answer to a request to join.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinTicket {
    /// Where to ask how it stands.
    pub id: JoinId,
}
impl WireBody for JoinTicket {
    const BYTES_MAX: u32 = 32;
}

/// One waiting request, as a manager sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinAsked {
    /// Its name.
    pub id: JoinId,
    /// What was asked.
    pub request: JoinRequest,
    /// When, by the relay's clock.
    pub asked_at_ms: i64,
}
impl WireBody for Vec<JoinAsked> {
    fn check(&self) -> Result<(), Malformed> {
        at_most(self.len(), LIST_MAX)?;
        self.iter().try_for_each(|asked| asked.request.check())
    }
}

/// How a request to join stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum JoinState {
    /// No manager has let the device in yet.
    Waiting,
    /// The device is in the registry.
    Admitted,
}
impl WireBody for JoinState {
    const BYTES_MAX: u32 = 1;
}

/// Where a book's order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TipInfo {
    /// The relay's epoch.
    pub epoch: RelayEpoch,
    /// The newest position.
    pub position: Position,
    /// The order chain's value there.
    pub tip: Tip,
}
impl WireBody for TipInfo {
    const BYTES_MAX: u32 = 64;
}

/// Body of `POST /v1/books/{b}/entries`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Append {
    /// Entries of the asking author, in the order of its chain.
    #[serde(with = "blobs")]
    pub entries: Vec<Vec<u8>>,
}
impl WireBody for Append {
    fn check(&self) -> Result<(), Malformed> {
        at_most(self.entries.len(), BATCH_ENTRIES_MAX)?;
        at_most(
            self.entries
                .iter()
                .map(Vec::len)
                .fold(0, usize::saturating_add),
            BATCH_BYTES_MAX,
        )
    }
}

/// Answer of `POST /v1/books/{b}/entries`: one answer per entry, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appended {
    /// As many as there were entries.
    pub answers: Vec<Answer>,
}
impl WireBody for Appended {
    fn check(&self) -> Result<(), Malformed> {
        at_most(self.answers.len(), BATCH_ENTRIES_MAX)
    }
}

/// What became of one appended entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// It stands in the order, durably.
    Placed {
        /// Its order record.
        #[serde(with = "blob")]
        record: Vec<u8>,
        /// It stood there before this request.
        duplicate: bool,
    },
    /// It does not.
    Rejected(Problem),
}

/// Answer of `GET /v1/books/{b}/entries`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// Without gaps, from the position asked for.
    pub items: Vec<Item>,
    /// Where the order stands.
    pub head: TipInfo,
    /// The relay's signed checkpoint there: a note.
    #[serde(with = "blob")]
    pub checkpoint: Vec<u8>,
}
impl WireBody for Range {
    fn check(&self) -> Result<(), Malformed> {
        at_most(self.items.len(), BATCH_ENTRIES_MAX)?;
        at_most(self.checkpoint.len(), NOTE_BYTES_MAX)
    }
}

/// Answer of `GET /v1/books/{b}/consistency`: what leads from the root at one size to the root at another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsistencyHashes {
    /// RFC 6962's proof.
    pub hashes: Vec<TreeHash>,
}
impl WireBody for ConsistencyHashes {
    const BYTES_MAX: u32 = 4 * 1024;

    fn check(&self) -> Result<(), Malformed> {
        at_most(self.hashes.len(), PROOF_HASHES_MAX)
    }
}

/// One placed entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Its order record.
    #[serde(with = "blob")]
    pub record: Vec<u8>,
    /// Its bytes.
    #[serde(with = "blob")]
    pub entry: Vec<u8>,
}

/// What went wrong: RFC 9457 as data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The problem type's short name, such as `fork` or `clock`; programs match on this.
    pub kind: String,
    /// The HTTP status.
    pub status: u16,
    /// For people.
    pub title: String,
    /// For people, about this occurrence.
    pub detail: String,
    /// The book, where a set-up code was used already.
    pub book: Option<BookId>,
    /// The author's newest placed entry, for `fork` and `gap`.
    pub head: Option<HeadInfo>,
    /// The newest position, for `seen-unknown`.
    pub position: Option<Position>,
    /// The relay's clock, for `clock`, milliseconds since 1970.
    pub time_ms: Option<i64>,
    /// When to try again, seconds.
    pub retry_after_s: Option<u32>,
}
impl WireBody for Problem {
    const BYTES_MAX: u32 = 16 * 1024;
}

/// An author's newest placed entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadInfo {
    /// Its place in the author's chain.
    pub seq: Seq,
    /// Its id.
    pub entry_id: EntryId,
}

fn at_most(len: usize, max: u32) -> Result<(), Malformed> {
    match u32::try_from(len) {
        Ok(len) if len <= max => Ok(()),
        _ => Err(Malformed::ListLength),
    }
}

/// Byte strings written at once instead of byte by byte; the same bytes on the wire.
mod blob {
    use alloc::vec::Vec;
    use core::fmt;
    use serde::de::{Error, Visitor};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        from.deserialize_byte_buf(Bytes)
    }

    struct Bytes;
    impl<'de> Visitor<'de> for Bytes {
        type Value = Vec<u8>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("bytes")
        }
        fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
            Ok(bytes.to_vec())
        }
        fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
            Ok(bytes)
        }
    }

    /// One element of a list of byte strings.
    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    pub(super) struct Owned(#[serde(with = "self")] pub(super) Vec<u8>);

    #[derive(Serialize)]
    #[serde(transparent)]
    pub(super) struct Borrowed<'a>(#[serde(serialize_with = "serialize")] pub(super) &'a [u8]);
}

/// Lists of byte strings.
mod blobs {
    use super::blob::{Borrowed, Owned};
    use alloc::vec::Vec;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(list: &[Vec<u8>], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(list.iter().map(|bytes| Borrowed(bytes)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<Vec<u8>>, D::Error> {
        let list = Vec::<Owned>::deserialize(from)?;
        Ok(list.into_iter().map(|Owned(bytes)| bytes).collect())
    }
}
