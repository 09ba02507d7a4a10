//! This installation: its keys, the book it belongs to, and the relay it talks to.

use alloc::{string::String, vec::Vec};
use core::fmt;

use daybook_log::control::{author_id, check_label};
use daybook_log::limits::LIST_MAX;
use daybook_log::wire::JoinRequest;
use daybook_log::{AuthorId, BookId, ContentEpoch, KeyAdd, MemberRole, SealingKey, SecretKey};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::content::{ContentKey, RingFault};
use crate::effect::Secret;
use crate::input::Seeds;
use crate::reply::CommandFault;

/// What is stored of an installation's secrets.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Keys {
    author: [u8; 32],
    request: [u8; 32],
    sealing: [u8; 32],
    root: Option<[u8; 32]>,
    /// Content keys by epoch; they count if the log declares them.
    content: Vec<(u32, [u8; 32])>,
}

/// Most bytes of stored keys.
const KEYS_BYTES_MAX: u32 = 256 + LIST_MAX * (5 + 32);

impl Keys {
    /// Keys of an installation that makes a book keep the root seed, too.
    pub(crate) fn of(seeds: &Seeds, founder: bool) -> Self {
        Self {
            author: seeds.author,
            request: seeds.request,
            sealing: seeds.sealing,
            root: founder.then_some(seeds.root),
            content: Vec::new(),
        }
    }

    /// For the store.
    pub(crate) fn write(&self) -> Secret {
        Secret(daybook_log::codec::encode(self))
    }

    /// From the store. Builds before the first content key stored no list of them.
    pub(crate) fn read(secret: &Secret) -> Option<Self> {
        let read = |bytes: &[u8]| daybook_log::codec::decode_canonical(bytes, KEYS_BYTES_MAX).ok();
        let before = || Zeroizing::new([secret.0.as_slice(), &[0]].concat());
        read(&secret.0).or_else(|| read(&before()))
    }

    /// Content keys as stored.
    pub(crate) fn content(&self) -> Vec<(ContentEpoch, ContentKey)> {
        let stored = self.content.iter();
        stored
            .map(|(epoch, key)| (ContentEpoch(*epoch), ContentKey::from_seed(*key)))
            .collect()
    }

    /// Keeps a content key; one of the same epoch gives way. The old list is wiped, not moved.
    pub(crate) fn keep(&mut self, epoch: ContentEpoch, key: &ContentKey) -> Result<(), RingFault> {
        let others = self.content.iter().filter(|(held, _)| *held != epoch.0);
        let mut content = Vec::with_capacity(self.content.len().saturating_add(1));
        content.extend(others);
        content.push((epoch.0, *key.bytes()));
        if u32::try_from(content.len()).is_ok_and(|held| held > LIST_MAX) {
            content.zeroize();
            return Err(RingFault::Full);
        }
        content.sort_unstable();
        self.content.zeroize();
        self.content = content;
        Ok(())
    }

    /// The key that approves devices when no manager is left; only the founder has it.
    pub(crate) fn root(&self) -> Option<SecretKey> {
        self.root.map(SecretKey::from_seed)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(..)")
    }
}

/// An installation of a book.
#[derive(Debug)]
pub(crate) struct Me {
    pub(crate) book: BookId,
    pub(crate) author: AuthorId,
    pub(crate) label: String,
    pub(crate) relay: String,
    pub(crate) author_key: SecretKey,
    pub(crate) request_key: SecretKey,
    pub(crate) keys: Keys,
}

impl Me {
    pub(crate) fn new(keys: Keys, book: BookId, relay: String, label: String) -> Self {
        let author_key = SecretKey::from_seed(keys.author);
        let request_key = SecretKey::from_seed(keys.request);
        let author = author_id(&book, &author_key.public());
        Self {
            book,
            author,
            label,
            relay,
            author_key,
            request_key,
            keys,
        }
    }

    /// What asks to be let in, with both proofs of possession.
    pub(crate) fn key_add(&self, role: MemberRole) -> KeyAdd {
        let sealing = SealingKey::from_seed(self.keys.sealing).public();
        KeyAdd::prove(
            &self.book,
            &self.author_key,
            &self.request_key,
            sealing,
            (role, &self.label),
        )
    }

    /// What a device that wants to join sends.
    pub(crate) fn join_request(&self) -> JoinRequest {
        JoinRequest::from(&self.key_add(MemberRole::Member))
    }

    /// A path below the book on its relay.
    pub(crate) fn path(&self, rest: &str) -> String {
        alloc::format!("/v1/books/{}/{rest}", self.book)
    }
}

/// How far an installation has come, as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Stage {
    /// Its founding entry may or may not have reached the relay.
    Founding {
        /// Needed to send it again.
        setup_code: String,
    },
    /// Not let in yet, as far as known.
    Joining,
    /// The book is open.
    Open,
}

/// The stored value `client`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Saved {
    pub(crate) version: u8,
    pub(crate) stage: Stage,
    pub(crate) relay: String,
    pub(crate) label: String,
    pub(crate) book: BookId,
    pub(crate) genesis: Vec<u8>,
}

/// The stored value `at`: how far rows and entries reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct At {
    pub(crate) rows_position: u64,
    pub(crate) rows_tip: [u8; 32],
    pub(crate) entries_position: u64,
}

/// Name of the stored value [`Saved`].
pub(crate) const META_CLIENT: &str = "client";
/// Name of the stored value [`At`].
pub(crate) const META_AT: &str = "at";
/// The version of [`Saved`] that this build writes and reads.
pub(crate) const SAVED_VERSION: u8 = 1;

/// Looks for a stored value by name.
pub(crate) fn meta<'a>(all: &'a [(String, Vec<u8>)], name: &str) -> Option<&'a [u8]> {
    all.iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_slice())
}

/// Checks a relay's base address and a device code before anything is made with them. Gives the address in its one
/// form: lower case, without the scheme's own port, as HTTP clients name the host.
pub(crate) fn check_address(relay: &str, label: &str) -> Result<String, CommandFault> {
    let base = relay
        .strip_suffix('/')
        .unwrap_or(relay)
        .to_ascii_lowercase();
    authority(&base).ok_or(CommandFault::BadAddress)?;
    check_label(label).map_err(|_| CommandFault::BadLabel)?;
    let own = if base.starts_with("https://") {
        ":443"
    } else {
        ":80"
    };
    Ok(base.strip_suffix(own).map(String::from).unwrap_or(base))
}

/// `host[:port]` of a base address.
pub(crate) fn authority(base: &str) -> Option<&str> {
    let rest = base
        .strip_prefix("https://")
        .or_else(|| base.strip_prefix("http://"))?;
    let fits = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-' | b':' | b'[' | b']');
    (!rest.is_empty() && rest.len() <= 255 && rest.bytes().all(fits)).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Claim: an address with a path, a user or another scheme is refused, and a trailing slash is not.
    #[test]
    fn addresses() {
        assert_eq!(
            check_address("https://a.example:8443/", "K-1"),
            Ok(String::from("https://a.example:8443"))
        );
        for (given, one) in [
            ("HTTP://LocalHost:80", "http://localhost"),
            ("https://a:443/", "https://a"),
            ("http://a:8080", "http://a:8080"),
        ] {
            assert_eq!(check_address(given, "K"), Ok(String::from(one)));
        }
        for bad in [
            "a.example",
            "ftp://a",
            "https://",
            "https://a/b",
            "https://u@a",
            "https://a?b",
            "https://a b",
        ] {
            assert_eq!(
                check_address(bad, "K-1"),
                Err(CommandFault::BadAddress),
                "{bad}"
            );
        }
        assert_eq!(check_address("https://a", "k"), Err(CommandFault::BadLabel));
    }

    /// Claim: stored keys come back, and their text form shows nothing.
    #[test]
    fn keys_come_back() {
        let seeds = Seeds {
            author: [1; 32],
            request: [2; 32],
            sealing: [3; 32],
            root: [4; 32],
            nonce: [5; 32],
        };
        let mut keys = Keys::of(&seeds, true);
        let now = keys.write();
        let before = Secret(now.0[..now.0.len() - 1].to_vec());
        let again = Keys::read(&before).unwrap();
        assert_eq!((again.author, again.content.len()), ([1; 32], 0));
        for (epoch, seed) in [(2, 6), (1, 7), (2, 8)] {
            keys.keep(ContentEpoch(epoch), &ContentKey::from_seed([seed; 32]))
                .unwrap();
        }
        let again = Keys::read(&keys.write()).unwrap();
        assert_eq!(again.content, [(1, [7; 32]), (2, [8; 32])]);
        let again = Keys::read(&keys.write()).unwrap();
        assert_eq!((again.author, again.root), (keys.author, Some([4; 32])));
        assert_eq!(
            alloc::format!("{:?} {:?} {:?}", keys, seeds, keys.write()),
            "Keys(..) Seeds(..) Secret(..)"
        );
        assert!(Keys::of(&seeds, false).root().is_none());
    }
}
