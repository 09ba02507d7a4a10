//! Claims about keys, tags and hashes.

use crate::hash::{Thing, derive};
use crate::*;
use alloc::collections::BTreeSet;
use alloc::format;
use core::str::FromStr;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn key(hex: &str) -> PublicKey {
    PublicKey::from_str(hex).unwrap()
}

/// K-1..K-4: admission takes the canonical encoding of a torsion-free point that is not weak, and nothing else.
#[test]
fn admission_has_four_ways_to_fail() {
    let table = [
        (
            "0200000000000000000000000000000000000000000000000000000000000000",
            KeyFault::NotAPoint,
        ),
        // y = p + 1 stands for y = 1
        (
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            KeyFault::NotCanonical,
        ),
        (
            "0100000000000000000000000000000000000000000000000000000000000000",
            KeyFault::Weak,
        ),
        (
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
            KeyFault::Weak,
        ),
        // the mixed-order key of the torsion vectors, which `verify_strict` alone takes
        (
            "7c7d876c6bcfde727cde24b9f0cd820d4271b45c4ecb1f4b0dda309bf8c802f8",
            KeyFault::Torsion,
        ),
    ];
    for (hex, fault) in table {
        assert_eq!(AdmittedKey::admit(key(hex)), Err(fault), "{hex}");
    }
}

/// Sealing keys go through the same four gates.
#[test]
fn sealing_keys_are_admitted_too() {
    for seed in 0..8 {
        assert_eq!(SealingKey::from_seed([seed; 32]).public().admit(), Ok(()));
    }
    let zero = SealingPublic([0; 32]);
    assert_eq!(zero.admit(), Err(KeyFault::Weak));
    let one =
        SealingPublic(key("0100000000000000000000000000000000000000000000000000000000000000").0);
    assert_eq!(one.admit(), Err(KeyFault::Weak));
    let p =
        SealingPublic(key("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f").0);
    assert_eq!(p.admit(), Err(KeyFault::NotCanonical));
    let mut high = SealingKey::from_seed([1; 32]).public();
    high.0[31] |= 0x80;
    assert_eq!(high.admit(), Err(KeyFault::NotCanonical));
    let on_the_twist =
        (2_u8..40).map(|n| SealingPublic([[n].as_slice(), &[0; 31]].concat().try_into().unwrap()));
    let faults: BTreeSet<_> = on_the_twist
        .map(|key| format!("{:?}", key.admit()))
        .collect();
    assert!(
        faults.contains("Err(NotAPoint)") && faults.contains("Err(Torsion)"),
        "{faults:?}"
    );
}

/// RFC 7748 §6.1: the public key of a known private key.
#[test]
fn sealing_keys_are_x25519() {
    let seed = key("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    let expected = key("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    assert_eq!(SealingKey::from_seed(seed.0).public().0, expected.0);
}

/// RFC 8032 §7.1, test 2: key and signature of a known seed.
#[test]
fn signatures_are_ed25519() {
    let seed = key("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
    let secret = SecretKey::from_seed(seed.0);
    assert_eq!(
        secret.public(),
        key("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    );
    let signature = secret.sign_text(&[0x72]);
    let expected = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
                    085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
    assert_eq!(format!("{signature}"), expected);
    let admitted = AdmittedKey::admit(secret.public()).unwrap();
    assert_eq!(admitted.verify_text(&[0x72], &signature), Ok(()));
    assert_eq!(admitted.verify_text(&[0x73], &signature), Err(Unauthentic));
}

/// A signature with s + L in place of s is refused: one message, one key, one signature.
#[test]
fn signatures_cannot_be_stretched() {
    const L: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let secret = SecretKey::from_seed([1; 32]);
    let mut signature = secret.sign_text(b"x");
    let mut carry = 0_u16;
    for (byte, l) in signature.0[32..].iter_mut().zip(L) {
        carry += u16::from(*byte) + u16::from(l);
        *byte = carry.to_le_bytes()[0];
        carry >>= 8;
    }
    let admitted = AdmittedKey::admit(secret.public()).unwrap();
    assert_eq!(admitted.verify_text(b"x", &signature), Err(Unauthentic));
}

/// Not even a key's owner can make a signature with a weak R, which a lax verifier takes: R is the neutral element and
/// s = k * a. Falsifier: verify without `_strict`.
#[test]
fn signatures_with_a_weak_nonce_are_refused() {
    use curve25519_dalek::Scalar;
    use ed25519_dalek::{SigningKey, Verifier};
    use sha2::{Digest, Sha512};
    let owner = SigningKey::from_bytes(&[5; 32]);
    let mut signature = [0; 64];
    signature[0] = 1;
    let mut hash = Sha512::new();
    hash.update(&signature[..32]);
    hash.update(owner.verifying_key().as_bytes());
    hash.update(b"x");
    let k = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
    signature[32..].copy_from_slice((k * owner.to_scalar()).as_bytes());
    let lax = ed25519_dalek::Signature::from_bytes(&signature);
    assert!(
        owner.verifying_key().verify(b"x", &lax).is_ok(),
        "a lax verifier takes it"
    );
    let key = AdmittedKey::admit(SecretKey::from_seed([5; 32]).public()).unwrap();
    assert_eq!(
        key.verify_text(b"x", &Signature(signature)),
        Err(Unauthentic)
    );
}

/// Tags are 32 bytes, padded with zeros, all different.
#[test]
fn tags_are_apart() {
    let tags = [Tag::Entry, Tag::PopAuthor, Tag::PopRequest, Tag::Approval];
    let all: BTreeSet<_> = tags.iter().map(|tag| tag.bytes()).collect();
    assert_eq!(all.len(), tags.len());
    assert_eq!(
        &Tag::Entry.bytes(),
        b"daybook/v1/entry\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
    );
}

/// No two things hash alike, and every context is of one pattern.
#[test]
fn contexts_are_apart() {
    let contexts: BTreeSet<_> = Thing::ALL.iter().map(|thing| thing.context()).collect();
    let hashes: BTreeSet<_> = Thing::ALL
        .iter()
        .map(|thing| derive(*thing, &[b"x"]))
        .collect();
    assert_eq!(
        (contexts.len(), hashes.len()),
        (Thing::ALL.len(), Thing::ALL.len())
    );
    assert!(
        contexts
            .iter()
            .all(|context| context.starts_with("daybook 2026 v1 "))
    );
    assert_eq!(
        derive(Thing::Order, &[b"x"]),
        blake3::derive_key("daybook 2026 v1 order", b"x")
    );
}

/// Ids print in full and read back; only lower case reads; `Debug` is short and shows no secret.
#[test]
fn ids_print_in_full() {
    let id = EntryId([0xab; 32]);
    let text = format!("{id}");
    assert_eq!((text.len(), EntryId::from_str(&text)), (64, Ok(id)));
    assert!(
        EntryId::from_str(&text.to_uppercase()).is_err() && EntryId::from_str(&text[1..]).is_err()
    );
    assert!(
        EntryId::from_str(&format!("{text}0")).is_err()
            && EntryId::from_str(&format!("{text}00")).is_err()
    );
    assert_eq!(format!("{id:?}"), "EntryId(abababab…)");
    let secret = SecretKey::from_seed([0x77; 32]);
    assert!(!format!("{secret:?}{:?}", SealingKey::from_seed([0x77; 32])).contains("7777"));
}
