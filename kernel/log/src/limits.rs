//! Every limit of the log in one table. A limit is checked before the work that it bounds.

/// An entry's fixed header, bytes.
pub const HEADER_BYTES: u32 = 232;
/// A signature, bytes.
pub const SIGNATURE_BYTES: u32 = 64;
/// An order record, bytes.
pub const ORDER_RECORD_BYTES: u32 = 152;
/// An entry's body, bytes.
pub const BODY_BYTES_MAX: u32 = 64 * 1024;
/// One sealed slot, bytes.
pub const SLOT_BYTES_MAX: u32 = 64 * 1024;
/// A whole entry with its slots, bytes.
pub const ENTRY_BYTES_MAX: u32 = 512 * 1024;
/// Ops in one entry.
pub const OPS_MAX: u32 = 256;
/// What an encrypted body holds beside its padded plaintext, bytes: nonce, commitment, tag.
pub const SEALED_BODY_OVERHEAD_BYTES: u32 = 24 + 32 + 16;
/// Padded plaintexts of encrypted bodies, bytes, rising. The largest fills the body's limit to the last byte.
pub const BODY_BUCKETS: [u32; 6] = [
    64,
    256,
    1024,
    4096,
    16_384,
    BODY_BYTES_MAX - SEALED_BODY_OVERHEAD_BYTES,
];
/// A body that is to be encrypted, bytes: the largest bucket less its length prefix.
pub const CONTENT_BYTES_MAX: u32 = BODY_BYTES_MAX - SEALED_BODY_OVERHEAD_BYTES - 4;
/// Sealed slots that one op may name.
pub const OP_SLOTS_MAX: u32 = 16;
/// Elements of any list.
pub const LIST_MAX: u32 = 4096;
/// A clear chunk, bytes.
pub const CHUNK_BYTES_MAX: u32 = 256 * 1024;
/// A manifest's AST, bytes.
pub const MANIFEST_BYTES_MAX: u32 = 1024 * 1024;
/// Chunks of one manifest.
pub const MANIFEST_CHUNKS_MAX: u32 = 4;
/// A genesis, bytes.
pub const GENESIS_BYTES_MAX: u32 = 2 * 1024;
/// Root keys of one book.
pub const ROOT_KEYS_MAX: u32 = 16;
/// A device code, characters.
pub const LABEL_CHARS_MAX: u32 = 12;
/// Entries in one append and in one range.
pub const BATCH_ENTRIES_MAX: u32 = 1000;
/// Entry bytes in one append and in one range.
pub const BATCH_BYTES_MAX: u32 = 4 * 1024 * 1024;
/// A request or answer body of the relay, bytes: a batch with its records and framing.
pub const WIRE_BYTES_MAX: u32 = 5 * 1024 * 1024;
/// A set-up code, bytes.
pub const SETUP_CODE_BYTES_MAX: u32 = 128;
/// How far a request's time may lie from the relay's, seconds.
pub const REQUEST_WINDOW_S: u64 = 300;
/// A request's nonce, characters.
pub const NONCE_CHARS_MAX: u32 = 64;
/// A `signature-input` header, bytes.
pub const SIGNATURE_INPUT_BYTES_MAX: u32 = 512;

const _: () = assert!(HEADER_BYTES + SIGNATURE_BYTES + BODY_BYTES_MAX <= ENTRY_BYTES_MAX);
const _: () = assert!(SLOT_BYTES_MAX <= ENTRY_BYTES_MAX);
const _: () = assert!(
    ENTRY_BYTES_MAX <= BATCH_BYTES_MAX,
    "one entry always fits a batch"
);
// Per entry: the record and four bytes of framing for each of the two byte strings.
const _: () = assert!(
    BATCH_BYTES_MAX + BATCH_ENTRIES_MAX * (ORDER_RECORD_BYTES + 8) + 1024 <= WIRE_BYTES_MAX
);
const _: () = assert!(MANIFEST_CHUNKS_MAX * CHUNK_BYTES_MAX >= MANIFEST_BYTES_MAX);
const _: () = assert!((MANIFEST_CHUNKS_MAX - 1) * CHUNK_BYTES_MAX < MANIFEST_BYTES_MAX);
const _: () =
    assert!(MANIFEST_BYTES_MAX + GENESIS_BYTES_MAX + BODY_BYTES_MAX + 1024 <= WIRE_BYTES_MAX);
const _: () = assert!(33 * ROOT_KEYS_MAX + 128 <= GENESIS_BYTES_MAX);
const _: () = assert!(
    SEALED_BODY_OVERHEAD_BYTES + CONTENT_BYTES_MAX + 4 == BODY_BYTES_MAX,
    "an encrypted body is never above the body's limit"
);
// A full entry of empty ops can be encrypted, too.
const _: () = assert!(42 + 7 * OPS_MAX <= CONTENT_BYTES_MAX);
// The smallest frame is 7 bytes: a full entry of empty ops fits its body.
const _: () = assert!(42 + 7 * OPS_MAX <= BODY_BYTES_MAX);
const _: () = assert!(OPS_MAX <= LIST_MAX && BATCH_ENTRIES_MAX <= LIST_MAX);
