//! The client's words as the page's, and the page's as the client's. Every match names every case: what is new in the
//! kernel does not get lost on its way to the screen.

use daybook_client::view::{self, FieldView as Field};
use daybook_client::{
    Command, CommandFault, Difference, Durability, EdgeInputs, JoinView, NewOp, Notice, OnRefused,
    OpAt, Outlook, Phase, Proof, Reply, Seeds, Status,
};
use daybook_fold::rowform;
use daybook_log::{BookId, EntryId, OpId};
use daybook_manifest::ast::{Manifest, RoleKind};
use daybook_manifest::printable;
use daybook_manifest::value::Value;
use daybook_proto as proto;

/// A command of the page in the client's words; a query gives itself back. What only a shell has — where the relay is,
/// the first manifest, fresh bytes, the clock — is handed in.
///
/// # Errors
/// The ask, if it is a query.
pub fn command(
    ask: proto::Ask,
    relay: &str,
    ast: &[u8],
    seeds: Seeds,
    edge: EdgeInputs,
) -> Result<Command, proto::Ask> {
    let relay = relay.to_owned();
    Ok(match ask {
        proto::Ask::Create { setup_code, label } => Command::Create {
            relay,
            setup_code,
            ast: ast.to_vec(),
            label,
            seeds,
        },
        proto::Ask::Join { book, label } => Command::Join {
            relay,
            book: BookId(book),
            label,
            seeds,
        },
        proto::Ask::Askers => Command::ListJoins,
        proto::Ask::Approve { id } => Command::Approve { id },
        proto::Ask::Append { ops } => Command::Append {
            ops: ops.into_iter().map(new_op).collect(),
            edge,
            refused: OnRefused::Abort,
        },
        proto::Ask::Sync => Command::Sync,
        proto::Ask::Prove => Command::Prove,
        proto::Ask::Op(op) => Command::OpProof {
            op: OpId {
                entry: EntryId(op.entry),
                index: op.index,
            },
        },
        query => return Err(query),
    })
}

fn new_op(op: proto::NewOp) -> NewOp {
    NewOp {
        verb: op.verb,
        inputs: op
            .inputs
            .into_iter()
            .map(|(name, val)| (name, value(val)))
            .collect(),
    }
}

/// A value in the kernel's words.
pub(crate) fn value(val: proto::Val) -> Value {
    match val {
        proto::Val::None => Value::None,
        proto::Val::Bool(truth) => Value::Bool(truth),
        proto::Val::Int(number) => Value::Int(number),
        proto::Val::Id(id) => Value::Id(id),
        proto::Val::Author(author) => Value::Author(author),
        proto::Val::Text(text) => Value::Text(text.into()),
        proto::Val::List(rows) => Value::List(
            rows.into_iter()
                .map(|row| row.into_iter().map(value).collect())
                .collect(),
        ),
    }
}

/// A value in the page's words.
pub(crate) fn val(value: &Value) -> proto::Val {
    match value {
        Value::None => proto::Val::None,
        Value::Bool(truth) => proto::Val::Bool(*truth),
        Value::Int(number) => proto::Val::Int(*number),
        Value::Id(id) => proto::Val::Id(*id),
        Value::Author(author) => proto::Val::Author(*author),
        Value::Text(text) => proto::Val::Text(text.as_ref().to_owned()),
        Value::List(rows) => proto::Val::List(
            rows.iter()
                .map(|row| row.iter().map(val).collect())
                .collect(),
        ),
    }
}

/// What came of a command. A proof carries what only the shell knows: how long it took, and the words of the manifest.
#[must_use]
pub fn reply(reply: Reply, manifest: Option<&Manifest>, took_ms: u64) -> proto::Reply {
    match reply {
        Reply::Created { book } | Reply::Joined { book, .. } => {
            proto::Reply::InBook { book: book.0 }
        }
        Reply::Joins(joins) => proto::Reply::Askers(joins.iter().map(asker).collect()),
        Reply::Approved { .. } | Reply::Adopted { .. } | Reply::KeyHeld { .. } => {
            proto::Reply::Done
        }
        Reply::Appended { ops, .. } => {
            let op = |op: daybook_client::Appended| Some((op_name(op.op?), outlook(op.outlook)));
            proto::Reply::Appended(ops.into_iter().filter_map(op).collect())
        }
        Reply::Synced { position, .. } => proto::Reply::Synced { position },
        Reply::Proved(proof) => proto::Reply::Proved(Box::new(proved(proof, manifest, took_ms))),
        Reply::OpProof(op) => proto::Reply::Op(Box::new(op_view(*op))),
    }
}

fn asker(join: &JoinView) -> proto::AskerView {
    proto::AskerView {
        id: join.id,
        author: join.author.0,
        label: join.label.clone(),
        asked_at_ms: join.asked_at_ms,
    }
}

fn proved(proof: Proof, manifest: Option<&Manifest>, took_ms: u64) -> proto::ProofView {
    proto::ProofView {
        position: proof.position,
        tip: proof.tip.0,
        state_hash: proof.state_hash,
        books_hash: proof.books_hash,
        ops: proof.ops,
        took_ms,
        difference: proof.difference.map(|found| difference(found, manifest)),
    }
}

/// Where stored and derived books part, with the columns that differ.
#[must_use]
pub fn difference(found: Difference, manifest: Option<&Manifest>) -> proto::Difference {
    match found {
        Difference::Row {
            key,
            name,
            stored,
            derived,
        } => {
            let (stored, derived) = columns(manifest, &key, stored.as_deref(), derived.as_deref());
            proto::Difference {
                name,
                stored: Some(stored),
                derived: Some(derived),
            }
        }
        Difference::Memory { name, .. } => proto::Difference {
            name: format!("{name} (as shown on the screens)"),
            stored: None,
            derived: None,
        },
        Difference::Entry { position, why } => proto::Difference {
            name: format!("entry at position {position}"),
            stored: Some(why),
            derived: None,
        },
        Difference::Hash => proto::Difference {
            name: "the hash of the books".into(),
            stored: None,
            derived: None,
        },
    }
}

/// The differing columns of two rows in words; bytes where the rows do not decode.
fn columns(
    manifest: Option<&Manifest>,
    key: &[u8],
    stored: Option<&[u8]>,
    derived: Option<&[u8]>,
) -> (String, String) {
    let typed = |bytes: Option<&[u8]>| {
        manifest.and_then(|manifest| rowform::decode_row(manifest, key, bytes?))
    };
    match (manifest, typed(stored), typed(derived)) {
        (Some(manifest), Some(left), Some(right)) => {
            let mut words = (Vec::new(), Vec::new());
            for ((name, ty, a), (_, _, b)) in left
                .columns
                .iter()
                .zip(&right.columns)
                .filter(|(a, b)| a != b)
            {
                words.0.push(format!(
                    "{name} {}",
                    printable::value_to_text(manifest, ty, a)
                ));
                words.1.push(format!(
                    "{name} {}",
                    printable::value_to_text(manifest, ty, b)
                ));
            }
            (words.0.join(", "), words.1.join(", "))
        }
        _ => (raw(stored), raw(derived)),
    }
}

fn raw(bytes: Option<&[u8]>) -> String {
    bytes.map_or_else(
        || "nothing".to_owned(),
        |bytes| bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
    )
}

fn op_view(op: view::OpProof) -> proto::OpView {
    proto::OpView {
        at: at(&op.at),
        author: op.author.0,
        device: op.device,
        seq: op.seq,
        prev: op.prev.0,
        seen_position: op.seen_position,
        tip: op.tip.map(|tip| tip.0),
        relay_time_ms: op.relay_time_ms,
        authored_at_ms: op.authored_at_ms,
        manifest: op.manifest.0,
        manifest_name: op.manifest_name,
        verb: op.verb,
        verb_label: op.verb_label,
        inputs: fields(&op.inputs),
        outlook: op.outlook.map(outlook),
        key: op.key,
        signature: op.signature.to_vec(),
        verified: op.verified,
        siblings: u32::try_from(op.siblings.len()).unwrap_or(u32::MAX),
        bytes_len: op.bytes_len,
    }
}

/// Names an op.
#[must_use]
pub fn op_name(op: OpId) -> proto::OpName {
    proto::OpName {
        entry: op.entry.0,
        index: op.index,
    }
}

pub(crate) fn at(at: &OpAt) -> proto::At {
    let durability = match at.durability {
        None => proto::Durability::Unwritten,
        Some(Durability::Local) => proto::Durability::Local,
        Some(Durability::Syncing) => proto::Durability::Syncing,
        Some(Durability::Durable(held)) => proto::Durability::Durable(held),
    };
    proto::At {
        op: op_name(at.op),
        position: at.position,
        durability,
    }
}

pub(crate) fn fields(fields: &[Field]) -> Vec<proto::FieldView> {
    let one = |field: &Field| proto::FieldView {
        name: field.name.clone(),
        label: field.label.clone(),
        val: val(&field.value),
        text: field.text.clone(),
    };
    fields.iter().map(one).collect()
}

fn named(named: daybook_client::Named) -> proto::Named {
    proto::Named {
        number: named.number,
        code: named.code,
        label: named.label,
    }
}

fn outlook(outlook: Outlook) -> proto::Outlook {
    match outlook {
        Outlook::Applied { flags } => {
            proto::Outlook::Applied(flags.into_iter().map(named).collect())
        }
        Outlook::Refused(why) => proto::Outlook::Refused(named(why)),
        Outlook::Unfit(why) => proto::Outlook::Refused(proto::Named {
            number: 0,
            code: "UNFIT".into(),
            label: why.to_string(),
        }),
    }
}

/// Why a command was not carried out.
#[must_use]
pub fn fault(fault: CommandFault) -> proto::Fault {
    match fault {
        CommandFault::Refused { refusal, .. } => proto::Fault::Refused(named(refusal)),
        CommandFault::SetupCodeUsed { book } => proto::Fault::SetupCodeUsed {
            book: book.map(|book| book.0),
        },
        other => proto::Fault::Said(other.to_string()),
    }
}

pub(crate) fn side(kind: RoleKind) -> proto::Side {
    match kind {
        RoleKind::Asset => proto::Side::Asset,
        RoleKind::Liability => proto::Side::Liability,
        RoleKind::Equity => proto::Side::Equity,
        RoleKind::Income => proto::Side::Income,
        RoleKind::Expense => proto::Side::Expense,
    }
}

/// How the installation stands; where its data lies and how much memory it takes is told by the shell.
#[must_use]
pub fn status(status: Status, rung: proto::Rung, memory: u64) -> proto::StatusView {
    proto::StatusView {
        phase: phase(status.phase),
        book: status.book.map(|book| book.0),
        relay: status.relay,
        author: status.author.map(|author| author.0),
        label: status.label,
        manager: status.manager,
        online: status.online,
        syncing: status.syncing,
        position: status.position,
        tip: status.tip.0,
        head: status.head,
        outbox: status.outbox,
        level: status.level,
        manifest: status.manifest.map(|manifest| manifest.0),
        fault: status.fault.map(|fault| fault.to_string()),
        halted: status
            .halted
            .map(|why| CommandFault::Halted(why).to_string()),
        held: status.held.map(|why| CommandFault::Held(why).to_string()),
        rung,
        memory,
        build: env!("CARGO_PKG_VERSION").into(),
    }
}

fn phase(phase: Phase) -> proto::Phase {
    match phase {
        Phase::Opening => proto::Phase::Opening,
        Phase::Empty => proto::Phase::Empty,
        Phase::Creating => proto::Phase::Creating,
        Phase::Joining => proto::Phase::Joining,
        Phase::Open => proto::Phase::Open,
        Phase::Damaged => proto::Phase::Damaged,
    }
}

/// What a notice is to the page besides a changed status: a notice of its own, or (none) that only.
#[must_use]
pub fn notice_stops(notice: &Notice) -> Option<proto::Notice> {
    Some(match notice {
        Notice::JoinWaiting { id, author } => proto::Notice::JoinWaiting {
            id: *id,
            author: author.0,
        },
        Notice::CatchUp { position, head } => proto::Notice::CatchUp {
            position: *position,
            head: *head,
        },
        Notice::Proving { done, total } => proto::Notice::Proving {
            done: *done,
            total: *total,
        },
        Notice::Phase(_)
        | Notice::Changed
        | Notice::Relay(_)
        | Notice::Halted(_)
        | Notice::Held(_) => return None,
        Notice::Damaged { why } | Notice::Storage { why } => {
            proto::Notice::Trouble { why: why.clone() }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Claim: a value comes through unchanged both ways.
    #[test]
    fn values_come_through() {
        let list = proto::Val::List(vec![vec![
            proto::Val::Id([1; 16]),
            proto::Val::Int(-5),
            proto::Val::Text("A".into()),
        ]]);
        for sent in [
            list,
            proto::Val::None,
            proto::Val::Bool(true),
            proto::Val::Author([2; 32]),
        ] {
            assert_eq!(val(&value(sent.clone())), sent);
        }
    }

    /// Claim: a query is given back untouched, a command is not.
    #[test]
    fn queries_are_given_back() {
        let edge = EdgeInputs::default;
        let query = proto::Ask::Documents { limit: 3 };
        assert_eq!(
            command(query.clone(), "", &[], Seeds::default(), edge()).err(),
            Some(query)
        );
        assert!(matches!(
            command(proto::Ask::Sync, "", &[], Seeds::default(), edge()),
            Ok(Command::Sync)
        ));
    }

    /// Claim: what is not on the disk is never shown as local.
    #[test]
    fn nothing_is_local_before_it_is_written() {
        let op = OpId {
            entry: EntryId([3; 32]),
            index: 0,
        };
        let shown = |durability| {
            at(&OpAt {
                op,
                position: None,
                durability,
            })
            .durability
        };
        assert_eq!(shown(None), proto::Durability::Unwritten);
        assert_eq!(shown(Some(Durability::Local)), proto::Durability::Local);
        assert_eq!(
            shown(Some(Durability::Durable(2))),
            proto::Durability::Durable(2)
        );
    }
}
