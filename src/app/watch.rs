//! Watching a long piece of work from outside, and ending it early.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an import is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Step {
    /// Another change is at work.
    #[default]
    Queued,
    /// Rows are read, located and compared.
    Reading,
    /// The batch is made permanent.
    Storing,
    /// What is derived is brought in step.
    Refreshing,
}

/// The state of a piece of work, written by it and read by those who wait for it.
#[derive(Debug, Default)]
pub struct Watch {
    step: AtomicU8,
    rows: AtomicU64,
    bytes_done: AtomicU64,
    bytes_total: AtomicU64,
    cancelled: AtomicBool,
}

impl Watch {
    /// What it is at.
    #[must_use]
    pub fn step(&self) -> Step {
        match self.step.load(Ordering::Relaxed) {
            1 => Step::Reading,
            2 => Step::Storing,
            3 => Step::Refreshing,
            _ => Step::Queued,
        }
    }

    /// Rows read so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows.load(Ordering::Relaxed)
    }

    /// Bytes read so far and in all; in all 0 until the first are read.
    #[must_use]
    pub fn bytes(&self) -> (u64, u64) {
        (
            self.bytes_done.load(Ordering::Relaxed),
            self.bytes_total.load(Ordering::Relaxed),
        )
    }

    /// Asks the work to end; it does so at the next chunk of rows, unless it is past reading.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether the work was asked to end.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    pub(super) fn enter(&self, step: Step) {
        self.step.store(step as u8, Ordering::Relaxed);
    }

    pub(super) fn read(&self, progress: &crate::import::Progress) {
        self.rows.store(progress.rows, Ordering::Relaxed);
        self.bytes_done
            .store(progress.bytes_done, Ordering::Relaxed);
        self.bytes_total
            .store(progress.bytes_total, Ordering::Relaxed);
    }
}
