//! The kernel as an oracle: the same calls in node, in Chromium and natively, for witnesses to compare.
//!
//! It holds no rule: each function hands its bytes to the kernel and prints the verdict.

pub mod primitive;

use daybook_fold::{Hashes, replay_batched};
use daybook_log::codec::decode_canonical;
use daybook_log::{AdmittedKey, Entry, PublicKey, Signature};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::wasm_bindgen;

/// Replays a bundle in batches and prints its hashes, or the fault.
#[wasm_bindgen]
#[must_use]
pub fn replay(bundle: &[u8], batch: u32) -> String {
    match replay_batched(bundle, batch) {
        Ok(hashes) => print(&hashes),
        Err(fault) => format!("fault: {fault}"),
    }
}

/// All of a replay's results, as both sides print them.
#[must_use]
pub fn print(hashes: &Hashes) -> String {
    let Hashes {
        position,
        tip,
        state_hash,
        books_hash,
        ops,
        applied,
        refused,
    } = hashes;
    format!(
        "position={} tip={tip} state={state_hash} books={books_hash} ops={ops} applied={applied} refused={refused}",
        position.0
    )
}

/// Whether the one verifier accepts: the key is admitted and the signature holds strictly.
#[wasm_bindgen]
#[must_use]
pub fn accepts(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let (Ok(key), Ok(signature)) = (key.try_into(), signature.try_into()) else {
        return false;
    };
    AdmittedKey::admit(PublicKey(key))
        .is_ok_and(|key| key.verify_text(message, &Signature(signature)).is_ok())
}

/// What decoding says of an entry's bytes: its id, or the fault.
#[wasm_bindgen]
#[must_use]
pub fn entry(bytes: &[u8]) -> String {
    match Entry::decode(bytes) {
        Ok(entry) => entry.id().to_string(),
        Err(fault) => format!("fault: {fault}"),
    }
}

/// The structure of the postcard vectors.
#[derive(Serialize, Deserialize)]
struct M {
    a: Vec<u8>,
    b: u32,
}

/// Whether the canonical decoder takes these bytes for the structure of the postcard vectors.
#[wasm_bindgen]
#[must_use]
pub fn canonical(bytes: &[u8]) -> bool {
    decode_canonical::<M>(bytes, 1024).is_ok()
}
