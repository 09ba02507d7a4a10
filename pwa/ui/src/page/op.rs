//! The signed op behind a figure: enough to check it by hand.

use daybook_proto::{Ask, OpName, OpView, Outlook, Reply};
use leptos::prelude::*;

use super::bits::{Badge, Fact, Fields, Hash, Head, Icon, Wrong};
use super::port;
use super::state::App;
use crate::format;

#[component]
pub(super) fn Op(app: App, op: OpName) -> impl IntoView {
    let wrong = RwSignal::new(String::new());
    let found = RwSignal::new(None::<OpView>);
    Effect::new(move |_| {
        app.changed.track();
        port::ask(Ask::Op(op), move |result| match result {
            Ok(Reply::Op(view)) => {
                found.try_set(Some(*view));
            }
            Ok(_) => {}
            Err(fault) => {
                wrong.try_set(port::sentence(&fault));
            }
        });
    });
    view! {
        <section class="op" data-testid="op" data-entry=format::hex(&op.entry) data-index=op.index.to_string()>
            {move || match found.get() {
                None => view! { <Head title="Op" back=true/> }.into_any(),
                Some(view) => view! { <Shown view/> }.into_any(),
            }}
            <Wrong why=wrong/>
        </section>
    }
}

#[component]
fn Shown(view: OpView) -> impl IntoView {
    let name = if view.verb_label.is_empty() {
        view.verb.clone()
    } else {
        view.verb_label.clone()
    };
    let verified = view.verified;
    view! {
        <Head title=name back=true/>
        <p class=if verified { "verdict good" } else { "verdict bad" } data-testid="op-verified" data-verified=verified.to_string()>
            <Icon name=if verified { "check" } else { "cross" }/>
            {if verified { "Signature verified on this device, just now" } else { "The signature does not verify" }}
        </p>
        {view.outlook.map(|outlook| view! { <Became outlook/> })}
        <h2>"Who and where"</h2>
        <dl class="facts card">
            <Fact label="Signed by" value=view.device.clone() testid="op-device"/>
            <div class="fact"><dt>"Safe"</dt><dd><Badge at=view.at/></dd></div>
            <Fact label="Verb" value=view.verb.clone() testid="op-verb"/>
            <Fact label="Position in the book" value=view.at.position.map_or_else(|| "none yet".into(), |position| position.to_string()) testid="op-position"/>
            <Fact label="Seq of the device" value=view.seq.to_string() testid="op-seq"/>
            <Fact label="Op of the entry" value=format!("{} of {}", view.at.op.index + 1, view.siblings + 1)/>
            <Fact label="Had seen position" value=view.seen_position.to_string()/>
            <Fact label="Device’s clock" value=format::moment(view.authored_at_ms)/>
            {view.relay_time_ms.map(|ms| view! { <Fact label="Relay’s clock" value=format::moment(ms)/> })}
            <Fact label="Entry" value=format::bytes(view.bytes_len)/>
        </dl>
        <h2>"Inputs, as signed"</h2>
        <div class="card" data-testid="op-inputs"><Fields fields=view.inputs/></div>
        <h2>"Proof"</h2>
        <dl class="facts card">
            <Hash label="Entry id" bytes=view.at.op.entry.to_vec() testid="op-entry"/>
            <Hash label="Entry before" bytes=view.prev.to_vec() testid="op-prev"/>
            {view.tip.map(|tip| view! { <Hash label="Tip after it" bytes=tip.to_vec() testid="op-tip"/> })}
            <Hash label="Author" bytes=view.author.to_vec() testid="op-author"/>
            <Hash label="Key" bytes=view.key.to_vec() testid="op-key"/>
            <Hash label="Signature" bytes=view.signature testid="op-signature"/>
            <Hash label=format!("Manifest {}", view.manifest_name) bytes=view.manifest.to_vec() testid="op-manifest"/>
        </dl>
    }
}

#[component]
fn Became(outlook: Outlook) -> impl IntoView {
    match outlook {
        Outlook::Refused(why) => view! {
            <p class="verdict bad" data-testid="op-refused" data-code=why.code.clone()><Icon name="warn"/>{format!("Refused, nothing was booked: {} ({} {})", why.label, why.number, why.code)}</p>
        }.into_any(),
        Outlook::Applied(flags) => flags.into_iter().map(|flag| view! {
            <p class="verdict warn" data-testid="op-flag" data-code=flag.code.clone()><Icon name="warn"/>{format!("{} ({} {})", flag.label, flag.number, flag.code)}</p>
        }).collect_view().into_any(),
    }
}
