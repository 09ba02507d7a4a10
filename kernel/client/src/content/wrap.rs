//! A content key on its way to one member: HPKE (RFC 9180), base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
//! ChaCha20Poly1305. Wraps travel beside the log and never enter it.
//!
//! Base mode does not say who wrapped. That the key is the book's is said by the log: [`super::ContentKeys::insert`] takes
//! it only if it is the declared one.

use super::ContentKey;
use alloc::vec::Vec;
use core::convert::Infallible;
use core::fmt;
use daybook_log::{
    AuthorId, BookId, ContentEpoch, KeyFault, Malformed, SealingKey, SealingPublic, Unreadable,
    Unsupported,
};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::rand_core::{TryCryptoRng, TryRng};
use hpke::{Deserializable, HpkeError, Kem, OpModeR, OpModeS, Serializable};
use zeroize::{Zeroize, Zeroizing};

/// The wrap format of this build.
pub const FORMAT: u8 = 1;
/// A wrap, bytes.
pub const BYTES: usize = 152;
/// What the key is bound to besides: no other use of HPKE here says this.
const INFO: &[u8; 32] = b"daybook/v1/content-wrap\0\0\0\0\0\0\0\0\0";

type Encapped = <X25519HkdfSha256 as Kem>::EncappedKey;
type Public = <X25519HkdfSha256 as Kem>::PublicKey;
type Private = <X25519HkdfSha256 as Kem>::PrivateKey;

/// Why a key was not wrapped, or not unwrapped. Ask for another wrap; the book is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WrapFault {
    /// Epoch 0 is "in clear" and has no key.
    EpochZero,
    /// The recipient's key is not one that an honest owner publishes.
    Recipient(KeyFault),
    /// The chance that was handed in is all zeros: its source has failed.
    NoChance,
    /// The wrap is of another book.
    Book,
    /// The wrap is for another author.
    Author,
    /// The sender's share agrees with every key on nothing: X25519 gave zeros.
    ZeroShare,
    /// The wrap was changed, or is for another sealing key.
    Unopened,
}

impl fmt::Display for WrapFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            WrapFault::EpochZero => "content epoch 0 has no key",
            WrapFault::Recipient(why) => return write!(f, "the recipient's key: {why}"),
            WrapFault::NoChance => "no chance was handed in",
            WrapFault::Book => "the wrap is of another book",
            WrapFault::Author => "the wrap is for another author",
            WrapFault::ZeroShare => "the sender's share has small order",
            WrapFault::Unopened => "the wrap does not open",
        })
    }
}

impl core::error::Error for WrapFault {}

/// Whom a wrap is for and which key is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// The book.
    pub book: BookId,
    /// The recipient.
    pub author: AuthorId,
    /// Which content key.
    pub epoch: ContentEpoch,
}

impl Address {
    /// u8 format ‖ 3 zeros ‖ u32 epoch ‖ book ‖ author.
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(BYTES);
        out.extend_from_slice(&[FORMAT, 0, 0, 0]);
        out.extend_from_slice(&self.epoch.0.to_le_bytes());
        out.extend_from_slice(&self.book.0);
        out.extend_from_slice(&self.author.0);
        out
    }

    /// Tag ‖ address: so that a key opens for this book, author and epoch or not at all.
    fn info(&self) -> Vec<u8> {
        [INFO.as_slice(), &self.encode()].concat()
    }
}

/// A wrapped content key: 152 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrap {
    /// What everybody may read.
    pub address: Address,
    share: [u8; 32],
    sealed: [u8; 48],
}

impl Wrap {
    /// Wraps a key for a member. `chance` is 32 fresh bytes for each call; whoever knows them can unwrap.
    ///
    /// # Errors
    /// [`WrapFault::EpochZero`], [`WrapFault::NoChance`], [`WrapFault::Recipient`].
    pub fn seal(
        key: &ContentKey,
        address: Address,
        recipient: &SealingPublic,
        chance: [u8; 32],
    ) -> Result<Wrap, WrapFault> {
        if address.epoch == ContentEpoch::ZERO {
            return Err(WrapFault::EpochZero);
        }
        if chance == [0; 32] {
            return Err(WrapFault::NoChance);
        }
        recipient.admit().map_err(WrapFault::Recipient)?;
        let public = Public::from_bytes(&recipient.0).map_err(|_| WrapFault::Unopened)?;
        let sealed =
            hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
                &OpModeS::Base,
                &public,
                &address.info(),
                key.0.as_slice(),
                &address.encode(),
                &mut Handed(chance),
            );
        let (share, sealed) = sealed.map_err(fault)?;
        Ok(Wrap {
            address,
            share: share.to_bytes().into(),
            sealed: sealed.try_into().map_err(|_| WrapFault::Unopened)?,
        })
    }

    /// The 152 bytes: address ‖ share ‖ encrypted key with its tag.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        [self.address.encode().as_slice(), &self.share, &self.sealed].concat()
    }

    /// Reads a wrap from exactly 152 bytes.
    ///
    /// # Errors
    /// An unknown format is unsupported; everything else is malformed.
    pub fn decode(bytes: &[u8]) -> Result<Wrap, Unreadable> {
        match bytes.first() {
            None => return Err(Malformed::TooShort.into()),
            Some(&FORMAT) => {}
            Some(&other) => return Err(Unsupported::Format(other).into()),
        }
        let mut rest = bytes;
        let [_, zeros @ ..] = take::<4>(&mut rest)?;
        let epoch = ContentEpoch(u32::from_le_bytes(take(&mut rest)?));
        let address = Address {
            epoch,
            book: BookId(take(&mut rest)?),
            author: AuthorId(take(&mut rest)?),
        };
        let (share, sealed) = (take(&mut rest)?, take(&mut rest)?);
        if !rest.is_empty() {
            return Err(Malformed::LeftOver.into());
        }
        if zeros != [0; 3] {
            let [low, high, _] = zeros;
            return Err(Unsupported::Reserved(u16::from_le_bytes([low, high])).into());
        }
        if epoch == ContentEpoch::ZERO {
            return Err(Malformed::ContentEpoch.into());
        }
        Ok(Wrap {
            address,
            share,
            sealed,
        })
    }

    /// The key in it, for the one whom it is for. [`super::ContentKeys::insert`] says whether it is the book's.
    ///
    /// # Errors
    /// [`WrapFault`].
    pub fn open(
        &self,
        book: &BookId,
        author: &AuthorId,
        key: &SealingKey,
    ) -> Result<ContentKey, WrapFault> {
        if self.address.book != *book {
            return Err(WrapFault::Book);
        }
        if self.address.author != *author {
            return Err(WrapFault::Author);
        }
        let private = Private::from_bytes(key.secret()).map_err(|_| WrapFault::Unopened)?;
        let share = Encapped::from_bytes(&self.share).map_err(|_| WrapFault::Unopened)?;
        let opened = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &private,
            &share,
            &self.address.info(),
            &self.sealed,
            &self.address.encode(),
        );
        let opened = Zeroizing::new(opened.map_err(fault)?);
        let seed = opened.as_slice().try_into();
        seed.map(ContentKey::from_seed)
            .map_err(|_| WrapFault::Unopened)
    }
}

/// The next bytes of a fixed layout.
fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], Malformed> {
    let (head, tail) = rest.split_first_chunk().ok_or(Malformed::TooShort)?;
    *rest = tail;
    Ok(*head)
}

/// The all-zero agreement of RFC 9180, 7.1.4, or anything else that does not open.
fn fault(why: HpkeError) -> WrapFault {
    match why {
        HpkeError::EncapError | HpkeError::DecapError => WrapFault::ZeroShare,
        _ => WrapFault::Unopened,
    }
}

/// Chance that was handed in, given out once and wiped.
pub(super) struct Handed(pub(super) [u8; 32]);

impl Drop for Handed {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl TryRng for Handed {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)
            .map(|()| u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)
            .map(|()| u64::from_le_bytes(bytes))
    }

    /// # Panics
    /// If it is asked for anything but all of it at once, or twice: then what came out would not be chance.
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        assert!(
            out.len() == self.0.len() && self.0 != [0; 32],
            "the key encapsulation draws its 32 bytes once"
        );
        out.copy_from_slice(&self.0);
        self.0.zeroize();
        Ok(())
    }
}

impl TryCryptoRng for Handed {}
