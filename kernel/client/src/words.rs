//! The one place where faults become sentences.

use core::fmt;

use crate::reply::{CommandFault, HaltReason, Held, RelayFault};

/// Says what went wrong with a command, and what to do.
pub(crate) fn fault(fault: &CommandFault, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match fault {
        CommandFault::NoBook => f.write_str("there is no book here yet; make or join one"),
        CommandFault::BookExists => f.write_str("there is a book here already"),
        CommandFault::NotReady => f.write_str("the book is not open yet; try again soon"),
        CommandFault::Busy => f.write_str("too much at once; try again soon"),
        CommandFault::BadAddress => f.write_str("the relay's address is not http(s)://host[:port]"),
        CommandFault::BadLabel => f.write_str("the device code is not 1 to 12 of A-Z, 0-9 and '-'"),
        CommandFault::BadManifest(why) => write!(f, "the manifest does not decode: {why}"),
        CommandFault::UnknownVerb(verb) => write!(f, "the manifest has no verb `{verb}`"),
        CommandFault::UnknownInput { op, input } => {
            write!(f, "op {op}: no input `{input}`, or it is given twice")
        }
        CommandFault::MissingInput { op, input } => {
            write!(f, "op {op}: input `{input}` is missing")
        }
        CommandFault::BadInput { op, why } => write!(f, "op {op}: {why}"),
        CommandFault::Limit(what) => write!(f, "limit: {what}"),
        CommandFault::Refused { op, refusal } => {
            write!(
                f,
                "op {op} would be refused: {} {}",
                refusal.code, refusal.label
            )
        }
        CommandFault::NotManager => f.write_str("only a manager may do this"),
        CommandFault::UnknownJoin => f.write_str("nobody asks to be let in by this id"),
        CommandFault::UnknownOp => f.write_str("no such op here"),
        CommandFault::ContentKey(why) => write!(f, "{why}"),
        CommandFault::SetupCodeUsed { book: Some(book) } => {
            write!(f, "the set-up code was used; join book {book}")
        }
        CommandFault::SetupCodeUsed { book: None } => {
            f.write_str("the set-up code was used, or never given out")
        }
        CommandFault::Relay(why) => relay(why, f),
        CommandFault::Held(why) => held(why, f),
        CommandFault::Halted(why) => halted(why, f),
        CommandFault::Storage(why) => write!(f, "the store: {why}"),
        CommandFault::Damaged(why) => write!(f, "what is stored does not check out: {why}"),
        CommandFault::Proving => f.write_str("a proof is running"),
    }
}

/// Says what went wrong between a client and its relay.
pub(crate) fn relay(fault: &RelayFault, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match fault {
        RelayFault::Unreachable => f.write_str("the relay does not answer"),
        RelayFault::Clock { relay_ms } => write!(
            f,
            "this device's clock is wrong; the relay's says {relay_ms} ms"
        ),
        RelayFault::Head { seq: Some(seq) } => {
            write!(f, "the relay's newest entry of this device is number {seq}")
        }
        RelayFault::Head { seq: None } => f.write_str("the relay has no entry of this device"),
        RelayFault::SeenUnknown => f.write_str("the relay holds less than this device has seen"),
        RelayFault::NotAdmitted => f.write_str("the relay does not know this device's key"),
        RelayFault::Busy => f.write_str("the relay is busy"),
        RelayFault::Problem {
            status,
            kind,
            detail,
        } => write!(f, "the relay says {status} {kind}: {detail}"),
        RelayFault::Malformed { what } => write!(f, "the relay's answer does not parse: {what}"),
        RelayFault::Mismatch { what } => write!(f, "the relay answered with another {what}"),
        RelayFault::Unsupported { position, why } => {
            write!(
                f,
                "this build does not know what stands at position {position} ({why}): update"
            )
        }
        RelayFault::Invalid { position, why } => {
            write!(f, "the order is invalid at position {position}: {why}")
        }
    }
}

/// Says why no own entries go out.
pub(crate) fn held(held: &Held, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match held {
        Held::Forked { seq } => write!(
            f,
            "the order holds another entry {seq} of this device: its data was copied; continue as a new installation"
        ),
        Held::Rejected { seq, why } => {
            write!(f, "the relay refuses entry {seq} of this device: ")?;
            relay(why, f)
        }
    }
}

/// Says why the fold stands still.
pub(crate) fn halted(halt: &HaltReason, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match halt {
        HaltReason::MissingManifest(id) => write!(f, "the bytes of manifest {id} are not here yet"),
        HaltReason::MissingContentKey(epoch) => {
            write!(f, "the content key of epoch {epoch} is not here yet")
        }
        HaltReason::UnknownLevel(level) => {
            write!(f, "this build does not know language level {level}: update")
        }
        HaltReason::Unsupported { position, why } => {
            write!(
                f,
                "this build does not know what stands at position {position} ({why}): update"
            )
        }
    }
}
