//! Statements: what a verb does, in which blocks, at what cost.

use super::{
    Fault, Place, Why,
    cost::Cost,
    facts::{self, Fact, Path},
    ty::Ty,
    walk::{Cell, Seen, Walk},
};
use crate::{
    ast::{
        EntityId, Expr, FieldId, Manifest, Owner, RoleId, Slot, Source, Stmt, Type, Verb, VerbKind,
    },
    limits, shape,
};
use alloc::{format, vec::Vec};

/// Every rule that the body of a verb breaks.
pub(super) fn check(manifest: &Manifest, index: usize, verb: &Verb) -> Vec<Fault> {
    let mut walk = Walk::new(manifest, index, verb);
    let cost = walk.block(&verb.body, 1);
    let mut faults = walk.faults;
    if cost.steps > limits::STEPS_MAX || cost.work > limits::WORK_MAX {
        let cause = format!(
            "one op may take {} steps and {} evaluations, at most {} and {} are allowed",
            cost.steps,
            cost.work,
            limits::STEPS_MAX,
            limits::WORK_MAX
        );
        let why = Why::new(
            "steps",
            cause,
            "loop over fewer elements, or do less for each",
        );
        faults.push(why.at(Place::Verb(index)));
    }
    faults
}

impl Walk<'_> {
    /// What a block lets and learns ends with it.
    fn block(&mut self, body: &[Stmt], depth: u32) -> Cost {
        let (written, learned) = (self.written.len(), self.facts.len());
        let mut cost = Cost::default();
        for stmt in body {
            cost = cost.and(self.stmt(stmt, depth)).and(Cost::STEP);
        }
        for slot in self.written.split_off(written) {
            self.unbind(slot);
        }
        self.facts.truncate(learned);
        cost
    }

    fn stmt(&mut self, stmt: &Stmt, depth: u32) -> Cost {
        let at = self.enter();
        if depth > limits::BLOCKS_MAX {
            let cause = format!("blocks are nested deeper than {}", limits::BLOCKS_MAX);
            self.fault(at, Why::new("limit", cause, "make it flatter"));
            return Cost::default();
        }
        let allowed = self.allowed(stmt);
        self.note(at, allowed);
        match stmt {
            Stmt::Let(slot, value) => self.bind_let(at, *slot, value),
            Stmt::Require(condition, reason) => self.require(at, condition, *reason),
            Stmt::Warn(condition, flag, about) => self.warn(at, condition, (*flag, about.as_ref())),
            Stmt::Insert { entity, id, fields } => self.insert(at, *entity, (id, fields)),
            Stmt::Set {
                entity,
                row,
                field,
                value,
            } => self.set(at, (*entity, *field), row, value),
            Stmt::Goto { entity, row, state } => self.goto(at, *entity, row, *state),
            Stmt::Number {
                series,
                year,
                value,
            } => {
                if usize::from(*series) >= self.manifest.series.len() {
                    self.fault(
                        at,
                        Why::new("index", "there is no such series", "declare it"),
                    );
                }
                let year = self.given(year, &PLAIN);
                year.cost.and(self.given(value, &PLAIN).cost)
            }
            Stmt::Each {
                slot,
                source,
                max,
                body,
            } => self.each(at, (*slot, source), *max, (body, depth)),
            Stmt::When(condition, yes, no) => self.when(condition, (yes, no), depth),
            Stmt::Post {
                doc,
                date,
                currency,
                body,
            } => self.post([doc, date, currency], body, depth),
            Stmt::Line {
                role, dims, amount, ..
            } => self.line(at, *role, dims, amount),
            Stmt::Reverse { doc, of, date } => self.reverse(doc, of, date),
        }
    }

    /// Which statements may stand where, and in which kind of verb.
    fn allowed(&self, stmt: &Stmt) -> Result<(), Why> {
        let inside = matches!(
            stmt,
            Stmt::Let(..) | Stmt::Warn(..) | Stmt::Each { .. } | Stmt::When(..) | Stmt::Line { .. }
        );
        if self.in_post && !inside {
            let cause = "only let, warn, each, when, dr and cr stand inside a post";
            return Err(Why::new("post", cause, "move it before or behind the post"));
        }
        if !self.in_post && matches!(stmt, Stmt::Line { .. }) {
            return Err(Why::new(
                "post",
                "a line stands outside a post",
                "put it into one",
            ));
        }
        let books = matches!(
            stmt,
            Stmt::Post { .. } | Stmt::Reverse { .. } | Stmt::Number { .. }
        );
        if books && self.verb.kind == VerbKind::Draft {
            let cause = "a draft verb books or numbers something";
            return Err(Why::new("class", cause, "make the verb final or office"));
        }
        Ok(())
    }

    fn bind_let(&mut self, at: u32, slot: Slot, value: &Expr) -> Cost {
        let seen = self.expr(value);
        let ty = match seen.ty {
            Ty::None => {
                self.fault(
                    at,
                    Why::new("option", "a name is given to none", "leave it out"),
                );
                Ty::Unknown
            }
            ty => ty,
        };
        let bound = self.bind(
            slot,
            Cell {
                ty,
                shared: seen.shared,
            },
        );
        if bound.is_ok() {
            self.written.push(slot);
        }
        self.note(at, bound);
        seen.cost
    }

    fn require(&mut self, at: u32, condition: &Expr, reason: u16) -> Cost {
        let node = self.next;
        let seen = self.truth(condition);
        self.settled(node, seen.shared);
        if usize::from(reason) >= self.manifest.refusals.len() {
            self.fault(
                at,
                Why::new("index", "there is no such refusal", "declare it"),
            );
        }
        facts::learn(condition, true, &mut self.facts);
        seen.cost
    }

    fn warn(&mut self, at: u32, condition: &Expr, (flag, about): (u16, Option<&Expr>)) -> Cost {
        let seen = self.truth(condition);
        if usize::from(flag) >= self.manifest.flags.len() {
            self.fault(at, Why::new("index", "there is no such flag", "declare it"));
        }
        match about {
            Some(about) => seen.cost.and(self.row(about, None).cost),
            None => seen.cost,
        }
    }

    fn insert(
        &mut self,
        at: u32,
        entity: EntityId,
        (id, fields): (&Expr, &[(FieldId, Expr)]),
    ) -> Cost {
        let found = self.manifest.entities.get(usize::from(entity));
        let parent = found.and_then(|found| found.parent);
        let row = self.row(id, parent.or(Some(entity)));
        self.settled(at, row.shared);
        let mut cost = row.cost;
        let mut named = Vec::new();
        for (field, value) in fields {
            let known = found.and_then(|found| found.fields.get(usize::from(*field)));
            cost = match known {
                Some(known) => cost.and(self.stored(value, &known.ty).cost),
                None => cost.and(self.expr(value).cost),
            };
            if known.is_none() || named.contains(field) {
                self.fault(
                    at,
                    Why::new(
                        "index",
                        "a field is named twice or does not exist",
                        "name each once",
                    ),
                );
            }
            named.push(*field);
        }
        let Some(found) = found else {
            self.fault(
                at,
                Why::new("index", "there is no such entity", "declare it"),
            );
            return cost;
        };
        for (field, number) in found.fields.iter().zip(0u16..) {
            if !named.contains(&number) && shape::default_of(&field.ty).is_none() {
                let cause = format!("a new row of {} needs {}", found.name, field.name);
                self.fault(at, Why::new("insert", cause, "give it a value"));
            }
        }
        if self.verb.kind == VerbKind::Final && !found.unique.is_empty() {
            let cause = format!(
                "a final verb inserts into {}, whose rows must be unique",
                found.name
            );
            self.fault(
                at,
                Why::new(
                    "partition",
                    cause,
                    "who comes second is refused: make it draft or office",
                ),
            );
        }
        match parent {
            // Nobody else knows a row that this op makes.
            None => self.facts.extend(Path::of(id).map(Fact::Own)),
            Some(_) => self.settled(at, found.owner != Owner::Device && !self.own(id)),
        }
        cost
    }

    /// Judges a value that goes into a field of a row.
    fn stored(&mut self, value: &Expr, ty: &Type) -> Seen {
        let at = self.next;
        let seen = self.given(value, ty);
        self.copies(at, (value, seen.shared), ty);
        seen
    }

    fn set(
        &mut self,
        at: u32,
        (entity, field): (EntityId, FieldId),
        row: &Expr,
        value: &Expr,
    ) -> Cost {
        let seen = self.row(row, Some(entity));
        let found = self.rows_of(entity);
        let known = found
            .as_ref()
            .ok()
            .and_then(|found| found.fields.get(usize::from(field)));
        let value = match known {
            Some(known) => self.stored(value, &known.ty),
            None => self.expr(value),
        };
        match found {
            Err(why) => self.fault(at, why),
            Ok(_) if known.is_none() => {
                self.fault(
                    at,
                    Why::new("index", "there is no such field", "name one that exists"),
                );
            }
            Ok(found) if found.owner == Owner::Immutable => {
                let cause = format!("rows of {} never change", found.name);
                self.fault(
                    at,
                    Why::new(
                        "owner",
                        cause,
                        "insert another row, or let the entity be shared",
                    ),
                );
            }
            Ok(found)
                if found
                    .status
                    .as_ref()
                    .is_some_and(|status| status.field == field) =>
            {
                let cause = "a status is set past its edges";
                self.fault(at, Why::new("status", cause, "write goto"));
            }
            Ok(found) if self.verb.kind == VerbKind::Final && unique(found, field) => {
                let cause = "a final verb sets a field that must be unique";
                self.fault(at, Why::new("partition", cause, "make it draft or office"));
            }
            Ok(_) => self.settled(at, seen.shared),
        }
        seen.cost.and(value.cost)
    }

    fn goto(&mut self, at: u32, entity: EntityId, row: &Expr, state: u16) -> Cost {
        let seen = self.row(row, Some(entity));
        match self.rows_of(entity) {
            Err(why) => self.fault(at, why),
            Ok(found) => {
                let edges = found
                    .status
                    .as_ref()
                    .map(|status| status.edges.as_slice())
                    .unwrap_or_default();
                if !edges.iter().any(|(_, to)| *to == state) {
                    let cause = format!("no edge of {} leads there", found.name);
                    self.fault(
                        at,
                        Why::new("status", cause, "declare the edge in the entity's status"),
                    );
                }
                if found.owner == Owner::Immutable {
                    let cause = format!("rows of {} never change", found.name);
                    self.fault(
                        at,
                        Why::new("owner", cause, "let the entity be shared or device"),
                    );
                }
                self.settled(at, seen.shared || found.owner == Owner::Shared);
            }
        }
        seen.cost
    }

    fn each(
        &mut self,
        at: u32,
        (slot, source): (Slot, &Source),
        max: u16,
        (body, depth): (&[Stmt], u32),
    ) -> Cost {
        let (elements, why) = match self.elements(source, 1) {
            Ok(elements) => (Some(elements), None),
            Err(why) => (None, Some(why)),
        };
        if let Some(why) = why {
            self.fault(at, why);
        }
        let ty = elements
            .as_ref()
            .map_or(Ty::Unknown, |elements| elements.ty.clone());
        let shared = elements.as_ref().is_some_and(|elements| elements.shared);
        if max > elements.as_ref().map_or(u16::MAX, |elements| elements.max) || max == 0 {
            self.fault(
                at,
                Why::new(
                    "limit",
                    "a loop runs never, or longer than its source",
                    "say a smaller max",
                ),
            );
        }
        let bound = self.bind(slot, Cell { ty, shared });
        let fresh = bound.is_ok();
        self.note(at, bound);
        let before = self.swayed;
        self.swayed |= shared;
        let cost = self.block(body, depth.saturating_add(1));
        self.swayed = before;
        if fresh {
            self.unbind(slot);
        }
        let source = elements.map_or(Cost::default(), |elements| elements.cost);
        source.and(cost.times(max))
    }

    fn when(&mut self, condition: &Expr, (yes, no): (&[Stmt], &[Stmt]), depth: u32) -> Cost {
        let seen = self.truth(condition);
        let (before, mark) = (self.swayed, self.facts.len());
        self.swayed |= seen.shared;
        facts::learn(condition, true, &mut self.facts);
        let one = self.block(yes, depth.saturating_add(1));
        self.facts.truncate(mark);
        facts::learn(condition, false, &mut self.facts);
        let other = self.block(no, depth.saturating_add(1));
        self.facts.truncate(mark);
        self.swayed = before;
        seen.cost.and(one.or(other))
    }

    fn post(&mut self, [doc, date, currency]: [&Expr; 3], body: &[Stmt], depth: u32) -> Cost {
        let node = self.next;
        let row = self.row(doc, None);
        let day = self.given(date, &Type::Date);
        let code = self.given(currency, &Type::Code(3));
        self.settled(node, row.shared || day.shared || code.shared);
        let outer = core::mem::replace(&mut self.in_post, true);
        let cost = self.block(body, depth.saturating_add(1));
        self.in_post = outer;
        row.cost.and(day.cost).and(code.cost).and(cost)
    }

    fn line(&mut self, at: u32, role: RoleId, dims: &[Expr], amount: &Expr) -> Cost {
        let known = self.manifest.roles.get(usize::from(role));
        let declared = known.map(|role| role.dims.as_slice()).unwrap_or_default();
        let mut cost = Cost::default();
        let mut shared = false;
        for (number, dim) in dims.iter().enumerate() {
            let seen = match declared.get(number) {
                Some(field) => self.given(dim, &field.ty),
                None => self.expr(dim),
            };
            cost = cost.and(seen.cost);
            shared |= seen.shared;
        }
        let amount = self.given(amount, &Type::Money);
        self.settled(at, shared || amount.shared);
        match known {
            None => self.fault(at, Why::new("index", "there is no such role", "declare it")),
            Some(role) if role.dims.len() != dims.len() => {
                let cause = format!(
                    "{} has {} dimensions, {} are given",
                    role.name,
                    role.dims.len(),
                    dims.len()
                );
                self.fault(
                    at,
                    Why::new("post", cause, "give each dimension its value, in order"),
                );
            }
            Some(_) => {}
        }
        cost.and(amount.cost)
    }

    fn reverse(&mut self, doc: &Expr, of: &Expr, date: &Expr) -> Cost {
        let row = self.row(doc, None);
        let node = self.next;
        let original = self.row(of, None);
        let own = Path::of(of).is_some_and(|path| self.facts.contains(&Fact::Own(path)));
        self.settled(node, original.shared || !own);
        let day = self.given(date, &Type::Date);
        row.cost.and(original.cost).and(day.cost)
    }
}

fn unique(entity: &crate::ast::Entity, field: FieldId) -> bool {
    entity.unique.iter().any(|set| set.contains(&field))
}

/// Any whole number.
const PLAIN: Type = Type::Int {
    min: i64::MIN,
    max: i64::MAX,
};
