//! What the page and the worker say to each other: plain data, one postcard frame per `postMessage`.
//!
//! The page asks ([`Ask`]) and gets one [`Answer`] per ticket; the worker may tell ([`Notice`]) at any time.
//! There is no rule in here: names, labels and figures come from the kernel as they are, and inputs go to it as they
//! are. Ids are raw bytes, amounts are minor units.
#![deny(missing_docs)]

mod ask;
mod tell;
mod value;
mod view;

pub use ask::{Ask, LineFilter, NewOp, ToWorker};
pub use tell::{Answer, Difference, Fault, FromWorker, Notice, ProofView, Reply, Rung};
pub use value::{FieldView, Val};
pub use view::{
    AskerView, At, AttentionView, AttentionsView, BalanceLine, BalanceView, Currency, DeviceView,
    DocumentDetail, DocumentLine, DocumentsView, Durability, HashesView, LineView, LinesView,
    Named, OpName, OpView, Outlook, Phase, RowView, Side, StatusView,
};

use serde::{Serialize, de::DeserializeOwned};

/// A frame that does not parse: page and worker are of different builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Garbled;

impl core::fmt::Display for Garbled {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("page and worker do not understand each other; reload the app")
    }
}

impl std::error::Error for Garbled {}

/// Makes a frame.
///
/// # Panics
/// Never: every type of this crate encodes.
pub fn pack<T: Serialize>(value: &T) -> Vec<u8> {
    postcard::to_allocvec(value).expect("every type of this crate encodes")
}

/// Reads a frame; nothing may be left over.
///
/// # Errors
/// [`Garbled`] if the bytes are not exactly one `T`.
pub fn unpack<T: DeserializeOwned>(frame: &[u8]) -> Result<T, Garbled> {
    match postcard::take_from_bytes(frame) {
        Ok((value, [])) => Ok(value),
        _ => Err(Garbled),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Claim: a frame comes back as what it was; false if a field is skipped or out of order.
    #[test]
    fn a_frame_comes_back() {
        let sent = ToWorker {
            ticket: 7,
            ask: Ask::Append {
                ops: vec![NewOp {
                    verb: "jar.fill".into(),
                    inputs: vec![
                        ("id".into(), Val::Id([9; 16])),
                        (
                            "lines".into(),
                            Val::List(vec![vec![Val::Int(-3), Val::None, Val::Bool(true)]]),
                        ),
                    ],
                }],
            },
        };
        assert_eq!(unpack::<ToWorker>(&pack(&sent)), Ok(sent));
    }

    /// Claim: a frame with something left over or cut off is garbled, never half understood.
    #[test]
    fn a_longer_or_shorter_frame_is_garbled() {
        let mut frame = pack(&ToWorker {
            ticket: 1,
            ask: Ask::Documents { limit: 50 },
        });
        frame.push(0);
        assert_eq!(unpack::<ToWorker>(&frame), Err(Garbled));
        frame.truncate(frame.len() - 2);
        assert_eq!(unpack::<ToWorker>(&frame), Err(Garbled));
    }
}
