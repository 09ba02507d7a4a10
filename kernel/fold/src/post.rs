//! Booking: lines in roles and dimensions, balanced per entry, and the reversal of lines that were recorded.

use crate::{
    calendar,
    exec::Machine,
    key,
    outcome::Refusal,
    posting::{self, AMOUNT_MAX, Currency, Line},
    small::Small,
};
use alloc::vec::Vec;
use daybook_manifest::{
    ast::{Expr, Stmt},
    limits,
    value::Value,
};

/// The `post` that is under way. It has one currency, so balanced means that its lines sum to zero.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    doc: [u8; 16],
    date: i32,
    period: u32,
    currency: Currency,
    sum: i128,
}

impl Machine<'_> {
    pub(crate) fn post(
        &mut self,
        doc: &Expr,
        date: &Expr,
        currency: &Expr,
        body: &[Stmt],
    ) -> Result<(), Refusal> {
        let doc = self.id(doc)?;
        let (date, period) = self.posting_date(date)?;
        let currency = match self.eval(currency)? {
            Value::Text(text) => Currency::try_from(text.as_bytes()).map_err(|_| Refusal::RANGE)?,
            _ => return Err(Refusal::UNSOUND),
        };
        if !currency.iter().all(u8::is_ascii_uppercase) {
            return Err(Refusal::RANGE);
        }
        self.entry = Some(Entry {
            doc,
            date,
            period,
            currency,
            sum: 0,
        });
        self.body(body)?;
        match self.entry.take() {
            Some(Entry { sum: 0, .. }) => Ok(()),
            _ => Err(Refusal::UNBALANCED),
        }
    }

    fn posting_date(&mut self, date: &Expr) -> Result<(i32, u32), Refusal> {
        let date = self.int(date)?;
        let period = calendar::period(date).ok_or(Refusal::RANGE)?;
        Ok((i32::try_from(date).map_err(|_| Refusal::RANGE)?, period))
    }

    /// A line of zero is not booked, and its dimensions are not looked at.
    pub(crate) fn line(
        &mut self,
        debit: bool,
        role: u16,
        dims: &[Expr],
        amount: &Expr,
    ) -> Result<(), Refusal> {
        let amount = self.int(amount)?;
        if amount == 0 {
            return Ok(());
        }
        let amount = if debit {
            Some(amount)
        } else {
            amount.checked_neg()
        }
        .ok_or(Refusal::ARITH)?;
        let fields = &self
            .schema
            .roles
            .get(usize::from(role))
            .ok_or(Refusal::UNSOUND)?
            .dims;
        if fields.len() != dims.len() {
            return Err(Refusal::UNSOUND);
        }
        let mut bytes = Vec::new();
        for (field, value) in fields.iter().zip(dims) {
            self.dimension(field, value, &mut bytes)?;
        }
        if !(-AMOUNT_MAX..=AMOUNT_MAX).contains(&amount) {
            return Err(Refusal::RANGE);
        }
        let entry = self.entry.as_mut().ok_or(Refusal::UNSOUND)?;
        entry.sum = entry.sum.saturating_add(i128::from(amount));
        let Entry {
            doc,
            date,
            period,
            currency,
            ..
        } = *entry;
        self.book(Line {
            doc,
            date,
            period,
            role,
            currency,
            dims: Small::from(bytes),
            amount,
        })
    }

    fn book(&mut self, line: Line) -> Result<(), Refusal> {
        self.scratch.lines.push(line);
        let count = u64::try_from(self.scratch.lines.len()).map_err(|_| Refusal::LIMIT)?;
        if count > limits::STEPS_MAX {
            Err(Refusal::LIMIT)
        } else {
            Ok(())
        }
    }

    /// Lines that this op booked before count as recorded too.
    pub(crate) fn reverse(&mut self, doc: &Expr, of: &Expr, date: &Expr) -> Result<(), Refusal> {
        let (doc, of) = (self.id(doc)?, self.id(of)?);
        let (date, period) = self.posting_date(date)?;
        // one more than allowed is enough to be refused
        let most = usize::try_from(limits::STEPS_MAX)
            .unwrap_or(usize::MAX)
            .saturating_add(1);
        let mut lines: Vec<Line> = Vec::new();
        for (_, value) in self.layers.scan(key::POSTING, &of).take(most) {
            lines.push(posting::decode_line(of, value).ok_or(Refusal::UNSOUND)?);
        }
        lines.extend(
            self.scratch
                .lines
                .iter()
                .filter(|line| line.doc == of)
                .cloned(),
        );
        for line in lines {
            let amount = line.amount.checked_neg().ok_or(Refusal::ARITH)?;
            self.book(Line {
                doc,
                date,
                period,
                amount,
                ..line
            })?;
        }
        Ok(())
    }
}
