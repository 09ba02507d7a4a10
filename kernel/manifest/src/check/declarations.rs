//! Everything outside the bodies of verbs: names, types, entities, roles, inputs.

use super::{
    Fault, Place, Why,
    names::{few, label, name, reason_code, verb_name},
};
use crate::{
    ast::{Edge, Entity, EntityId, Field, FieldId, LEVEL, Manifest, Type, Verb, VerbKind},
    limits,
};
use alloc::{collections::BTreeSet, format, string::String, vec::Vec};

/// Columns that the rows of every table have beside their fields.
const RESERVED: [&str; 3] = ["id", "idx", "device"];

/// Every rule that the declarations break.
pub(super) fn check(manifest: &Manifest) -> Vec<Fault> {
    let mut judge = Judge {
        manifest,
        faults: Vec::new(),
    };
    judge.whole();
    judge.lists();
    for (index, entity) in manifest.entities.iter().enumerate() {
        judge.entity(index, entity);
    }
    for (index, role) in manifest.roles.iter().enumerate() {
        judge.role(Place::Role(index), &role.code, &role.dims);
    }
    for (index, verb) in manifest.verbs.iter().enumerate() {
        judge.verb(index, verb);
    }
    judge.faults
}

/// Where a type stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    /// A field of an entity.
    Row,
    /// An input of a verb.
    Input,
    /// A field of a list's records.
    Record,
    /// A dimension of a role.
    Dimension,
}

struct Judge<'a> {
    manifest: &'a Manifest,
    faults: Vec<Fault>,
}

impl Judge<'_> {
    fn note(&mut self, place: Place, judged: Result<(), Why>) {
        if let Err(why) = judged
            && self.faults.len() < limits::DIAGNOSTICS_MAX
        {
            self.faults.push(why.at(place));
        }
    }

    fn whole(&mut self) {
        let manifest = self.manifest;
        if manifest.level != LEVEL {
            let cause = format!("language level {} is not {LEVEL}", manifest.level);
            self.note(
                Place::Manifest,
                Err(Why::new("level", cause, "use a build that knows it")),
            );
        }
        self.note(Place::Manifest, name(&manifest.name));
        let counts = [
            (manifest.enums.len(), "enums"),
            (manifest.roles.len(), "roles"),
            (manifest.series.len(), "series"),
            (manifest.refusals.len(), "refusals"),
            (manifest.flags.len(), "flags"),
            (manifest.entities.len(), "entities"),
            (manifest.verbs.len(), "verbs"),
        ];
        for (count, what) in counts {
            self.note(Place::Manifest, few(count, limits::NAMES_MAX, what));
        }
    }

    fn lists(&mut self) {
        let manifest = self.manifest;
        let mut seen = BTreeSet::new();
        for (index, known) in manifest.enums.iter().enumerate() {
            let place = Place::Enum(index);
            self.fresh(place, &known.name, &mut seen);
            self.note(place, name(&known.name));
            self.note(place, few(known.values.len(), limits::FIELDS_MAX, "values"));
            if known.values.is_empty() {
                self.note(
                    place,
                    Err(Why::new("type", "an enum has no values", "give it one")),
                );
            }
            let mut values = BTreeSet::new();
            for value in &known.values {
                self.note(place, name(value));
                self.fresh(place, value, &mut values);
            }
        }
        let mut seen = BTreeSet::new();
        for (index, series) in manifest.series.iter().enumerate() {
            self.note(Place::Series(index), name(series));
            self.fresh(Place::Series(index), series, &mut seen);
        }
        let mut seen = BTreeSet::new();
        for (index, reason) in manifest.refusals.iter().enumerate() {
            self.reason(
                Place::Refusal(index),
                (&reason.code, &reason.label),
                &mut seen,
            );
        }
        let mut seen = BTreeSet::new();
        for (index, reason) in manifest.flags.iter().enumerate() {
            self.reason(Place::Flag(index), (&reason.code, &reason.label), &mut seen);
        }
        self.named();
    }

    fn named(&mut self) {
        let manifest = self.manifest;
        let (mut seen, mut codes) = (BTreeSet::new(), BTreeSet::new());
        for (index, role) in manifest.roles.iter().enumerate() {
            self.name_and_label(Place::Role(index), &role.name, &role.label);
            self.fresh(Place::Role(index), &role.name, &mut seen);
            self.fresh(Place::Role(index), &role.code, &mut codes);
        }
        let mut seen = BTreeSet::new();
        for (index, entity) in manifest.entities.iter().enumerate() {
            self.name_and_label(Place::Entity(index), &entity.name, &entity.label);
            self.fresh(Place::Entity(index), &entity.name, &mut seen);
        }
        let mut seen = BTreeSet::new();
        for (index, verb) in manifest.verbs.iter().enumerate() {
            let place = Place::Verb(index);
            self.note(place, verb_name(&verb.name));
            self.note(place, label(&verb.label));
            self.fresh(place, &verb.name, &mut seen);
        }
    }

    fn reason<'n>(
        &mut self,
        place: Place,
        (code, text): (&'n str, &str),
        seen: &mut BTreeSet<&'n str>,
    ) {
        self.note(place, reason_code(code));
        self.note(place, label(text));
        self.fresh(place, code, seen);
    }

    fn name_and_label(&mut self, place: Place, called: &str, text: &str) {
        self.note(place, name(called));
        self.note(place, label(text));
    }

    fn fresh<'n>(&mut self, place: Place, called: &'n str, seen: &mut BTreeSet<&'n str>) {
        if !seen.insert(called) {
            let cause = format!("{called} is declared twice");
            self.note(
                place,
                Err(Why::new("duplicate", cause, "rename one of them")),
            );
        }
    }

    fn role(&mut self, place: Place, code: &str, dims: &[Field]) {
        if code.is_empty() || code.len() > 16 || !crate::shape::is_code(code) {
            let cause = "a role needs a short code for reports";
            self.note(
                place,
                Err(Why::new("name", cause, "use at most 16 of A-Z 0-9 . _ / -")),
            );
        }
        self.note(place, few(dims.len(), limits::DIMS_MAX, "dimensions"));
        self.fields(dims, Use::Dimension, |_| place);
    }

    fn fields(&mut self, fields: &[Field], used: Use, place: impl Fn(usize) -> Place) {
        let mut seen = BTreeSet::new();
        for (index, field) in fields.iter().enumerate() {
            let place = place(index);
            self.name_and_label(place, &field.name, &field.label);
            self.fresh(place, &field.name, &mut seen);
            self.ty(place, &field.ty, used);
            if used != Use::Input && field.edge.is_some() {
                let cause = "only an input of a verb is filled at the edge";
                self.note(place, Err(Why::new("edge", cause, "leave the `=` out")));
            }
        }
    }

    fn ty(&mut self, place: Place, ty: &Type, used: Use) {
        let judged = match ty {
            Type::Int { min, max } if min > max => Err(bad_type("the least is above the greatest")),
            Type::Code(max) if !(1..=limits::CODE_MAX).contains(max) => {
                Err(bad_type("a code has 1 to 64 characters"))
            }
            Type::Text(max) if !(1..=limits::TEXT_MAX).contains(max) => {
                Err(bad_type("a text has 1 to 4096 bytes"))
            }
            Type::Enum(index) if usize::from(*index) >= self.manifest.enums.len() => {
                Err(Why::new("index", "there is no such enum", "declare it"))
            }
            Type::Ref(entity) => self.referable(*entity),
            Type::Bool | Type::Text(_) | Type::Time | Type::Sealed(_) | Type::Option(_)
                if used == Use::Dimension =>
            {
                Err(bad_type(
                    "a dimension is a code, a number, a date, an enum, an id or an author",
                ))
            }
            Type::Option(inner) => match **inner {
                Type::Option(_) | Type::Sealed(_) | Type::List(..) => {
                    Err(bad_type("this is optional or may be empty already"))
                }
                _ => {
                    self.ty(place, inner, used);
                    Ok(())
                }
            },
            Type::List(fields, max) if used == Use::Input => self.list(place, fields, *max),
            Type::List(..) => Err(bad_type("a list stands only among the inputs of a verb")),
            _ => Ok(()),
        };
        self.note(place, judged);
    }

    fn list(&mut self, place: Place, fields: &[Field], max: u16) -> Result<(), Why> {
        self.fields(fields, Use::Record, |_| place);
        few(fields.len(), limits::FIELDS_MAX, "fields")?;
        if fields.is_empty() || !(1..=limits::LIST_MAX).contains(&max) {
            return Err(bad_type(
                "a list has 1 to 500 elements, each with a field at least",
            ));
        }
        Ok(())
    }

    fn referable(&self, entity: EntityId) -> Result<(), Why> {
        match self.manifest.entities.get(usize::from(entity)) {
            None => Err(Why::new("index", "there is no such entity", "declare it")),
            Some(found) if found.parent.is_some() => {
                let cause = format!("rows of {} have no id of their own", found.name);
                Err(Why::new(
                    "child",
                    cause,
                    "refer to the row that they belong to",
                ))
            }
            Some(_) => Ok(()),
        }
    }

    fn entity(&mut self, index: usize, entity: &Entity) {
        let place = Place::Entity(index);
        self.fields(&entity.fields, Use::Row, |field| {
            Place::EntityField(index, field)
        });
        self.note(
            place,
            few(entity.fields.len(), limits::FIELDS_MAX, "fields"),
        );
        if entity.fields.is_empty() {
            self.note(place, Err(bad_type("an entity has no fields")));
        }
        let parent = entity
            .parent
            .map(|parent| self.manifest.entities.get(usize::from(parent)));
        for (number, field) in entity.fields.iter().enumerate() {
            let of_parent = matches!(parent, Some(Some(parent)) if parent.name == field.name);
            if RESERVED.contains(&field.name.as_str()) || of_parent {
                let cause = format!("every row has {} without being told", field.name);
                let why = Why::new("name", cause, "rename the field or leave it out");
                self.note(Place::EntityField(index, number), Err(why));
            }
        }
        if let Some(parent) = parent {
            self.note(place, child(entity, parent));
        }
        for set in &entity.unique {
            self.note(place, unique(&entity.fields, set));
        }
        self.note(
            place,
            few(entity.unique.len(), limits::DIMS_MAX, "unique sets"),
        );
        self.note(place, self.status(entity));
        let shown = entity
            .shown
            .iter()
            .all(|field| usize::from(*field) < entity.fields.len());
        if !shown || entity.shown.len() > limits::DIMS_MAX {
            self.note(
                place,
                Err(Why::new(
                    "index",
                    "there is no such field to show",
                    "name up to six that exist",
                )),
            );
        }
    }

    fn status(&self, entity: &Entity) -> Result<(), Why> {
        let Some(status) = &entity.status else {
            return Ok(());
        };
        let field = entity
            .fields
            .get(usize::from(status.field))
            .map(|field| &field.ty);
        let Some(Type::Enum(index)) = field else {
            return Err(Why::new(
                "status",
                "a status is no enum",
                "give the field an enum as its type",
            ));
        };
        let known = self.manifest.enums.get(usize::from(*index));
        let values = known.map_or(0, |known| known.values.len());
        let mut seen = BTreeSet::new();
        for (from, to) in &status.edges {
            let there = usize::from(*from) < values && usize::from(*to) < values;
            if !there || from == to || !seen.insert((from, to)) {
                let cause = "an edge is there twice, or leads nowhere or back to its start";
                return Err(Why::new("status", cause, "write each `a -> b` once"));
            }
        }
        if status.edges.is_empty() {
            return Err(Why::new(
                "status",
                "a status has no edges",
                "declare them or leave it out",
            ));
        }
        Ok(())
    }

    fn verb(&mut self, index: usize, verb: &Verb) {
        let place = Place::Verb(index);
        self.fields(&verb.params, Use::Input, |param| Place::Param(index, param));
        self.note(place, few(verb.params.len(), limits::FIELDS_MAX, "inputs"));
        for (number, param) in verb.params.iter().enumerate() {
            let judged = param
                .edge
                .map_or(Ok(()), |edge| self.edge(verb, param, edge));
            self.note(Place::Param(index, number), judged);
        }
        if verb.kind == VerbKind::Claim {
            let cause = "claims are not in this language level";
            self.note(
                place,
                Err(Why::new("class", cause, "make it final, office or draft")),
            );
        }
        if verb.level > 2 {
            let cause = "a commit level is 0, 1 or 2";
            self.note(
                place,
                Err(Why::new("class", cause, "say how durable it must be")),
            );
        }
        if usize::from(verb.slots) < verb.params.len() || verb.slots > limits::SLOTS_MAX {
            let cause = format!("a verb has at most {} inputs and names", limits::SLOTS_MAX);
            self.note(place, Err(Why::new("limit", cause, "split it")));
        }
    }

    fn edge(&self, verb: &Verb, param: &Field, edge: Edge) -> Result<(), Why> {
        let fits = match (edge, &param.ty) {
            (Edge::NewId, Type::Id) | (Edge::Today, Type::Date) | (Edge::Now, Type::Time) => true,
            (Edge::Next { series, date }, Type::Int { .. }) => {
                let dated = verb.params.get(usize::from(date)).map(|param| &param.ty);
                usize::from(series) < self.manifest.series.len() && dated == Some(&Type::Date)
            }
            _ => false,
        };
        if fits {
            return Ok(());
        }
        let cause = format!("{} cannot be filled like that", param.name);
        let mend = "new is for an id, today for a date, now for a time, next(series, date input) for an int";
        Err(Why::new("edge", cause, mend))
    }
}

fn child(entity: &Entity, parent: Option<&Entity>) -> Result<(), Why> {
    let Some(parent) = parent else {
        return Err(Why::new("index", "there is no such parent", "declare it"));
    };
    if parent.parent.is_some() {
        let cause = format!("{} is a child itself", parent.name);
        return Err(Why::new("child", cause, "children have no children"));
    }
    if parent.owner != entity.owner {
        return Err(Why::new(
            "child",
            "a child has another owner than its parent",
            "give it the same",
        ));
    }
    if !entity.unique.is_empty() || entity.status.is_some() {
        let cause = "a child has a status or must be unique";
        return Err(Why::new("child", cause, "give that to its parent"));
    }
    Ok(())
}

fn unique(fields: &[Field], set: &[FieldId]) -> Result<(), Why> {
    let distinct: BTreeSet<_> = set.iter().collect();
    if set.is_empty() || distinct.len() != set.len() {
        return Err(Why::new(
            "index",
            "a unique set is empty or names a field twice",
            "name each once",
        ));
    }
    for number in set {
        let Some(field) = fields.get(usize::from(*number)) else {
            return Err(Why::new(
                "index",
                "there is no such field",
                "name one that exists",
            ));
        };
        match field.ty {
            Type::Text(_) | Type::Sealed(_) => {
                let cause = format!("{} is a text or sealed, and is to be unique", field.name);
                return Err(Why::new("sealed", cause, "make a code unique instead"));
            }
            Type::Time | Type::Option(_) | Type::List(..) | Type::Bool => {
                let cause = format!("{} cannot be part of a key", field.name);
                return Err(Why::new(
                    "type",
                    cause,
                    "use a code, a number, a date, an enum or an id",
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

fn bad_type(cause: impl Into<String>) -> Why {
    Why::new("type", cause, "choose another type or other bounds")
}
