//! Words become indexes: from the source's tree to the canonical one.

use super::{
    diagnostic::{Mistake, Span},
    names::Names,
    parser::is_builtin_type,
    personal,
    scope::{Loose, Scope},
    syntax::{self, Part, Tree, TyKind, Word},
};
use crate::{
    ast::{
        Edge, Entity, Enum, Field, FieldId, LEVEL, Manifest, Owner, Reason, Role, Status, Type,
        Verb,
    },
    check::{Fault, Place},
};
use alloc::{
    borrow::ToOwned,
    boxed::Box,
    format,
    string::{String, ToString},
    vec::Vec,
};

/// Where each thing of a tree came from.
#[derive(Debug)]
pub(super) struct Spans {
    whole: Span,
    enums: Vec<Span>,
    roles: Vec<Span>,
    series: Vec<Span>,
    refusals: Vec<Span>,
    flags: Vec<Span>,
    entities: Vec<(Span, Vec<Span>)>,
    verbs: Vec<VerbSpans>,
}

/// Where a verb, its inputs, and the nodes of its body came from, these in the order in which the checker enters them.
#[derive(Debug)]
struct VerbSpans {
    name: Span,
    params: Vec<Span>,
    nodes: Vec<Span>,
}

impl Spans {
    pub(super) fn mistake(&self, fault: Fault) -> Mistake {
        let Fault {
            place,
            code,
            cause,
            mend,
        } = fault;
        let span = self.span(place).unwrap_or(self.whole);
        Mistake {
            span,
            code,
            cause,
            mend,
        }
    }

    fn span(&self, place: Place) -> Option<Span> {
        match place {
            Place::Manifest => Some(self.whole),
            Place::Enum(index) => self.enums.get(index).copied(),
            Place::Role(index) => self.roles.get(index).copied(),
            Place::Series(index) => self.series.get(index).copied(),
            Place::Refusal(index) => self.refusals.get(index).copied(),
            Place::Flag(index) => self.flags.get(index).copied(),
            Place::Entity(index) => self.entities.get(index).map(|(name, _)| *name),
            Place::EntityField(index, field) => self.entities.get(index)?.1.get(field).copied(),
            Place::Verb(index) => self.verbs.get(index).map(|verb| verb.name),
            Place::Param(index, param) => self.verbs.get(index)?.params.get(param).copied(),
            Place::Node(index, node) => self
                .verbs
                .get(index)?
                .nodes
                .get(usize::try_from(node).ok()?)
                .copied(),
        }
    }
}

/// The canonical tree of a source, not yet checked.
pub(super) fn lower(tree: &Tree<'_>) -> Result<(Manifest, Spans), Vec<Mistake>> {
    let manifest = Manifest {
        level: LEVEL,
        name: tree.name.text.to_owned(),
        version: tree.version,
        enums: Vec::new(),
        roles: Vec::new(),
        series: Vec::new(),
        refusals: Vec::new(),
        flags: Vec::new(),
        entities: Vec::new(),
        verbs: Vec::new(),
    };
    let spans = Spans {
        whole: tree.name.span,
        enums: Vec::new(),
        roles: Vec::new(),
        series: Vec::new(),
        refusals: Vec::new(),
        flags: Vec::new(),
        entities: Vec::new(),
        verbs: Vec::new(),
    };
    let (names, scope) = (Names::of(tree), Scope::default());
    let mut lower = Lower {
        tree,
        names,
        manifest,
        spans,
        mistakes: Vec::new(),
        scope,
        nodes: Vec::new(),
    };
    // Entities lean on enums, verbs on everything.
    tree.parts.iter().for_each(|part| lower.plain(part));
    tree.parts.iter().for_each(|part| lower.shaped(part));
    tree.parts.iter().for_each(|part| lower.verb(part));
    if lower.mistakes.is_empty() {
        Ok((lower.manifest, lower.spans))
    } else {
        Err(lower.mistakes)
    }
}

pub(super) struct Lower<'t, 's> {
    tree: &'t Tree<'s>,
    pub(super) names: Names<'s>,
    pub(super) manifest: Manifest,
    spans: Spans,
    pub(super) mistakes: Vec<Mistake>,
    pub(super) scope: Scope<'s>,
    /// Spans of the verb's nodes so far.
    pub(super) nodes: Vec<Span>,
}

impl<'s> Lower<'_, 's> {
    /// The value, or a stand-in where there is a mistake; the compilation fails then anyway.
    pub(super) fn or<T>(&mut self, result: Result<T, Mistake>, stand_in: T) -> T {
        result.unwrap_or_else(|mistake| {
            self.mistakes.push(mistake);
            stand_in
        })
    }

    /// What leans on nothing.
    fn plain(&mut self, part: &Part<'s>) {
        match part {
            Part::Enum { name, values } => {
                if is_builtin_type(name) {
                    let cause = format!("{} is a type of the language", name.text);
                    self.mistakes
                        .push(Mistake::new(name.span, "name", cause, "rename the enum"));
                }
                let values = values.iter().map(|value| value.text.to_owned()).collect();
                self.manifest.enums.push(Enum {
                    name: name.text.to_owned(),
                    values,
                });
                self.spans.enums.push(name.span);
            }
            Part::Series(name) => {
                self.manifest.series.push(name.text.to_owned());
                self.spans.series.push(name.span);
            }
            Part::Reason { flag, code, label } => {
                let reason = Reason {
                    code: code.text.to_owned(),
                    label: label.clone(),
                };
                let (reasons, spans) = match flag {
                    true => (&mut self.manifest.flags, &mut self.spans.flags),
                    false => (&mut self.manifest.refusals, &mut self.spans.refusals),
                };
                reasons.push(reason);
                spans.push(code.span);
            }
            _ => {}
        }
    }

    /// What has fields.
    fn shaped(&mut self, part: &Part<'s>) {
        match part {
            Part::Role(role) => {
                let dims = self.fields(&role.dims);
                self.spans.roles.push(role.name.span);
                self.manifest.roles.push(Role {
                    name: role.name.text.to_owned(),
                    code: role.code.clone(),
                    label: role.label.clone(),
                    kind: role.kind,
                    detail: role.detail,
                    dims,
                });
            }
            Part::Entity(entity) => self.entity(entity),
            _ => {}
        }
    }

    fn entity(&mut self, entity: &syntax::Entity<'s>) {
        let fields = self.fields(&entity.fields);
        let parent = entity.parent.map(|parent| {
            let found = self.names.entities.find("entity", parent);
            self.or(found, 0)
        });
        let inherited = entity.parent.and_then(|parent| self.owner_of(parent.text));
        let owner = entity.owner.or(inherited).unwrap_or(Owner::Shared);
        let unique = entity
            .unique
            .iter()
            .map(|set| self.fields_of(entity, set))
            .collect();
        let shown = self.fields_of(entity, &entity.shown);
        let status = entity.status.as_ref().map(|(field, edges)| {
            let number = self.field_of(entity, *field);
            let ty = fields
                .get(usize::from(number))
                .map(|field| Loose::of(&field.ty, 0).hint());
            let edges = edges
                .iter()
                .map(|(from, to)| {
                    (
                        self.state(ty.flatten(), *from),
                        self.state(ty.flatten(), *to),
                    )
                })
                .collect();
            Status {
                field: number,
                edges,
            }
        });
        let spans = entity.fields.iter().map(|field| field.name.span).collect();
        self.spans.entities.push((entity.name.span, spans));
        let label = entity
            .label
            .clone()
            .unwrap_or_else(|| label_of(entity.name.text));
        let name = entity.name.text.to_owned();
        self.manifest.entities.push(Entity {
            name,
            label,
            owner,
            parent,
            fields,
            unique,
            status,
            shown,
        });
    }

    fn owner_of(&self, name: &str) -> Option<Owner> {
        self.tree.parts.iter().find_map(|part| match part {
            Part::Entity(entity) if entity.name.text == name => entity.owner,
            _ => None,
        })
    }

    fn fields_of(&mut self, entity: &syntax::Entity<'s>, words: &[Word<'s>]) -> Vec<FieldId> {
        words
            .iter()
            .map(|word| self.field_of(entity, *word))
            .collect()
    }

    fn field_of(&mut self, entity: &syntax::Entity<'s>, word: Word<'s>) -> FieldId {
        let known = entity.fields.iter().map(|field| field.name.text);
        let found = known
            .clone()
            .zip(0u16..)
            .find(|(name, _)| *name == word.text);
        let found = found.map(|(_, number)| number);
        let result = found.ok_or_else(|| super::names::unknown("field", word, known));
        self.or(result, 0)
    }

    /// The value of an enum by its name.
    pub(super) fn state(&mut self, index: Option<u16>, word: Word<'_>) -> u16 {
        let known = index.and_then(|index| self.manifest.enums.get(usize::from(index)));
        let Some(known) = known else {
            let mend = "give the field an enum as its type";
            self.mistakes.push(Mistake::new(
                word.span,
                "status",
                "the status is no enum",
                mend,
            ));
            return 0;
        };
        let found = known
            .values
            .iter()
            .zip(0u16..)
            .find(|(value, _)| *value == word.text);
        let result = found.map(|(_, number)| number).ok_or_else(|| {
            super::names::unknown("value", word, known.values.iter().map(String::as_str))
        });
        self.or(result, 0)
    }

    fn fields(&mut self, fields: &[syntax::Field<'s>]) -> Vec<Field> {
        personal::lint(fields, &mut self.mistakes);
        fields
            .iter()
            .map(|field| self.field(field, fields))
            .collect()
    }

    fn field(&mut self, field: &syntax::Field<'s>, all: &[syntax::Field<'s>]) -> Field {
        let ty = self.ty(&field.ty);
        let edge = field.edge.map(|edge| self.edge(edge, all));
        let label = field
            .label
            .clone()
            .unwrap_or_else(|| label_of(field.name.text));
        Field {
            name: field.name.text.to_owned(),
            label,
            ty,
            edge,
        }
    }

    fn edge(&mut self, edge: syntax::Edge<'s>, all: &[syntax::Field<'s>]) -> Edge {
        match edge {
            syntax::Edge::New => Edge::NewId,
            syntax::Edge::Today => Edge::Today,
            syntax::Edge::Now => Edge::Now,
            syntax::Edge::Next { series, date } => {
                let known = all.iter().map(|field| field.name.text);
                let found = known
                    .clone()
                    .zip(0u16..)
                    .find(|(name, _)| *name == date.text);
                let found = found.map(|(_, number)| number);
                let result = found.ok_or_else(|| super::names::unknown("input", date, known));
                let date = self.or(result, 0);
                let series = self.names.series.find("series", series);
                Edge::Next {
                    series: self.or(series, 0),
                    date,
                }
            }
        }
    }

    /// Recursion is as deep as the parser let types nest.
    fn ty(&mut self, ty: &syntax::Ty<'s>) -> Type {
        match &ty.kind {
            TyKind::Int(min, max) => Type::Int {
                min: *min,
                max: *max,
            },
            TyKind::Code(max) => Type::Code(*max),
            TyKind::Text(max) => Type::Text(*max),
            TyKind::Sealed(class) => Type::Sealed(*class),
            TyKind::Ref(entity) => {
                let found = self.names.entities.find("entity", *entity);
                Type::Ref(self.or(found, 0))
            }
            TyKind::Option(inner) => Type::Option(Box::new(self.ty(inner))),
            TyKind::List(fields, max) => {
                let lowered = fields.iter().map(|field| self.field(field, &[])).collect();
                Type::List(lowered, *max)
            }
            TyKind::Named(word) => match word.text {
                "bool" => Type::Bool,
                "money" => Type::Money,
                "price" => Type::Price,
                "qty" => Type::Qty,
                "ppm" => Type::Ppm,
                "date" => Type::Date,
                "time" => Type::Time,
                "id" => Type::Id,
                "author" => Type::Author,
                _ => {
                    let found = self.names.enums.find("type or enum", *word);
                    Type::Enum(self.or(found, 0))
                }
            },
        }
    }

    fn verb(&mut self, part: &Part<'s>) {
        let Part::Verb(verb) = part else { return };
        let params = self.fields(&verb.params);
        self.scope = Scope::default();
        self.nodes = Vec::new();
        for ((field, lowered), number) in verb.params.iter().zip(&params).zip(0u16..) {
            self.fresh(field.name);
            self.scope
                .add(field.name.text, Loose::of(&lowered.ty, number));
        }
        let spans = verb.params.iter().map(|field| field.name.span).collect();
        // The verb must be known while its body is read: elements have the fields of its lists.
        let index = self.manifest.verbs.len();
        self.manifest.verbs.push(Verb {
            name: verb.name.clone(),
            label: verb.label.clone().unwrap_or_else(|| verb.name.to_string()),
            kind: verb.kind,
            level: verb.level,
            by: verb.by,
            params,
            slots: 0,
            body: Vec::new(),
        });
        let body = self.block(&verb.body);
        let nodes = core::mem::take(&mut self.nodes);
        self.spans.verbs.push(VerbSpans {
            name: verb.span,
            params: spans,
            nodes,
        });
        let slots = self.scope.next;
        if let Some(lowered) = self.manifest.verbs.get_mut(index) {
            (lowered.body, lowered.slots) = (body, slots);
        }
    }
}

/// `due_date` -> `Due date`
fn label_of(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut chars = words.chars();
    match chars.next() {
        Some(first) => format!("{}{}", first.to_ascii_uppercase(), chars.as_str()),
        None => words,
    }
}
