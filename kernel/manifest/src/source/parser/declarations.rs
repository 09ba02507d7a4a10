//! The top level: enums, roles, series, roundings, reasons, entities, verbs; and types.

use super::{Kind, Parsed, Parser};
use crate::{
    ast::{By, Class, Mode, Owner, RoleKind, VerbKind},
    limits,
    source::syntax::{Edge, Entity, Field, Part, Role, Ty, TyKind, Verb, Word},
};
use alloc::{boxed::Box, format, vec::Vec};

impl<'s> Parser<'_, 's> {
    pub(super) fn part(&mut self) -> Parsed<Part<'s>> {
        let Kind::Word(keyword) = *self.peek() else {
            return self.wanted("a declaration");
        };
        let what = "`enum`, `role`, `series`, `rounding`, `refusal`, `flag`, `entity` or `verb`";
        if !matches!(
            keyword,
            "enum" | "role" | "series" | "rounding" | "refusal" | "flag" | "entity" | "verb"
        ) {
            return self.wanted(what);
        }
        self.skip();
        match keyword {
            "enum" => {
                let name = self.word("the name of the enum")?;
                let values = self.list("{", "}", |parser| parser.word("a value"))?;
                Ok(Part::Enum { name, values })
            }
            "role" => self.role().map(Part::Role),
            "series" => self.word("the name of the series").map(Part::Series),
            "rounding" => {
                let name = self.word("the name of the rounding")?;
                Ok(Part::Rounding(name, self.mode()?))
            }
            "entity" => self.entity().map(Part::Entity),
            "verb" => self.verb().map(Part::Verb),
            reason => {
                let code = self.word("the code of the reason, in capitals")?;
                let label = self.text("a sentence that says the reason")?;
                Ok(Part::Reason {
                    flag: reason == "flag",
                    code,
                    label,
                })
            }
        }
    }

    fn mode(&mut self) -> Parsed<Mode> {
        let word = self.word("a rounding mode")?;
        mode(word.text).map_or_else(
            || {
                let cause = format!("{} is no rounding mode", word.text);
                let mend = "write half_up, half_even, down, up, floor or ceil";
                Err(super::Mistake::new(word.span, "unknown", cause, mend))
            },
            Ok,
        )
    }

    /// One of some words, each with its meaning.
    fn one_of<T: Copy>(&mut self, choices: &[(&str, T)], what: &str) -> Parsed<T> {
        let found = choices.iter().find(|(word, _)| self.is_word(word));
        match found {
            Some((_, meaning)) => {
                self.skip();
                Ok(*meaning)
            }
            None => self.wanted(what),
        }
    }

    fn role(&mut self) -> Parsed<Role<'s>> {
        let name = self.word("the name of the role")?;
        let label = self.text("a label for the role")?;
        self.word_is("code")?;
        let code = self.text("its number on reports, in quotes")?;
        let kinds = [
            ("asset", RoleKind::Asset),
            ("liability", RoleKind::Liability),
            ("equity", RoleKind::Equity),
            ("income", RoleKind::Income),
            ("expense", RoleKind::Expense),
        ];
        let kind = self.one_of(
            &kinds,
            "`asset`, `liability`, `equity`, `income` or `expense`",
        )?;
        let detail = self.maybe_word("detail");
        let dims = if self.is_sign("[") {
            self.list("[", "]", Self::field)?
        } else {
            Vec::new()
        };
        Ok(Role {
            name,
            label,
            code,
            kind,
            detail,
            dims,
        })
    }

    fn entity(&mut self) -> Parsed<Entity<'s>> {
        let name = self.word("the name of the entity")?;
        let parent = if self.maybe_word("of") {
            Some(self.word("the entity it belongs to")?)
        } else {
            None
        };
        let label = self.maybe_text();
        let owners = [
            ("device", Owner::Device),
            ("shared", Owner::Shared),
            ("immutable", Owner::Immutable),
        ];
        let named = owners.iter().any(|(word, _)| self.is_word(word));
        let owner = if parent.is_some() && !named {
            None
        } else {
            Some(self.one_of(
                &owners,
                "who writes its rows: `device`, `shared` or `immutable`",
            )?)
        };
        let (fields, unique, shown) = (Vec::new(), Vec::new(), Vec::new());
        let mut entity = Entity {
            name,
            label,
            parent,
            owner,
            fields,
            unique,
            shown,
            status: None,
        };
        self.sign("{")?;
        while !self.maybe_sign("}") {
            self.clause(&mut entity)?;
            self.maybe_sign(",");
        }
        Ok(entity)
    }

    /// A field, or one of `unique (…)`, `show (…)`, `status f { … }`.
    fn clause(&mut self, entity: &mut Entity<'s>) -> Parsed<()> {
        let field = matches!(self.peek_second(), Kind::Sign(":"));
        if !field && self.maybe_word("unique") {
            entity
                .unique
                .push(self.list("(", ")", |parser| parser.word("a field"))?);
        } else if !field && self.maybe_word("show") {
            entity.shown = self.list("(", ")", |parser| parser.word("a field"))?;
        } else if !field && self.maybe_word("status") {
            let field = self.word("the field that holds the status")?;
            let edges = self.list("{", "}", |parser| {
                let from = parser.word("a value")?;
                parser.sign("->")?;
                Ok((from, parser.word("a value")?))
            })?;
            entity.status = Some((field, edges));
        } else {
            entity.fields.push(self.field()?);
        }
        Ok(())
    }

    /// `name: type = edge "Label"`
    fn field(&mut self) -> Parsed<Field<'s>> {
        let name = self.word("the name of a field")?;
        self.sign(":")?;
        let ty = self.ty()?;
        let edge = if self.maybe_sign("=") {
            Some(self.edge()?)
        } else {
            None
        };
        let label = self.maybe_text();
        Ok(Field {
            name,
            label,
            ty,
            edge,
        })
    }

    fn edge(&mut self) -> Parsed<Edge<'s>> {
        let choices = [
            ("new", Some(Edge::New)),
            ("today", Some(Edge::Today)),
            ("now", Some(Edge::Now)),
            ("next", None),
        ];
        let plain = self.one_of(&choices, "`new`, `today`, `now` or `next(series, date)`")?;
        if let Some(edge) = plain {
            return Ok(edge);
        }
        self.sign("(")?;
        let series = self.word("a series")?;
        self.sign(",")?;
        let date = self.word("the input that holds the date")?;
        self.sign(")")?;
        Ok(Edge::Next { series, date })
    }

    pub(super) fn ty(&mut self) -> Parsed<Ty<'s>> {
        self.deeper(|parser| {
            let ty = Ty {
                kind: parser.plain_type()?,
            };
            let optional = parser.maybe_sign("?");
            Ok(if optional {
                Ty {
                    kind: TyKind::Option(Box::new(ty)),
                }
            } else {
                ty
            })
        })
    }

    fn plain_type(&mut self) -> Parsed<TyKind<'s>> {
        let word = self.word("a type")?;
        match word.text {
            "int" if self.maybe_sign("(") => {
                let min = self.whole("the least value")?;
                self.sign("..")?;
                let max = self.whole("the greatest value")?;
                self.sign(")")?;
                Ok(TyKind::Int(min, max))
            }
            "int" => Ok(TyKind::Int(-limits::MONEY_MAX, limits::MONEY_MAX)),
            "code" => self.length().map(TyKind::Code),
            "text" => self.length().map(TyKind::Text),
            "ref" => {
                self.sign("<")?;
                let entity = self.word("an entity")?;
                self.sign(">")?;
                Ok(TyKind::Ref(entity))
            }
            "sealed" => {
                self.sign("<")?;
                let classes = [
                    ("contact", Class::Contact),
                    ("fiscal", Class::Fiscal),
                    ("hr", Class::Hr),
                    ("note", Class::Note),
                ];
                let class = self.one_of(&classes, "`contact`, `fiscal`, `hr` or `note`")?;
                self.sign(">")?;
                Ok(TyKind::Sealed(class))
            }
            "list" => {
                self.sign("<")?;
                let fields = self.list("{", "}", Self::field)?;
                self.sign(",")?;
                let max = self.small("the greatest number of elements")?;
                self.sign(">")?;
                Ok(TyKind::List(fields, max))
            }
            _ => Ok(TyKind::Named(word)),
        }
    }

    fn length(&mut self) -> Parsed<u16> {
        self.sign("(")?;
        let length = self.small("the greatest length")?;
        self.sign(")")?;
        Ok(length)
    }

    fn verb(&mut self) -> Parsed<Verb<'s>> {
        let start = self.here();
        let noun = self.word("the name of the verb, noun.verb")?;
        self.sign(".")?;
        let action = self.word("the second half of the verb's name")?;
        let mut name = format!("{}.{}", noun.text, action.text);
        if self.maybe_sign("/") {
            let version: u16 = self.small("the version of the verb")?;
            name = format!("{name}/{version}");
        }
        let span = start.to(self.behind());
        let label = self.maybe_text();
        let kinds = [
            ("final", VerbKind::Final),
            ("claim", VerbKind::Claim),
            ("office", VerbKind::Office),
            ("draft", VerbKind::Draft),
        ];
        let kind = self.one_of(&kinds, "`final`, `office` or `draft`")?;
        self.word_is("level")?;
        let level = self.small("the commit level")?;
        self.word_is("by")?;
        let by = self.one_of(
            &[("member", By::Member), ("manager", By::Manager)],
            "`member` or `manager`",
        )?;
        let params = self.list("(", ")", Self::field)?;
        let body = self.block()?;
        Ok(Verb {
            name,
            span,
            label,
            kind,
            level,
            by,
            params,
            body,
        })
    }
}

/// The mode of a word.
pub(in crate::source) fn mode(word: &str) -> Option<Mode> {
    Some(match word {
        "half_up" => Mode::HalfUp,
        "half_even" => Mode::HalfEven,
        "down" => Mode::Down,
        "up" => Mode::Up,
        "floor" => Mode::Floor,
        "ceil" => Mode::Ceil,
        _ => return None,
    })
}

/// The word is a type of the language, so no enum may have it as its name.
pub(in crate::source) fn is_builtin_type(word: &Word<'_>) -> bool {
    matches!(
        word.text,
        "bool"
            | "int"
            | "money"
            | "price"
            | "qty"
            | "ppm"
            | "date"
            | "time"
            | "code"
            | "text"
            | "ref"
            | "id"
            | "author"
            | "sealed"
            | "list"
    )
}
