//! The ciphers and hashes under bodies and wraps, alone, at the versions that the client uses.

use chacha20poly1305::aead::{Aead, KeyInit, Nonce, Payload};
use chacha20poly1305::{ChaCha20Poly1305, XChaCha20Poly1305};
use hkdf::Hkdf;
use sha2::Sha256;
use wasm_bindgen::prelude::wasm_bindgen;
use x25519_dalek::{PublicKey, StaticSecret};

/// What a primitive gives for `a` to `d`, in hex, or `refused`.
///
/// | `what` | a | b | c | d |
/// | --- | --- | --- | --- | --- |
/// | `xchacha20-poly1305`, `chacha20-poly1305` | key | nonce | associated data | ciphertext and tag |
/// | `hkdf-sha256` | input | salt | info | length, u32 |
/// | `x25519` | private | public | | |
/// | `blake3` | context | input | | length, u32 |
#[wasm_bindgen]
#[must_use]
pub fn primitive(what: &str, a: &[u8], b: &[u8], c: &[u8], d: &[u8]) -> String {
    let given = match what {
        "xchacha20-poly1305" => open::<XChaCha20Poly1305>(a, b, c, d),
        "chacha20-poly1305" => open::<ChaCha20Poly1305>(a, b, c, d),
        "hkdf-sha256" => length(d).and_then(|mut out| {
            let hkdf = Hkdf::<Sha256>::new(Some(b), a);
            hkdf.expand(c, &mut out).ok().map(|()| out)
        }),
        "x25519" => agree(a, b),
        "blake3" => length(d)
            .zip(str::from_utf8(a).ok())
            .map(|(mut out, context)| {
                let mut hasher = blake3::Hasher::new_derive_key(context);
                hasher.update(b).finalize_xof().fill(&mut out);
                out
            }),
        _ => None,
    };
    given.map_or_else(
        || "refused".to_owned(),
        |bytes| bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
    )
}

fn open<C: Aead + KeyInit>(key: &[u8], nonce: &[u8], aad: &[u8], msg: &[u8]) -> Option<Vec<u8>> {
    let cipher = C::new_from_slice(key).ok()?;
    let nonce = Nonce::<C>::try_from(nonce).ok()?;
    cipher.decrypt(&nonce, Payload { msg, aad }).ok()
}

/// Zeros, as many as a u32 says, but no more than any vector asks for.
fn length(bytes: &[u8]) -> Option<Vec<u8>> {
    let len = u32::from_le_bytes(bytes.try_into().ok()?);
    (len <= 65_536)
        .then(|| usize::try_from(len).ok())?
        .map(|len| vec![0; len])
}

/// Zeros are no agreement.
fn agree(private: &[u8], public: &[u8]) -> Option<Vec<u8>> {
    let private = StaticSecret::from(<[u8; 32]>::try_from(private).ok()?);
    let public = PublicKey::from(<[u8; 32]>::try_from(public).ok()?);
    let shared = private.diffie_hellman(&public);
    shared
        .was_contributory()
        .then(|| shared.as_bytes().to_vec())
}
