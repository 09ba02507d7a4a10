//! The counter: the cart, what is handed over, and the button that takes it.

use daybook_proto::{Ask, Fault, OpName, Outlook, Reply};
use leptos::prelude::*;

use super::bits::{Icon, Money, Wrong};
use super::state::App;
use super::till::{STEP, Sum, rows_of};
use super::{browser, port};
use crate::cart::{Cart, Line, change, quick_amounts};
use crate::format;
use crate::ops;
use crate::route::Route;

/// A sale that was just made.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sold {
    id: [u8; 16],
    op: OpName,
    total: i64,
    change: i64,
    flags: Vec<String>,
}

#[component]
pub(super) fn Counter(app: App) -> impl IntoView {
    let open = RwSignal::new(false);
    let given = RwSignal::new(None::<i64>);
    let typed = RwSignal::new(String::new());
    let wrong = RwSignal::new(String::new());
    let sold = RwSignal::new(None::<Sold>);
    let busy = RwSignal::new(false);
    let total = Memo::new(move |_| app.cart.read().total());
    let empty = Memo::new(move |_| app.cart.read().lines.is_empty());
    // Another cart is another sum: what was handed over for the old one counts no more.
    Effect::new(move |_| {
        if !app.cart.read().lines.is_empty() {
            sold.set(None);
        }
        given.set(None);
        typed.set(String::new());
        wrong.set(String::new());
    });
    let enough = Memo::new(move |_| {
        total
            .get()
            .is_some_and(|total| given.get().is_none_or(|given| given >= total))
    });
    let session = Session::live(app);
    let take = move |_| {
        let Some(total) = total.get_untracked() else {
            return;
        };
        let handed = given.get_untracked().unwrap_or(total);
        busy.set(true);
        wrong.set(String::new());
        sell(
            app,
            session,
            &app.cart.get_untracked(),
            total,
            move |result| {
                busy.try_set(false);
                match result {
                    Ok((id, op, flags)) => {
                        app.cart.set(Cart::default());
                        open.try_set(false);
                        sold.try_set(Some(Sold {
                            id,
                            op,
                            total,
                            change: handed - total,
                            flags,
                        }));
                        browser::persist();
                        browser::focus(".receipt");
                    }
                    Err(fault) => {
                        wrong.try_set(port::sentence(&fault));
                    }
                }
            },
        );
    };
    view! {
        <button class="scrim" aria-label="Close the cart" tabindex="-1" hidden=move || !open.get() on:click=move |_| open.set(false)></button>
        <aside class="counter" data-testid="cart" data-open=move || open.get().to_string() data-empty=move || empty.get().to_string() aria-label="Cart"
            on:keydown=move |ev| if ev.key() == "Escape" { open.set(false) }>
            {move || sold.get().map(|sold| view! { <Receipt sold/> })}
            <div class="sheet">
                <ul class="lines">
                    <For each=move || app.cart.get().lines key=|line| (line.item.id, line.quantity) let:line><CartLine app line/></For>
                </ul>
                <div class="cash" hidden=move || empty.get()>
                    <h2>"Cash handed over"</h2>
                    <div class="quick" data-testid="quick">
                        {move || total.get().map(quick_amounts).unwrap_or_default().into_iter().map(|amount| view! {
                            <button data-testid="quick-amount" data-minor=amount.to_string() aria-pressed=move || (given.get() == Some(amount)).to_string()
                                on:click=move |_| { given.set(Some(amount)); typed.set(String::new()); }>
                                {browser::amount(&format::decimal(amount.into()))}
                            </button>
                        }).collect_view()}
                        <input type="text" inputmode="decimal" data-testid="cash-given" aria-label="Other amount" placeholder="Other" autocomplete="off" prop:value=typed
                            on:input:target=move |ev| { typed.set(ev.target().value()); given.set(format::typed_money(&typed.read_untracked())); }/>
                    </div>
                    {move || change(given.get()?, total.get()?).map(|back| view! {
                        <p class="change">"Change "<Money minor=i128::from(back) testid="change"/></p>
                    })}
                    {move || (!enough.get()).then(|| view! { <p class="wrong">"That is less than the sum."</p> })}
                </div>
            </div>
            <Wrong why=wrong/>
            <div class="bar" hidden=move || empty.get()>
                <button class="summary" data-testid="cart-toggle" aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|open| *open = !*open)>
                    <span>{move || pieces(app.cart.read().pieces())}<Icon name="up"/></span>
                    {move || view! { <Sum amount=total.get() testid="cart-total"/> }}
                </button>
                <button class="primary" data-testid="take-cash" disabled=move || busy.get() || !enough.get() || empty.get() || session.rows.read().is_none() on:click=take>
                    {move || match total.get() {
                        Some(total) => format!("Take {} cash", browser::amount(&format::decimal(total.into()))),
                        None => "Too much".into(),
                    }}
                </button>
            </div>
            <p class="idle" hidden=move || !empty.get() || sold.read().is_some()>"The cart is empty. Tap an item."</p>
        </aside>
    }
}

fn pieces(n: i64) -> String {
    if n == 1 {
        "1 piece".into()
    } else {
        format!("{n} pieces")
    }
}

#[component]
fn CartLine(app: App, line: Line) -> impl IntoView {
    let (id, quantity) = (line.item.id, line.quantity);
    let set = move |to: i64| app.cart.update(|cart| cart.set(&id, to));
    view! {
        <li data-testid="cart-line" data-id=format::hex(&id) data-quantity=quantity.to_string()>
            <span class="name">{line.item.name.clone()}</span>
            <span class="each">{browser::amount(&format::price(line.item.price))}</span>
            <span class="stepper">
                <button class="round" data-testid="less" aria-label="One less" on:click=move |_| set(quantity - STEP)><Icon name="minus"/></button>
                <input type="text" inputmode="decimal" data-testid="quantity" aria-label="Quantity" prop:value=format::quantity(quantity)
                    on:change:target=move |ev| set(format::typed_quantity(&ev.target().value()).unwrap_or(quantity))/>
                <button class="round" data-testid="more" aria-label="One more" on:click=move |_| set(quantity + STEP)><Icon name="plus"/></button>
            </span>
            <Sum amount=line.amount()/>
        </li>
    }
}

#[component]
fn Receipt(sold: Sold) -> impl IntoView {
    view! {
        <div class="receipt" data-testid="sold" data-id=format::hex(&sold.id) data-entry=format::hex(&sold.op.entry) role="status" tabindex="-1">
            <span class="tick"><Icon name="check"/></span>
            <div>
                <p class="big">"Sold "<Money minor=i128::from(sold.total) testid="sold-total"/></p>
                {(sold.change > 0).then(|| view! { <p class="change">"Give back "<Money minor=i128::from(sold.change) testid="sold-change"/></p> })}
                {sold.flags.into_iter().map(|flag| view! { <p class="flagged" data-testid="flag"><Icon name="warn"/>{flag}</p> }).collect_view()}
            </div>
            <a class="small" data-testid="sold-open" href=Route::Document(sold.id).href()>"Show"</a>
        </div>
    }
}

/// This device's own open till session, if there is one.
#[derive(Clone, Copy)]
struct Session {
    rows: RwSignal<Option<Vec<daybook_proto::RowView>>>,
    company: RwSignal<Option<Vec<daybook_proto::RowView>>>,
}

impl Session {
    fn live(app: App) -> Session {
        Session {
            rows: port::live(
                app,
                || Ask::Rows {
                    entity: ops::SESSIONS.into(),
                },
                rows_of,
            ),
            company: port::live(
                app,
                || Ask::Rows {
                    entity: ops::COMPANY.into(),
                },
                rows_of,
            ),
        }
    }
}

type Made = Result<([u8; 16], OpName, Vec<String>), Fault>;

/// Signs the sale, and opens a session before it when none is open.
fn sell(app: App, session: Session, cart: &Cart, total: i64, then: impl FnOnce(Made) + 'static) {
    let status = app.status.get_untracked();
    let rows = session.rows.get_untracked().unwrap_or_default();
    let currency = ops::currency(&session.company.get_untracked().unwrap_or_default(), &rows);
    let sale = browser::fresh_id();
    let mut signed = Vec::new();
    let opened = ops::own_session(&rows, status.author, &browser::today()).unwrap_or_else(|| {
        let id = browser::fresh_id();
        signed.push(ops::open_session(id, &status.label, &currency));
        id
    });
    signed.push(ops::take_cash(sale, opened, &currency, cart, total));
    port::ask(Ask::Append { ops: signed }, move |result| {
        then(match result {
            Ok(Reply::Appended(made)) => match made.into_iter().next_back() {
                Some((op, Outlook::Applied(flags))) => {
                    Ok((sale, op, flags.into_iter().map(|flag| flag.label).collect()))
                }
                Some((_, Outlook::Refused(why))) => Err(Fault::Refused(why)),
                None => Err(Fault::Said("nothing was signed".into())),
            },
            Ok(_) => Err(Fault::Said("the worker answered something else".into())),
            Err(fault) => Err(fault),
        });
    });
}
