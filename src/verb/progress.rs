//! How far an import is, for those who look on.

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use revier::app::Watch;
use tokio::task::JoinHandle;

/// A progress bar while a terminal looks on.
pub struct Bar {
    bar: ProgressBar,
    ticker: Option<JoinHandle<()>>,
}

impl Bar {
    /// A bar of so many bytes.
    pub fn new(size_bytes: u64) -> Self {
        let bar = if std::io::stderr().is_terminal() {
            ProgressBar::new(size_bytes)
        } else {
            ProgressBar::hidden()
        };
        let style = ProgressStyle::with_template(
            "{bar:30} {bytes}/{total_bytes} {msg} {elapsed} (Ctrl C ends it, nothing changed)",
        );
        if let Ok(style) = style {
            bar.set_style(style);
        }
        Self { bar, ticker: None }
    }

    /// A bar that follows `watch` by itself.
    pub fn of(watch: Arc<Watch>) -> Self {
        let Self { bar, .. } = Self::new(0);
        let shown = bar.clone();
        let ticker = tokio::spawn(async move {
            loop {
                let (done, total) = watch.bytes();
                shown.set_length(total);
                shown.set_position(done);
                shown.set_message(format!("{} rows", watch.rows()));
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        });
        Self {
            bar,
            ticker: Some(ticker),
        }
    }

    /// Shows that `share` of the bytes, 0 to 1, and `rows` are read.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place on a progress bar"
    )]
    pub fn show(&self, share: f64, rows: u64) {
        let size_bytes = self.bar.length().unwrap_or_default();
        self.bar.set_position((size_bytes as f64 * share) as u64);
        self.bar.set_message(format!("{rows} rows"));
    }

    /// Takes the bar off the screen.
    pub fn end(self) {
        if let Some(ticker) = self.ticker {
            ticker.abort();
        }
        self.bar.finish_and_clear();
    }
}
