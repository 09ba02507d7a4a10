//! Every limit of the log in one table. A limit is checked before the work that it bounds.

/// An entry's fixed header, bytes.
pub const HEADER_BYTES: u32 = 232;
/// A signature, bytes.
pub const SIGNATURE_BYTES: u32 = 64;
/// An order record, bytes.
pub const ORDER_RECORD_BYTES: u32 = 152;
/// An entry's body, bytes.
pub const BODY_BYTES_MAX: u32 = 64 * 1024;
/// The payload of a readmission, bytes: another entry's header, signature and body.
pub const READMIT_BYTES_MAX: u32 = HEADER_BYTES + SIGNATURE_BYTES + BODY_BYTES_MAX;
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
/// The name of a build, characters.
pub const BUILD_CHARS_MAX: u32 = 64;
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
/// Leaves of a tree: with this many, no proof is longer than [`PROOF_HASHES_MAX`].
pub const TREE_SIZE_MAX: u64 = 1 << 62;
/// Hashes of one proof of inclusion or consistency; tlog-witness allows no more.
pub const PROOF_HASHES_MAX: u32 = 63;
/// A signed note, bytes.
pub const NOTE_BYTES_MAX: u32 = 128 * 1024;
/// Signature lines of a note, known or not; signed-note asks for at least 16.
pub const NOTE_SIGNATURES_MAX: u32 = 32;
/// The name in a signature line, bytes.
pub const KEY_NAME_BYTES_MAX: u32 = 255;
/// A receipt, bytes.
pub const RECEIPT_BYTES_MAX: u32 = 136 * 1024;
/// A piece of evidence that stands alone, bytes.
pub const EVIDENCE_BYTES_MAX: u32 = 4 * 1024 * 1024;
/// Parts of a piece of evidence.
pub const EVIDENCE_PARTS_MAX: u32 = 36;
/// Rotations that lead to an author's key, and changes of root keys that lead to a set, in one piece of evidence.
pub const EVIDENCE_CHAIN_MAX: u32 = 32;
/// Relay keys that a piece of evidence is tried with.
pub const EVIDENCE_RELAY_KEYS_MAX: u32 = 64;
/// Cosigners of one quorum.
pub const COSIGNERS_MAX: u32 = 16;

const _: () = assert!(HEADER_BYTES + SIGNATURE_BYTES + BODY_BYTES_MAX <= ENTRY_BYTES_MAX);
const _: () = assert!(HEADER_BYTES + SIGNATURE_BYTES + READMIT_BYTES_MAX <= ENTRY_BYTES_MAX);
const _: () = assert!(SLOT_BYTES_MAX <= ENTRY_BYTES_MAX);
// Control entries have no slots: a full chain of them beside two more, a receipt and a genesis fits.
const _: () = assert!(
    (EVIDENCE_CHAIN_MAX + 2) * (READMIT_BYTES_MAX + 4) + 2 * RECEIPT_BYTES_MAX + GENESIS_BYTES_MAX
        <= EVIDENCE_BYTES_MAX
);
const _: () = assert!(EVIDENCE_CHAIN_MAX + 4 <= EVIDENCE_PARTS_MAX);
// A change of root keys: both sets of approvals and the new keys.
const _: () = assert!((65 + 65 + 32) * ROOT_KEYS_MAX + 16 <= BODY_BYTES_MAX);
const _: () = assert!(
    ENTRY_BYTES_MAX <= BATCH_BYTES_MAX,
    "one entry always fits a batch"
);
// Per entry: the record and four bytes of framing for each of the two byte strings.
const _: () = assert!(
    BATCH_BYTES_MAX + BATCH_ENTRIES_MAX * (ORDER_RECORD_BYTES + 8) + NOTE_BYTES_MAX + 1024
        <= WIRE_BYTES_MAX
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
// 16 signatures of 5,000 bytes in base64 with their names, as signed-note asks, and a text.
const _: () = assert!(16 * (5_000 / 3 * 4 + KEY_NAME_BYTES_MAX + 16) + 4096 <= NOTE_BYTES_MAX);
const _: () = assert!(
    COSIGNERS_MAX < NOTE_SIGNATURES_MAX,
    "and the relay's own line"
);
// A hash is a line of 45 bytes; a record in base64 208; the rest is the first line, the index and the words.
const _: () = assert!(NOTE_BYTES_MAX + 45 * PROOF_HASHES_MAX + 208 + 128 <= RECEIPT_BYTES_MAX);
