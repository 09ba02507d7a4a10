//! The trial balance.

use daybook_proto::{Ask, BalanceLine, BalanceView, Reply, Side};
use leptos::prelude::*;

use super::bits::{Head, Icon, Money, Nothing, dims_text};
use super::port;
use super::state::App;
use crate::format;
use crate::route::figure;

#[component]
pub(super) fn Balance(app: App) -> impl IntoView {
    let found = port::live(
        app,
        || Ask::Balance,
        |reply| match reply {
            Reply::Balance(found) => Some(found),
            _ => None,
        },
    );
    view! {
        <section class="balance">
            <Head title="Trial balance"/>
            {move || found.get().map(|found| if found.lines.is_empty() {
                view! { <Nothing text="Nothing is booked yet."/> }.into_any()
            } else {
                view! { <Table found/> }.into_any()
            })}
        </section>
    }
}

#[component]
fn Table(found: BalanceView) -> impl IntoView {
    let sides = [
        (Side::Asset, "Assets"),
        (Side::Liability, "Liabilities"),
        (Side::Equity, "Equity"),
        (Side::Income, "Income"),
        (Side::Expense, "Expenses"),
    ];
    let balanced = found.totals.iter().all(|sum| sum.debit == sum.credit);
    view! {
        <div data-testid="balance" data-balanced=balanced.to_string()>
            {sides.into_iter().map(|(side, name)| {
                let lines: Vec<BalanceLine> = found.lines.iter().filter(|line| line.side == side).cloned().collect();
                (!lines.is_empty()).then(|| view! { <h2>{name}</h2><ul class="rows">{lines.into_iter().map(|line| view! { <li><Line line/></li> }).collect_view()}</ul> })
            }).collect_view()}
            {found.totals.into_iter().map(|sum| view! {
                <div class="totals" data-testid="balance-total" data-currency=sum.code.clone() data-balanced=(sum.debit == sum.credit).to_string()>
                    <span>"Debit "{sum.code.clone()}</span><Money minor=sum.debit testid="total-debit"/>
                    <span>"Credit "{sum.code.clone()}</span><Money minor=sum.credit testid="total-credit"/>
                    <b>{if sum.debit == sum.credit { "Balanced" } else { "NOT balanced" }}</b><Money minor=sum.debit - sum.credit testid="total-difference"/>
                </div>
            }).collect_view()}
        </div>
    }
}

#[component]
fn Line(line: BalanceLine) -> impl IntoView {
    let route = figure(
        &line.role,
        &line.currency,
        line.dims.iter().map(|dim| dim.val.clone()).collect(),
    );
    let dims = dims_text(&line.dims);
    let side = if line.amount < 0 { "credit" } else { "debit" };
    view! {
        <a class="row" href=route.href() data-testid="balance-line" data-role=line.role.clone() data-code=line.code.clone() data-dims=dims
            data-currency=line.currency.clone() data-minor=line.amount.to_string()>
            <span class="title"><span class="code">{line.code.clone()}</span>{line.label.clone()}</span>
            <Money minor=i128::try_from(line.amount.unsigned_abs()).unwrap_or(i128::MAX)/>
            <span class="sub">{dims_text(&line.dims)}</span>
            <span class="side" title=format!("{} {}", format::decimal(line.amount), line.currency)>{side}</span>
            <Icon name="next"/>
        </a>
    }
}
