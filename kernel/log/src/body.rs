//! What an entry carries: a list of ops in frames, or one control payload.

use crate::codec::{Malformed, Unreadable, decode_canonical, encode, within};
use crate::content::{BodyFault, SealedBody};
use crate::control::{
    Adoption, Attest, ContentNotice, Handover, KeyAdd, KeyRevoke, KeyRotate, RootRotate, Shred,
    ShredAck,
};
use crate::entry::Kind;
use crate::evidence::Evidence;
use crate::hash::{Thing, derive};
use crate::id::{BodyHash, ManifestId, OpHash};
use crate::limits::{BODY_BYTES_MAX, OP_SLOTS_MAX, OPS_MAX};
use crate::reader::Reader;
use crate::readmit::Readmit;
use alloc::boxed::Box;
use alloc::vec::Vec;
use serde::{Serialize, de::DeserializeOwned};

/// A decoded body, by kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Kind 0.
    Ops(OpsBody),
    /// Kind 1.
    KeyAdd(Box<KeyAdd>),
    /// Kind 2.
    KeyRotate(Box<KeyRotate>),
    /// Kind 3.
    KeyRevoke(KeyRevoke),
    /// Kind 4.
    Manifest(Adoption),
    /// Kind 5.
    Shred(Shred),
    /// Kind 6.
    Evidence(Box<Evidence>),
    /// Kind 7.
    Attest(Box<Attest>),
    /// Kind 8.
    Readmit(Box<Readmit>),
    /// Kind 9.
    Handover(Box<Handover>),
    /// Kind 10.
    ContentEpoch(ContentNotice),
    /// Kind 11.
    ShredAck(ShredAck),
    /// Kind 12.
    RootRotate(Box<RootRotate>),
    /// Kind 0, encrypted, as it comes out of decoding: it says nothing yet.
    Sealed(SealedBody),
    /// Kind 0, encrypted, opened with the right key, and no ops in it: a refusal of the whole entry.
    Refused(BodyFault),
}

/// Ops of one author under one manifest. All are in one entry; each has an outcome of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpsBody {
    /// The manifest that gives the verbs their meaning.
    pub manifest: ManifestId,
    /// The author's clock, milliseconds since 1970. Decides nothing.
    pub authored_at_ms: i64,
    /// 1..=256 ops.
    pub ops: Vec<Op>,
}

/// A verb with its inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Op {
    /// The verb's number in the manifest.
    pub verb: u16,
    /// The inputs, in the shape that the manifest gives; opaque here.
    pub input: Vec<u8>,
    /// Sealed slots of the entry that the inputs refer to, at most 16.
    pub slots: Vec<u16>,
}

impl OpsBody {
    /// The body's bytes: manifest ‖ i64 time ‖ u16 count ‖ frames.
    pub fn encode(&self) -> Result<Vec<u8>, Malformed> {
        let count = u16::try_from(self.ops.len()).map_err(|_| Malformed::OpCount)?;
        let mut out = Vec::new();
        out.extend_from_slice(&self.manifest.0);
        out.extend_from_slice(&self.authored_at_ms.to_le_bytes());
        out.extend_from_slice(&count.to_le_bytes());
        for op in &self.ops {
            op.write(&mut out)?;
        }
        within(&out, BODY_BYTES_MAX)?;
        Ok(out)
    }
}

impl Op {
    /// The frame: u16 verb ‖ u32 len ‖ input ‖ u8 n ‖ n x u16 slot.
    fn write(&self, out: &mut Vec<u8>) -> Result<(), Malformed> {
        within(&self.input, BODY_BYTES_MAX)?;
        let len = u32::try_from(self.input.len()).map_err(|_| Malformed::Lengths)?;
        let slots = u8::try_from(self.slots.len()).map_err(|_| Malformed::SlotRef)?;
        out.extend_from_slice(&self.verb.to_le_bytes());
        out.extend_from_slice(&len.to_le_bytes());
        out.extend_from_slice(&self.input);
        out.push(slots);
        self.slots
            .iter()
            .for_each(|slot| out.extend_from_slice(&slot.to_le_bytes()));
        Ok(())
    }

    fn read(reader: &mut Reader<'_>, sealed_slots: u16) -> Result<Op, Malformed> {
        let verb = reader.u16()?;
        let len = reader.u32()?;
        let input = reader.bytes(len)?;
        let count = reader.u8()?;
        if u32::from(count) > OP_SLOTS_MAX {
            return Err(Malformed::SlotRef);
        }
        let mut slots = Vec::new();
        for _ in 0..count {
            let slot = reader.u16()?;
            if slot >= sealed_slots {
                return Err(Malformed::SlotRef);
            }
            slots.push(slot);
        }
        Ok(Op {
            verb,
            input: input.to_vec(),
            slots,
        })
    }
}

impl Body {
    /// The kind that carries such a body.
    pub fn kind(&self) -> Kind {
        match self {
            Body::Ops(_) | Body::Sealed(_) | Body::Refused(_) => Kind::Ops,
            Body::KeyAdd(_) => Kind::KeyAdd,
            Body::KeyRotate(_) => Kind::KeyRotate,
            Body::KeyRevoke(_) => Kind::KeyRevoke,
            Body::Manifest(_) => Kind::Manifest,
            Body::Shred(_) => Kind::Shred,
            Body::Evidence(_) => Kind::Evidence,
            Body::Attest(_) => Kind::Attest,
            Body::Readmit(_) => Kind::Readmit,
            Body::Handover(_) => Kind::Handover,
            Body::ContentEpoch(_) => Kind::ContentEpoch,
            Body::ShredAck(_) => Kind::ShredAck,
            Body::RootRotate(_) => Kind::RootRotate,
        }
    }

    /// Splits the bytes of a body in clear and hashes them as received.
    pub(crate) fn decode(
        kind: Kind,
        bytes: &[u8],
        sealed_slots: u16,
    ) -> Result<(Body, BodyHash), Unreadable> {
        within(bytes, kind.body_bytes_max())?;
        let body = match kind {
            Kind::Ops => {
                let (ops, hash) = decode_ops(bytes, sealed_slots)?;
                return Ok((Body::Ops(ops), hash));
            }
            Kind::KeyAdd => Body::KeyAdd(Box::new(payload(bytes, KeyAdd::check)?)),
            Kind::KeyRotate => Body::KeyRotate(Box::new(payload(bytes, |_| Ok(()))?)),
            Kind::KeyRevoke => Body::KeyRevoke(payload(bytes, KeyRevoke::check)?),
            Kind::Manifest => Body::Manifest(payload(bytes, Adoption::check)?),
            Kind::Shred => Body::Shred(payload(bytes, |_| Ok(()))?),
            Kind::Evidence => Body::Evidence(Box::new(Evidence::decode(bytes)?)),
            Kind::Attest => Body::Attest(Box::new(payload(bytes, Attest::check)?)),
            Kind::Readmit => Body::Readmit(Box::new(Readmit::decode(bytes)?)),
            Kind::Handover => Body::Handover(Box::new(payload(bytes, Handover::check)?)),
            Kind::ContentEpoch => Body::ContentEpoch(payload(bytes, ContentNotice::check)?),
            Kind::ShredAck => Body::ShredAck(payload(bytes, |_| Ok(()))?),
            Kind::RootRotate => Body::RootRotate(Box::new(payload(bytes, RootRotate::check)?)),
        };
        Ok((body, BodyHash(derive(Thing::Control, &[bytes]))))
    }

    /// The bytes of a body in clear; those of an encrypted one come from a cipher: see [`crate::Draft::sealed`].
    pub(crate) fn encode(&self) -> Result<Vec<u8>, Malformed> {
        Ok(match self {
            Body::Ops(body) => body.encode()?,
            Body::KeyAdd(payload) => encode(payload.as_ref()),
            Body::KeyRotate(payload) => encode(payload.as_ref()),
            Body::KeyRevoke(payload) => encode(payload),
            Body::Manifest(payload) => encode(payload),
            Body::Shred(payload) => encode(payload),
            Body::Evidence(payload) => payload.encode(),
            Body::Attest(payload) => encode(payload.as_ref()),
            Body::Readmit(payload) => payload.encode().to_vec(),
            Body::Handover(payload) => encode(payload.as_ref()),
            Body::ContentEpoch(payload) => encode(payload),
            Body::ShredAck(payload) => encode(payload),
            Body::RootRotate(payload) => encode(payload.as_ref()),
            Body::Sealed(_) | Body::Refused(_) => return Err(Malformed::ContentEpoch),
        })
    }
}

/// A postcard payload and its own checks.
fn payload<T: Serialize + DeserializeOwned>(
    bytes: &[u8],
    check: fn(&T) -> Result<(), Malformed>,
) -> Result<T, Malformed> {
    let payload = decode_canonical(bytes, BODY_BYTES_MAX)?;
    check(&payload)?;
    Ok(payload)
}

/// Splits the bytes of an ops body into frames.
pub(crate) fn decode_ops(
    bytes: &[u8],
    sealed_slots: u16,
) -> Result<(OpsBody, BodyHash), Malformed> {
    let start = Reader(bytes);
    let mut reader = start;
    let manifest = ManifestId(reader.array()?);
    let authored_at_ms = reader.i64()?;
    let count = reader.u16()?;
    if count == 0 || u32::from(count) > OPS_MAX {
        return Err(Malformed::OpCount);
    }
    let mut hasher = blake3::Hasher::new_derive_key(Thing::Body.context());
    hasher.update(reader.since(start));
    let mut ops = Vec::with_capacity(usize::from(count));
    for _ in 0..count {
        let frame = reader;
        ops.push(Op::read(&mut reader, sealed_slots)?);
        let OpHash(hash) = op_hash(reader.since(frame));
        hasher.update(&hash);
    }
    reader.end()?;
    let body = OpsBody {
        manifest,
        authored_at_ms,
        ops,
    };
    Ok((body, BodyHash(*hasher.finalize().as_bytes())))
}

/// The hash of one op's frame: with it, one op can be shown without its neighbours.
pub fn op_hash(frame: &[u8]) -> OpHash {
    OpHash(derive(Thing::Op, &[frame]))
}
