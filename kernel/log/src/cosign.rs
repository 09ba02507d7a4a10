//! Cosignatures (c2sp.org/tlog-cosignature, Ed25519): others than the relay sign that a checkpoint continues what they
//! had seen, and a quorum of them makes two orders impossible to show. See `docs/spec/checkpoint.md`.

use crate::checkpoint::{CheckpointFault, RelayKey, SignedCheckpoint};
use crate::keys::{AdmittedKey, PublicKey, SecretKey, Signature};
use crate::limits::COSIGNERS_MAX;
use crate::note::{KeyName, NamedKey, Note, NoteFault, NoteLine};
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

/// The latest time that a cosignature can bear, seconds since 1970.
const TIME_S_MAX: u64 = 0x7fff_ffff_ffff_ffff;

/// Verifies cosignatures of one cosigner, signature type 4. `Display` and `FromStr` are its verifier key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosigner(NamedKey);

impl Cosigner {
    /// The signature type.
    pub const TYPE: u8 = 4;

    /// Of an admitted key under a name.
    pub fn new(name: KeyName, key: AdmittedKey) -> Cosigner {
        Cosigner(NamedKey::new(name, Cosigner::TYPE, key))
    }

    /// The name that its lines bear.
    pub fn name(&self) -> &KeyName {
        &self.0.name
    }

    /// The public key.
    pub fn public(&self) -> PublicKey {
        self.0.key.public()
    }

    /// Cosigns a note's text at a time, seconds since 1970, which the caller read from its clock. The cosigner must have
    /// checked and recorded that the checkpoint continues the one that it cosigned before.
    pub fn cosign(
        &self,
        text: &str,
        time_s: u64,
        key: &SecretKey,
    ) -> Result<NoteLine, CosignFault> {
        if key.public() != self.public() {
            return Err(CosignFault::OtherKey);
        }
        if time_s > TIME_S_MAX {
            return Err(CosignFault::Time);
        }
        let signature = key.sign_text(signed_text(text, time_s).as_bytes());
        Ok(NoteLine {
            name: self.0.name.clone(),
            id: self.0.id,
            signature: [time_s.to_be_bytes().as_slice(), &signature.0].concat(),
        })
    }

    /// The time at which this cosigner signed the note's text, if it did.
    fn verify(&self, note: &Note) -> Result<Option<Cosignature>, CosignFault> {
        let Some(line) = note.line_of(&self.0)? else {
            return Ok(None);
        };
        let (time, signature) = line
            .signature
            .split_first_chunk::<8>()
            .ok_or(NoteFault::Forged)?;
        let time_s = u64::from_be_bytes(*time);
        if time_s > TIME_S_MAX {
            return Err(CosignFault::Time);
        }
        let signature = signature.try_into().map_err(|_| NoteFault::Forged)?;
        let text = signed_text(note.text(), time_s);
        let verdict = self
            .0
            .key
            .verify_text(text.as_bytes(), &Signature(signature));
        verdict.map_err(|_| NoteFault::Forged)?;
        Ok(Some(Cosignature {
            line: line.clone(),
            time_s,
        }))
    }
}

impl fmt::Display for Cosigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write(f, Cosigner::TYPE)
    }
}

impl FromStr for Cosigner {
    type Err = NoteFault;
    fn from_str(text: &str) -> Result<Self, NoteFault> {
        NamedKey::parse(text, Cosigner::TYPE).map(Cosigner)
    }
}

/// What a cosigner signs: two lines before the note's text.
fn signed_text(text: &str, time_s: u64) -> String {
    format!("cosignature/v1\ntime {time_s}\n{text}")
}

/// A cosigner's line, verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosignature {
    /// The line: who, and the bytes.
    pub line: NoteLine,
    /// When, by the cosigner's clock, seconds since 1970. It decides nothing here: how old is too old is for the caller,
    /// who has a clock.
    pub time_s: u64,
}

/// Why cosigners make no quorum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum QuorumFault {
    /// More cosigners than the limit.
    TooMany,
    /// A name stands twice.
    NameTwice,
    /// A key stands twice: its owner would be counted twice.
    KeyTwice,
    /// More signatures are asked for than there are cosigners.
    Unreachable,
    /// `2k > n + f` does not hold: two orders could both find enough cosigners.
    Unsafe,
}

impl fmt::Display for QuorumFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            QuorumFault::TooMany => "too many cosigners",
            QuorumFault::NameTwice => "one name in two places",
            QuorumFault::KeyTwice => "one key in two places",
            QuorumFault::Unreachable => "more signatures asked for than there are cosigners",
            QuorumFault::Unsafe => "two orders could both find enough cosigners",
        })
    }
}

impl core::error::Error for QuorumFault {}

/// k of n cosigners, of whom f may lie: any two sets of k share more than f, so at least one honest cosigner, who signs
/// one order only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quorum {
    cosigners: Vec<Cosigner>,
    needed: u32,
}

impl Quorum {
    /// Checks that `2k > n + f` and that no cosigner can be counted twice.
    pub fn new(cosigners: Vec<Cosigner>, needed: u32, liars: u32) -> Result<Quorum, QuorumFault> {
        let count = u32::try_from(cosigners.len())
            .ok()
            .filter(|count| *count <= COSIGNERS_MAX)
            .ok_or(QuorumFault::TooMany)?;
        let names: BTreeSet<_> = cosigners.iter().map(Cosigner::name).collect();
        if names.len() != cosigners.len() {
            return Err(QuorumFault::NameTwice);
        }
        let keys: BTreeSet<_> = cosigners.iter().map(|one| one.0.key.montgomery()).collect();
        if keys.len() != cosigners.len() {
            return Err(QuorumFault::KeyTwice);
        }
        if needed > count {
            return Err(QuorumFault::Unreachable);
        }
        let (twice, others) = (needed.saturating_mul(2), count.saturating_add(liars));
        if twice <= others {
            return Err(QuorumFault::Unsafe);
        }
        Ok(Quorum { cosigners, needed })
    }

    /// How many must sign.
    pub fn needed(&self) -> u32 {
        self.needed
    }
}

/// Why a checkpoint does not count as cosigned, or is not cosigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CosignFault {
    /// Not a checkpoint of this relay, or a cosigner's line stands twice or does not verify.
    Checkpoint(CheckpointFault),
    /// A cosigner's time is above 2^63 - 1.
    Time,
    /// The key to sign with is not this cosigner's.
    OtherKey,
    /// The relay's own key is among the cosigners: a key has one role.
    RelayKey,
    /// Fewer cosigners than the quorum asks for.
    TooFew {
        /// How many there are.
        got: u32,
    },
}

impl From<CheckpointFault> for CosignFault {
    fn from(fault: CheckpointFault) -> Self {
        CosignFault::Checkpoint(fault)
    }
}

impl From<NoteFault> for CosignFault {
    fn from(fault: NoteFault) -> Self {
        CosignFault::Checkpoint(fault.into())
    }
}

impl fmt::Display for CosignFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CosignFault::Checkpoint(fault) => write!(f, "checkpoint: {fault}"),
            CosignFault::Time => f.write_str("cosigned at a time that is none"),
            CosignFault::OtherKey => f.write_str("not this cosigner's key"),
            CosignFault::RelayKey => f.write_str("the relay's key is a cosigner's too"),
            CosignFault::TooFew { got } => write!(f, "only {got} cosigners"),
        }
    }
}

impl core::error::Error for CosignFault {}

/// A checkpoint that enough cosigners signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CosignedCheckpoint {
    signed: SignedCheckpoint,
    cosignatures: Vec<Cosignature>,
    note: Note,
}

impl CosignedCheckpoint {
    /// Reads a note, checks the relay's line and every line of a cosigner of the quorum, and counts them.
    pub fn open(
        bytes: &[u8],
        relay: &RelayKey,
        quorum: &Quorum,
    ) -> Result<CosignedCheckpoint, CosignFault> {
        let read = Note::parse(bytes)?;
        let signed = SignedCheckpoint::of(&read, relay)?;
        let (mut note, mut cosignatures) = (signed.note().clone(), Vec::new());
        for cosigner in &quorum.cosigners {
            if cosigner.0.is_same(relay.note_key()) {
                return Err(CosignFault::RelayKey);
            }
            if let Some(one) = cosigner.verify(&read)? {
                note = note.with(one.line.clone())?;
                cosignatures.push(one);
            }
        }
        let got = u32::try_from(cosignatures.len()).unwrap_or(u32::MAX);
        if got < quorum.needed {
            return Err(CosignFault::TooFew { got });
        }
        Ok(CosignedCheckpoint {
            signed,
            cosignatures,
            note,
        })
    }

    /// The checkpoint with the relay's signature.
    pub fn signed(&self) -> &SignedCheckpoint {
        &self.signed
    }

    /// Who cosigned and when, in the quorum's order.
    pub fn cosignatures(&self) -> &[Cosignature] {
        &self.cosignatures
    }

    /// The note with the lines that were verified, and no other.
    pub fn note(&self) -> &Note {
        &self.note
    }
}
