//! Appending and exchanging.

use std::time::Duration;

use daybook_client::{
    Appended, Command, CommandFault, EdgeInputs, NewOp, OnRefused, Outlook, Phase, Reply,
    document_id,
};
use serde_json::{Map, Value as Json, json};

use crate::command::Context;
use crate::command::setup::unexpected;
use crate::exit::CliFault;
use crate::shell::{Shell, now_ms, random};
use crate::{inputs, show};

/// Fresh ids that an op may need.
const IDS: usize = 4;

pub(super) fn append(
    context: &Context,
    verb: String,
    text: &str,
    today: Option<&str>,
) -> Result<(), CliFault> {
    let mut shell = context.offline()?;
    let view = shell
        .client()
        .view()
        .ok_or(CliFault::Command(daybook_client::CommandFault::NoBook))?;
    let manifest = view.manifest().ok_or_else(no_manifest)?;
    let inputs = inputs::read(manifest, &verb, text).map_err(CliFault::Usage)?;
    let ops = vec![NewOp { verb, inputs }];
    let command = Command::Append {
        ops,
        edge: edge(today, IDS)?,
        refused: OnRefused::Abort,
    };
    let Reply::Appended { ops, .. } = shell.ask(command)? else {
        return Err(unexpected());
    };
    let Some(done) = ops.first() else {
        return Err(unexpected());
    };
    print(context, &shell, done)
}

/// The edge inputs of this machine. A business date that is not given is the machine's, in UTC.
pub(super) fn edge(today: Option<&str>, ids: usize) -> Result<EdgeInputs, CliFault> {
    let now_ms = now_ms()?;
    let wrong = || CliFault::Usage("a date is written as YYYY-MM-DD".into());
    let today = match today {
        Some(text) => show::days(text).ok_or_else(wrong)?,
        None => now_ms.div_euclid(86_400_000),
    };
    let today = i32::try_from(today).map_err(|_| wrong())?;
    let ids = (0..ids)
        .map(|_| random().map(document_id))
        .collect::<Result<_, _>>()?;
    Ok(EdgeInputs {
        ids,
        today,
        now_ms,
        nonce: random()?,
    })
}

fn print(context: &Context, shell: &Shell, done: &Appended) -> Result<(), CliFault> {
    let op = done
        .op
        .map_or_else(String::new, |op| format!("{}:{}", op.entry, op.index));
    let flags: Vec<String> = match &done.outlook {
        Outlook::Applied { flags } => flags
            .iter()
            .map(|it| format!("{} {}", it.code, it.label))
            .collect(),
        Outlook::Refused(_) | Outlook::Unfit(_) => return Err(unexpected()),
    };
    let id = done
        .inputs
        .iter()
        .find(|(name, _)| name == "id")
        .and_then(|(_, value)| value.id())
        .map(|id| show::hex(&id));
    let outbox = shell.client().status().outbox;
    context.print(
        || {
            let mut text = format!("op {op}\n");
            if let Some(id) = &id {
                text.push_str(&format!("id {id}\n"));
            }
            flags
                .iter()
                .for_each(|flag| text.push_str(&format!("flag {flag}\n")));
            text + &format!("on this device; {outbox} entries wait for `sync`")
        },
        || {
            let mut out = Map::from_iter([
                ("op".to_owned(), json!(op)),
                ("outbox".to_owned(), json!(outbox)),
            ]);
            out.insert("flags".into(), json!(flags));
            out.insert("id".into(), id.clone().map_or(Json::Null, Json::String));
            Json::Object(out)
        },
    )
}

/// How long a device that is not let in yet waits for it.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) fn sync(context: &Context) -> Result<(), CliFault> {
    let mut shell = context.online()?;
    let patience = (shell.client().phase() != Phase::Open).then_some(PATIENCE);
    // A book that was half made or half joined is first made or joined to the end.
    match shell.run(Command::Sync, patience)? {
        Some(Reply::Synced { .. } | Reply::Joined { .. } | Reply::Created { .. }) => {}
        Some(_) => return Err(unexpected()),
        None => return Err(CommandFault::NotReady.into()),
    }
    let status = shell.client().status();
    let (position, tip, outbox) = (status.position, status.tip, status.outbox);
    context.print(
        || format!("position {position}, tip {tip}, {outbox} entries wait"),
        || json!({ "position": position, "tip": tip.to_string(), "outbox": outbox }),
    )
}

pub(super) fn no_manifest() -> CliFault {
    CliFault::Usage("the book's manifest is not on this device yet: `sync` fetches it".into())
}
