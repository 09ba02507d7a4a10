//! What each route does, once it is clear who asks.

mod books;
mod chunks;
mod entries;
mod joins;
mod proofs;

pub(crate) use books::{found, genesis, key, tip};
pub(crate) use chunks::{chunk, put_chunk};
pub(crate) use entries::{append, range, tail};
pub(crate) use joins::{ask_to_join, how_it_stands, who_asks};
pub(crate) use proofs::{checkpoint, consistency, receipt};

use crate::No;
use daybook_log::wire::{MEDIA_TYPE, Problem, WireBody};
use hyper::header::CONTENT_TYPE;
use hyper::http::request::Parts;

/// Bodies of other requests stay empty.
const NO_BODY: u32 = 0;

/// A body of the protocol, in its one form.
fn read<T: WireBody>(parts: &Parts, bytes: &[u8]) -> Result<T, Box<Problem>> {
    let media = parts
        .headers
        .get(CONTENT_TYPE)
        .map(|media| media.as_bytes());
    if media != Some(MEDIA_TYPE.as_bytes()) {
        return Err(No::MediaType.because(MEDIA_TYPE));
    }
    T::from_wire(bytes).map_err(|why| No::Malformed.because(why))
}

/// Numbers of the query by name: each known, once at most, decimal, no sign, no leading zero.
fn numbers<const N: usize>(
    parts: &Parts,
    names: [&str; N],
) -> Result<[Option<u64>; N], Box<Problem>> {
    let mut found = [None; N];
    let query = parts.uri.query().unwrap_or_default();
    for pair in query.split('&').filter(|_| !query.is_empty()) {
        let bad = || No::Query.because(format!("numbers only, each once, of {}", names.join(", ")));
        let (name, text) = pair.split_once('=').ok_or_else(bad)?;
        let at = names
            .iter()
            .position(|known| *known == name)
            .ok_or_else(bad)?;
        let number: u64 = text.parse().map_err(|_| bad())?;
        if number.to_string() != text || found[at].replace(number).is_some() {
            return Err(bad());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_known_numbers_each_once() {
        let ask = |query: &str| {
            let request = hyper::Request::builder()
                .uri(format!("/x?{query}"))
                .body(())
                .unwrap();
            numbers(&request.into_parts().0, ["from", "limit"]).ok()
        };
        assert_eq!(ask(""), Some([None, None]));
        assert_eq!(ask("limit=7&from=1"), Some([Some(1), Some(7)]));
        for bad in [
            "from",
            "from=",
            "from=01",
            "from=+1",
            "from=-1",
            "from=1&from=1",
            "to=1",
            "from=18446744073709551616",
            "&from=1",
        ] {
            assert_eq!(ask(bad), None, "{bad}");
        }
    }
}
