//! Wraps: for one member, of one book and epoch.

use super::super::wrap::{Address, BYTES, Wrap, WrapFault};
use super::*;
use daybook_log::{KeyFault, Malformed, SealingKey, SealingPublic, Unreadable, Unsupported};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

pub(super) const BOOK: BookId = BookId([1; 32]);
pub(super) const AUTHOR: AuthorId = AuthorId([2; 32]);

pub(super) fn member() -> SealingKey {
    SealingKey::from_seed([0x51; 32])
}

fn address() -> Address {
    Address {
        book: BOOK,
        author: AUTHOR,
        epoch: EPOCH,
    }
}

pub(super) fn wrapped() -> Wrap {
    Wrap::seal(&key(1), address(), &member().public(), [0x33; 32]).unwrap()
}

/// A wrap lies as the table says and gives its member the key; chance changes all of what is secret in it.
#[test]
fn a_wrap_gives_its_member_the_key() {
    let bytes = wrapped().encode();
    assert_eq!(bytes.len(), BYTES);
    assert_eq!(bytes[..8], [1, 0, 0, 0, 3, 0, 0, 0]);
    assert_eq!(
        (&bytes[8..40], &bytes[40..72]),
        (&[1; 32][..], &[2; 32][..])
    );
    let read = Wrap::decode(&bytes).unwrap();
    assert_eq!(read, wrapped());
    let opened = read.open(&BOOK, &AUTHOR, &member()).unwrap();
    let mut ring = ContentKeys::default();
    assert_eq!(ring.insert(EPOCH, opened, &key(1).commitment()), Ok(()));
    let entry = sealed(&key(1), 5);
    assert!(matches!(ring.open_own(entry).unwrap().body(), Body::Ops(_)));
    let other = Wrap::seal(&key(1), address(), &member().public(), [0x34; 32]).unwrap();
    assert_ne!(other.encode()[72..104], bytes[72..104]);
    assert_ne!(other.encode()[104..], bytes[104..]);
}

/// Another book, author or key: each is refused by name, and a changed address does not open.
#[test]
fn a_wrap_is_for_one_member_of_one_book_and_epoch() {
    let wrap = wrapped();
    let open = |wrap: &Wrap, book, author, key: &SealingKey| {
        wrap.open(&BookId([book; 32]), &AuthorId([author; 32]), key)
            .map(|key| key.commitment())
    };
    assert_eq!(open(&wrap, 1, 2, &member()), Ok(key(1).commitment()));
    assert_eq!(open(&wrap, 9, 2, &member()), Err(WrapFault::Book));
    assert_eq!(open(&wrap, 1, 9, &member()), Err(WrapFault::Author));
    let other = SealingKey::from_seed([0x52; 32]);
    assert_eq!(open(&wrap, 1, 2, &other), Err(WrapFault::Unopened));
    let moved = |edit: fn(&mut Address)| {
        let mut wrap = wrapped();
        edit(&mut wrap.address);
        wrap
    };
    let book = moved(|address| address.book = BookId([9; 32]));
    assert_eq!(open(&book, 9, 2, &member()), Err(WrapFault::Unopened));
    let author = moved(|address| address.author = AuthorId([9; 32]));
    assert_eq!(open(&author, 1, 9, &member()), Err(WrapFault::Unopened));
    let epoch = moved(|address| address.epoch = ContentEpoch(4));
    assert_eq!(open(&epoch, 1, 2, &member()), Err(WrapFault::Unopened));
}

/// Every byte counts, and every other length is malformed.
#[test]
fn every_byte_of_a_wrap_counts() {
    let bytes = wrapped().encode();
    for at in 0..BYTES {
        let mut changed = bytes.clone();
        changed[at] ^= 0x40;
        let opened = Wrap::decode(&changed).map(|wrap| {
            wrap.open(&BOOK, &AUTHOR, &member())
                .map(|key| key.commitment())
        });
        let expected = match at {
            0 => Err(Unsupported::Format(0x41).into()),
            1 => Err(Unsupported::Reserved(0x40).into()),
            2 => Err(Unsupported::Reserved(0x4000).into()),
            3 => Err(Unsupported::Reserved(0).into()),
            8..40 => Ok(Err(WrapFault::Book)),
            40..72 => Ok(Err(WrapFault::Author)),
            _ => Ok(Err(WrapFault::Unopened)),
        };
        assert_eq!(opened, expected, "byte {at}");
    }
    for len in 0..BYTES {
        let short = Wrap::decode(&bytes[..len]);
        assert_eq!(short, Err(Malformed::TooShort.into()), "cut to {len}");
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    assert_eq!(
        Wrap::decode(&longer),
        Err(Unreadable::Malformed(Malformed::LeftOver))
    );
    let mut zero = bytes;
    zero[4] = 0;
    assert_eq!(Wrap::decode(&zero), Err(Malformed::ContentEpoch.into()));
}

/// X25519 that gives zeros is refused on both sides: to a weak member nothing is wrapped, a weak share opens nothing.
#[test]
fn an_agreement_on_zeros_is_refused() {
    // u = 0, 1, and p - 1: of order 4, 1 or 2, and 4 on the twist
    let mut minus_one = [0xff; 32];
    (minus_one[0], minus_one[31]) = (0xec, 0x7f);
    let mut one = [0; 32];
    one[0] = 1;
    for share in [[0; 32], one, minus_one] {
        let bytes = wrapped().encode();
        let weak = [&bytes[..72], &share, &bytes[104..]].concat();
        let opened = Wrap::decode(&weak).unwrap().open(&BOOK, &AUTHOR, &member());
        assert_eq!(opened.unwrap_err(), WrapFault::ZeroShare);
        let sealed = Wrap::seal(&key(1), address(), &SealingPublic(share), [1; 32]);
        assert!(matches!(sealed, Err(WrapFault::Recipient(_))), "{sealed:?}");
    }
    let weak = Wrap::seal(&key(1), address(), &SealingPublic([0; 32]), [1; 32]);
    assert_eq!(weak, Err(WrapFault::Recipient(KeyFault::Weak)));
    let zeros = Wrap::seal(&key(1), address(), &member().public(), [0; 32]);
    assert_eq!(zeros, Err(WrapFault::NoChance));
    let clear = Address {
        epoch: ContentEpoch::ZERO,
        ..address()
    };
    let clear = Wrap::seal(&key(1), clear, &member().public(), [1; 32]);
    assert_eq!(clear, Err(WrapFault::EpochZero));
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

/// RFC 9180, appendix A.2.1: base setup of this suite, the first sealed text, byte for byte, both ways.
#[test]
fn the_suite_is_that_of_rfc_9180() {
    let ikm_e = hex("909a9b35d3dc4713a5e72a4da274b55d3d3821a37e5d099e74a647db583a904b");
    let ikm_r = hex("1ac01f181fdf9f352797655161c58b75c656a6cc2716dcb66372da835542e1df");
    let sk_r = hex("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb");
    let pk_r = hex("4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a");
    let share = hex("1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a");
    let info = hex("4f6465206f6e2061204772656369616e2055726e");
    let text = hex("4265617574792069732074727574682c20747275746820626561757479");
    let aad = hex("436f756e742d30");
    let sealed = hex(
        "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28",
    );
    let (private, public) = X25519HkdfSha256::derive_keypair(&ikm_r);
    // the RFC prints it before the curve clamps it
    let printed = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(&sk_r).unwrap();
    assert!(private == printed);
    assert_eq!(public.to_bytes()[..], pk_r);
    // what this crate calls a sealing key is the RFC's private key
    let ours = SealingKey::from_seed(sk_r.as_slice().try_into().unwrap());
    assert_eq!(ours.public().0[..], pk_r);
    let chance = ikm_e.as_slice().try_into().unwrap();
    let made = hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &public,
        &info,
        &text,
        &aad,
        &mut super::super::wrap::Handed(chance),
    );
    let (made_share, made_sealed) = made.unwrap();
    assert_eq!(made_share.to_bytes()[..], share);
    assert_eq!(made_sealed, sealed);
    let read = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(&share).unwrap();
    let opened = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &private,
        &read,
        &info,
        &sealed,
        &aad,
    );
    assert_eq!(opened.unwrap(), text);
}
