//! A key is admitted in its one encoding, and a signature that verifies does so for these bytes only.
//! Input: key (32) ‖ signature (64) ‖ text. A first byte of 0 in the key stands for a known key, and a first byte of 0 in
//! the signature for its own signature over the text, so that the far side of verification is reached, too.
#![no_main]

use daybook_log::{AdmittedKey, PublicKey, SealingPublic, SecretKey, Signature};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((key, rest)) = data.split_first_chunk::<32>() else {
        return;
    };
    let Some((signature, text)) = rest.split_first_chunk::<64>() else {
        return;
    };
    let known = SecretKey::from_seed([7; 32]);
    let is_known = key[0] == 0;
    let key = if is_known {
        known.public()
    } else {
        PublicKey(*key)
    };
    let _ = SealingPublic(key.0).admit();
    let Ok(admitted) = AdmittedKey::admit(key) else {
        return;
    };
    assert_eq!(admitted.public(), key);
    let mut signed = Signature(*signature);
    if is_known && signature[0] == 0 {
        signed = known.sign_text(text);
        assert_eq!(admitted.verify_text(text, &signed), Ok(()));
    }
    if admitted.verify_text(text, &signed).is_err() {
        return;
    }
    // one bit, chosen by the input: of the signature, and of the text
    let bit = usize::from(signature[1]) % 64;
    let mut other = signed;
    other.0[bit] ^= 1 << (signature[2] % 8);
    assert!(admitted.verify_text(text, &other).is_err());
    let longer = [text, &[signature[3]]].concat();
    assert!(admitted.verify_text(&longer, &signed).is_err());
});
