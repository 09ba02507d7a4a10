//! What a figure is made of.

use daybook_proto::{Ask, LineFilter, LineView, LinesView, Reply};
use leptos::prelude::*;

use super::bits::{Badge, Head, Money, Nothing, dims_text};
use super::port;
use super::state::App;
use crate::format;
use crate::route::Route;
use crate::words;

const PAGE: u32 = 100;

#[component]
pub(super) fn Lines(app: App, filter: LineFilter) -> impl IntoView {
    let limit = RwSignal::new(PAGE);
    let question = filter.clone();
    let found = port::live(
        app,
        move || Ask::Lines {
            filter: question.clone(),
            limit: limit.get(),
        },
        |reply| match reply {
            Reply::Lines(found) => Some(found),
            _ => None,
        },
    );
    let name = Memo::new(move |_| {
        found.read().as_ref().and_then(|found| {
            found
                .items
                .first()
                .map(|line| format!("{} {}", line.code, line.label))
        })
    });
    view! {
        <section class="lines-of">
            {move || view! { <Head title=name.get().unwrap_or_else(|| "Lines".into()) back=true/> }}
            {move || found.get().map(|found| view! { <Sums found/> })}
            <ul class="rows" data-testid="lines" data-total=move || found.read().as_ref().map(|found| found.total)>
                {move || found.get().map(|found| found.items.into_iter().map(|line| view! { <li><Row line/></li> }).collect_view())}
            </ul>
            {move || found.read().as_ref().is_some_and(|found| found.items.is_empty()).then(|| view! { <Nothing text="No line matches."/> })}
            {move || found.read().as_ref().filter(|found| found.total > limit.get()).map(|found| view! {
                <button class="wide" data-testid="more" on:click=move |_| limit.update(|limit| *limit += PAGE * 5)>
                    {format!("Show more ({} of {})", limit.get(), found.total)}
                </button>
            })}
        </section>
    }
}

#[component]
fn Sums(found: LinesView) -> impl IntoView {
    let count = found.total;
    found.sums.into_iter().map(|(currency, sum)| view! {
        <div class="hero">
            <Money minor=sum class="huge" testid="lines-sum"/><span class="currency">{currency}</span>
            <p class="soft">{if count == 1 { "made of one line".to_owned() } else { format!("made of {count} lines") }}</p>
        </div>
    }).collect_view()
}

#[component]
fn Row(line: LineView) -> impl IntoView {
    view! {
        <a class="row" href=Route::Op(line.at.op).href() data-testid="line" data-doc=format::hex(&line.doc) data-minor=line.amount.to_string()
            data-position=line.at.position.map(|position| position.to_string())>
            <span class="title"><b>{words::without_date(&line.doc_title, line.date)}</b></span>
            <Money minor=i128::from(line.amount)/>
            <span class="sub">{format::date(line.date)}" "{dims_text(&line.dims)}</span>
            <Badge at=line.at/>
        </a>
    }
}
