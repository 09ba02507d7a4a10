//! The tail as it comes in: lines of a `text/event-stream`, cut anywhere.

/// Most bytes of a line that anybody waits for.
const LINE_MAX: usize = 4096;

/// Collects bytes until there is a line.
#[derive(Debug, Default)]
pub struct Lines {
    begun: Vec<u8>,
}

impl Lines {
    /// Takes what came in; gives the highest position that a whole line of it tells, if any does.
    pub fn take(&mut self, bytes: &[u8]) -> Option<u64> {
        let mut highest = None;
        for byte in bytes {
            match byte {
                b'\n' => {
                    highest = highest.max(position(&self.begun));
                    self.begun.clear();
                }
                _ if self.begun.len() < LINE_MAX => self.begun.push(*byte),
                _ => {}
            }
        }
        highest
    }
}

/// The position of `data: <position> <tip>`; other lines tell nothing.
fn position(line: &[u8]) -> Option<u64> {
    let data = core::str::from_utf8(line).ok()?.strip_prefix("data:")?;
    data.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Claim: the highest told position is found wherever the bytes are cut; comments and rubbish tell nothing.
    #[test]
    fn lines_cut_anywhere() {
        let text = b": .\nid: 7\ndata: 7 ab\n\nid: 9\ndata: 9 cd\n\ndata: x\n\xff\n";
        for cut in 0..text.len() {
            let mut lines = Lines::default();
            let told = [lines.take(&text[..cut]), lines.take(&text[cut..])];
            assert_eq!(told.into_iter().flatten().max(), Some(9), "cut at {cut}");
        }
        assert_eq!(Lines::default().take(b"data: 12"), None);
    }

    /// Claim: a line without an end takes no memory without an end.
    #[test]
    fn a_line_without_an_end_is_cut() {
        let mut lines = Lines::default();
        assert_eq!(lines.take(&vec![b'x'; 1_000_000]), None);
        assert!(lines.begun.len() <= LINE_MAX);
        assert_eq!(lines.take(b"\ndata: 3 a\n"), Some(3));
    }
}
