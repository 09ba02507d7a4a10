//! Which screen the address names. The address is the fragment after `#`; screens begin with `/`.

use daybook_proto::{LineFilter, OpName, Val, pack, unpack};

use crate::format::{hex, unhex, unhex_all};

/// A screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Route {
    /// The till; the first screen.
    #[default]
    Till,
    /// The list of documents.
    Documents,
    /// One document.
    Document([u8; 16]),
    /// The trial balance.
    Balance,
    /// The lines behind a figure.
    Lines(LineFilter),
    /// The signed op behind a line.
    Op(OpName),
    /// The book, its safety, its devices, its proof.
    Book,
}

/// What an invitation in the address asks for; read once, when the app starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invitation {
    /// `#setup=CODE`: make a book.
    Setup(String),
    /// `#join=HEX`: join a book.
    Join([u8; 32]),
}

impl Route {
    /// Reads the address. What it does not know is the till.
    #[must_use]
    pub fn parse(fragment: &str) -> Route {
        let path = fragment.trim_start_matches('#');
        let mut parts = path.trim_start_matches('/').split('/');
        let known = match (parts.next().unwrap_or_default(), parts.next(), parts.next()) {
            ("documents", None, _) => Some(Route::Documents),
            ("documents", Some(id), None) => unhex(id).map(Route::Document),
            ("balance", None, _) => Some(Route::Balance),
            ("lines", Some(filter), None) => unhex_all(filter)
                .and_then(|frame| unpack(&frame).ok())
                .map(Route::Lines),
            ("op", Some(entry), Some(index)) => unhex(entry)
                .zip(index.parse().ok())
                .map(|(entry, index)| Route::Op(OpName { entry, index })),
            ("book", None, _) => Some(Route::Book),
            _ => None,
        };
        known.unwrap_or_default()
    }

    /// The address of the screen.
    #[must_use]
    pub fn href(&self) -> String {
        match self {
            Route::Till => "#/till".into(),
            Route::Documents => "#/documents".into(),
            Route::Document(id) => format!("#/documents/{}", hex(id)),
            Route::Balance => "#/balance".into(),
            Route::Lines(filter) => format!("#/lines/{}", hex(&pack(filter))),
            Route::Op(op) => format!("#/op/{}/{}", hex(&op.entry), op.index),
            Route::Book => "#/book".into(),
        }
    }

    /// The tab that it belongs to, by its place in the bar.
    #[must_use]
    pub fn tab(&self) -> usize {
        match self {
            Route::Till => 0,
            Route::Documents | Route::Document(_) => 1,
            Route::Balance | Route::Lines(_) | Route::Op(_) => 2,
            Route::Book => 3,
        }
    }
}

impl Invitation {
    /// Reads the address.
    #[must_use]
    pub fn parse(fragment: &str) -> Option<Invitation> {
        let text = fragment.trim_start_matches('#');
        if let Some(code) = text.strip_prefix("setup=") {
            return (!code.is_empty()).then(|| Invitation::Setup(code.to_owned()));
        }
        text.strip_prefix("join=")
            .and_then(|id| unhex(&id.to_lowercase()))
            .map(Invitation::Join)
    }
}

/// The book that somebody typed or pasted: its 64 hex digits, or a link that ends with them.
#[must_use]
pub fn typed_book(typed: &str) -> Option<[u8; 32]> {
    let text = typed.trim().to_lowercase();
    let id = text
        .rsplit_once("join=")
        .map_or(text.as_str(), |(_, id)| id);
    unhex(id)
}

/// The filter that names what a figure of the trial balance is made of.
#[must_use]
pub fn figure(role: &str, currency: &str, dims: Vec<Val>) -> Route {
    Route::Lines(LineFilter {
        doc: None,
        role: Some(role.to_owned()),
        dims,
        currency: Some(currency.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Claim: every screen has an address that leads back to it.
    #[test]
    fn addresses_lead_back() {
        for route in [
            Route::Till,
            Route::Documents,
            Route::Document([7; 16]),
            Route::Balance,
            figure(
                "widget",
                "EUR",
                vec![Val::Int(-5), Val::Id([3; 16]), Val::Text("A/1".into())],
            ),
            Route::Op(OpName {
                entry: [1; 32],
                index: 12,
            }),
            Route::Book,
        ] {
            assert_eq!(Route::parse(&route.href()), route);
        }
    }

    /// Claim: an unknown or damaged address is the till, never a panic.
    #[test]
    fn unknown_addresses() {
        for text in [
            "",
            "#",
            "#/nothing",
            "#/op/12/3",
            "#/lines/ff",
            "#/lines/é",
            "#setup=ABC",
            "#/documents/zz/1",
        ] {
            assert_eq!(Route::parse(text), Route::Till, "{text}");
        }
    }

    /// Claim: invitations are read from the address, pasted links and bare ids.
    #[test]
    fn invitations() {
        let id = "AB".repeat(32);
        assert_eq!(
            Invitation::parse("#setup=K7-Q2"),
            Some(Invitation::Setup("K7-Q2".into()))
        );
        assert_eq!(Invitation::parse("#setup="), None);
        assert_eq!(
            Invitation::parse(&format!("#join={id}")),
            Some(Invitation::Join([0xab; 32]))
        );
        assert_eq!(Invitation::parse("#/till"), None);
        assert_eq!(
            typed_book(&format!(" http://shop.example/#join={id} ")),
            Some([0xab; 32])
        );
        assert_eq!(typed_book(&id), Some([0xab; 32]));
        assert_eq!(typed_book("abab"), None);
    }
}
