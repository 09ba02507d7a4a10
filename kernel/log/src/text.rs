//! Texts that have one form: decimals and base64 as the C2SP formats write them.

use alloc::vec::Vec;
use base64ct::{Base64, Encoding};

/// A decimal of digits alone, without leading zeros.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let canonical =
        text.bytes().all(|c| c.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| canonical)
}

/// Standard base64 with padding (RFC 4648 §4), in the one form that encoding gives.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    let bytes = Base64::decode_vec(text).ok()?;
    (Base64::encode_string(&bytes) == text).then_some(bytes)
}

/// The same for exactly `N` bytes.
pub(crate) fn base64_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    base64(text)?.try_into().ok()
}
