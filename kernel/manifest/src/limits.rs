//! Every limit of the language, in one table. A change here is a change of the language level.

/// Source text, in bytes.
pub const SOURCE_MAX: usize = 1 << 20;
/// Bytes of a syntax tree.
pub const AST_MAX: usize = 1 << 20;
/// Nodes of a syntax tree: bounds the memory that its bytes can turn into.
pub const NODES_MAX: u32 = 200_000;
/// Nesting of a syntax tree's encoding: structures, lists and choices within each other.
pub const NESTING_MAX: u32 = 200;
/// Nesting of an expression.
pub const DEPTH_MAX: u32 = 32;
/// Nesting of statements.
pub const BLOCKS_MAX: u32 = 12;
/// Statements and loop elements that one op may run.
pub const STEPS_MAX: u64 = 16_384;
/// Expression nodes that one op may evaluate.
pub const WORK_MAX: u64 = 1 << 20;
/// Value cells of one verb.
pub const SLOTS_MAX: u16 = 256;
/// Child rows of one row.
pub const CHILDREN_MAX: u16 = 500;
/// Elements of a list that an op carries.
pub const LIST_MAX: u16 = 500;
/// Entities, roles, enums, series, refusals, flags or verbs of a manifest; each.
pub const NAMES_MAX: usize = 1_000;
/// Fields of an entity or record, inputs of a verb, dimensions of a role, values of an enum.
pub const FIELDS_MAX: usize = 128;
/// Dimensions of a role.
pub const DIMS_MAX: usize = 6;
/// Bytes of a name.
pub const NAME_MAX: usize = 48;
/// Bytes of a label.
pub const LABEL_MAX: usize = 240;
/// Bytes of a code.
pub const CODE_MAX: u16 = 64;
/// Bytes of a text.
pub const TEXT_MAX: u16 = 4_096;
/// Diagnostics that one compilation reports before it gives up.
pub const DIAGNOSTICS_MAX: usize = 50;

/// Bound of money and of an integer without bounds of its own, either side of zero.
pub const MONEY_MAX: i64 = 1_000_000_000_000_000;
/// Bound of a price.
pub const PRICE_MAX: i64 = 10_000_000_000_000;
/// Bound of a quantity.
pub const QTY_MAX: i64 = 1_000_000_000_000;
/// One, in parts per million.
pub const PPM_ONE: i64 = 1_000_000;
/// 0001-01-01 in days since 1970-01-01.
pub const DATE_MIN: i64 = -719_162;
/// 9999-12-31 in days since 1970-01-01.
pub const DATE_MAX: i64 = 2_932_896;
/// 0001-01-01T00:00Z in milliseconds since 1970.
pub const TIME_MIN: i64 = DATE_MIN * 86_400_000;
/// The last millisecond of the year 9999.
pub const TIME_MAX: i64 = (DATE_MAX + 1) * 86_400_000 - 1;

const _: () = {
    // The encoding nests a handful of levels for each level of statement and two for each of an expression.
    assert!(
        NESTING_MAX >= 2 * DEPTH_MAX + 4 * BLOCKS_MAX + 16,
        "a legal tree must decode"
    );
    assert!(
        CHILDREN_MAX <= LIST_MAX,
        "a document that was inserted from one list can be looped over"
    );
};
