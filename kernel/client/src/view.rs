//! What screens and terminals read. Every name in it comes from the manifests.

use alloc::{string::String, vec::Vec};

use daybook_log::{AuthorId, EntryId, ManifestId, OpId, Tip};
use daybook_manifest::ast::RoleKind;
use daybook_manifest::value::Value;

use crate::effect::OpAt;
use crate::reply::Outlook;

/// A value with its name, as stored and as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldView {
    /// The field's name.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// The value.
    pub value: Value,
    /// The value as people read it: a reference shows what stands for the row.
    pub text: String,
}

/// A row of an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowView {
    /// The entity's name.
    pub entity: String,
    /// The row's id.
    pub id: [u8; 16],
    /// What stands for it where another row refers to it.
    pub title: String,
    /// Who inserted it, where devices own the rows of the entity.
    pub owner: Option<AuthorId>,
    /// Its fields.
    pub fields: Vec<FieldView>,
}

/// A row that lines are booked on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentView {
    /// The entity's name.
    pub entity: String,
    /// What people call the entity.
    pub label: String,
    /// The row's id.
    pub id: [u8; 16],
    /// What stands for it.
    pub title: String,
    /// The value of its status field.
    pub status: Option<String>,
    /// Date of its first booking, days since 1970-01-01.
    pub date: i32,
    /// Currency of its first booking.
    pub currency: String,
    /// Sum of the debit lines of its first booking, minor units.
    pub amount: i64,
    /// Where its first op is, and how safe.
    pub at: OpAt,
    /// Lines booked on it in all.
    pub lines: u32,
}

/// One booked line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostingView {
    /// The op that booked it, and how safe that is.
    pub at: OpAt,
    /// Number of the line within the op.
    pub line: u16,
    /// The row that it belongs to.
    pub doc: [u8; 16],
    /// Days since 1970-01-01.
    pub date: i32,
    /// The role's name.
    pub role: String,
    /// What people call the role.
    pub label: String,
    /// Its number on reports.
    pub code: String,
    /// Its dimensions.
    pub dims: Vec<FieldView>,
    /// Three letters.
    pub currency: String,
    /// Debit counts up, credit counts down, minor units.
    pub amount: i64,
}

/// One line of a trial balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalanceLine {
    /// The role's name.
    pub role: String,
    /// What people call it.
    pub label: String,
    /// Its number on reports.
    pub code: String,
    /// Where it belongs.
    pub kind: RoleKind,
    /// Its dimensions, where the role shows a line for each.
    pub dims: Vec<FieldView>,
    /// Three letters.
    pub currency: String,
    /// Debit minus credit, minor units.
    pub amount: i128,
}

/// All booked lines summed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrialBalance {
    /// By number, role, dimensions and currency; lines of zero are left out.
    pub lines: Vec<BalanceLine>,
    /// Currency, sum of the debit balances, sum of the credit balances: they are equal, or something is wrong.
    pub totals: Vec<(String, i128, i128)>,
}

/// Which lines are wanted. Everything that is given must match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostingFilter {
    /// The row that they belong to.
    pub doc: Option<[u8; 16]>,
    /// The role's name.
    pub role: Option<String>,
    /// Dimensions from the first on.
    pub dims: Vec<Value>,
    /// Three letters.
    pub currency: Option<String>,
}

/// What stands behind an op: enough to check it by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpProof {
    /// The op, and how safe it is.
    pub at: OpAt,
    /// Who signed.
    pub author: AuthorId,
    /// The author's device code.
    pub device: String,
    /// Place of the entry in the author's chain.
    pub seq: u64,
    /// The author's entry before, zeros at seq 0.
    pub prev: EntryId,
    /// The position that the author had seen.
    pub seen_position: u64,
    /// The order's hash after the entry; none while it has no position.
    pub tip: Option<Tip>,
    /// When the relay placed it, milliseconds; decides nothing.
    pub relay_time_ms: Option<i64>,
    /// The author's clock, milliseconds; decides nothing.
    pub authored_at_ms: i64,
    /// The manifest that the op was written for.
    pub manifest: ManifestId,
    /// That manifest's name.
    pub manifest_name: String,
    /// The verb's name.
    pub verb: String,
    /// What people call it.
    pub verb_label: String,
    /// Its inputs, if they decode.
    pub inputs: Vec<FieldView>,
    /// What became of it.
    pub outlook: Option<Outlook>,
    /// The key that signed.
    pub key: [u8; 32],
    /// The signature over the entry id.
    pub signature: [u8; 64],
    /// It was verified just now.
    pub verified: bool,
    /// Ids of the entry's other ops.
    pub siblings: Vec<OpId>,
    /// Length of the entry, bytes.
    pub bytes_len: u64,
}

/// The two hashes of the books at a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hashes {
    /// Entries folded.
    pub position: u64,
    /// The order's hash there.
    pub tip: Tip,
    /// Order-exact.
    pub state_hash: [u8; 32],
    /// Order-free.
    pub books_hash: [u8; 32],
    /// The language level is frozen: the hashes will be the same in every later release.
    pub frozen: bool,
}

/// An installation in the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberView {
    /// The author.
    pub author: AuthorId,
    /// Its device code.
    pub label: String,
    /// It may let others in and adopt manifests.
    pub manager: bool,
    /// The position that let it in.
    pub from: u64,
}
