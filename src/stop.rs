//! Work that nobody waits for any more: it is told so, and what holds it up is interrupted.
//!
//! Whoever starts work on a thread of its own keeps a [`Waiting`]; when that is dropped, the work is
//! to end. The work asks [`is_wanted`] now and then, and names what it waits for by
//! [`interruptible`]. Work that was started by nobody in particular is wanted to its end.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How long an interruption is given until it is repeated: one that comes before what it is to
/// interrupt has begun is lost.
const REPEAT: Duration = Duration::from_millis(10);

thread_local! {
    static CURRENT: RefCell<Option<Stop>> = const { RefCell::new(None) };
}

/// Whether work is to stop. Its copies are the same.
#[derive(Clone, Default)]
pub struct Stop(Arc<Inner>);

#[derive(Default)]
struct Inner {
    is_stopped: AtomicBool,
    /// What interrupts that which the work waits for now.
    interrupt: Mutex<Option<Box<dyn Fn() + Send>>>,
}

/// Somebody waits for the work until this is dropped.
pub struct Waiting(Stop);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.stop();
    }
}

impl Stop {
    /// Somebody who waits for the work.
    #[must_use]
    pub fn waiting(&self) -> Waiting {
        Waiting(self.clone())
    }

    /// Does `work` on this thread, which asks here whether it is wanted.
    pub fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        struct Before(Option<Stop>);
        impl Drop for Before {
            fn drop(&mut self) {
                CURRENT.set(self.0.take());
            }
        }
        let _before = Before(CURRENT.replace(Some(self.clone())));
        work()
    }

    /// Tells the work to end, and interrupts what it waits for until it does.
    fn stop(&self) {
        self.0.is_stopped.store(true, Ordering::SeqCst);
        if self.interrupt_once() {
            let stop = self.clone();
            thread::spawn(move || {
                while stop.interrupt_once() {
                    thread::sleep(REPEAT);
                }
            });
        }
    }

    /// False when the work waits for nothing.
    fn interrupt_once(&self) -> bool {
        let interrupt = self.interrupt();
        if let Some(interrupt) = &*interrupt {
            interrupt();
        }
        interrupt.is_some()
    }

    fn interrupt(&self) -> MutexGuard<'_, Option<Box<dyn Fn() + Send>>> {
        let interrupt = self.0.interrupt.lock();
        interrupt.unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether anybody waits for the work of this thread.
#[must_use]
pub fn is_wanted() -> bool {
    CURRENT.with_borrow(|current| {
        let is_stopped = |stop: &Stop| stop.0.is_stopped.load(Ordering::SeqCst);
        !current.as_ref().is_some_and(is_stopped)
    })
}

/// What `wait` gives; `interrupt` ends it early when nobody waits for the work of this thread any
/// more, and is never called before or after. None when nobody does already.
pub fn interruptible<T>(
    interrupt: impl Fn() + Send + 'static,
    wait: impl FnOnce() -> T,
) -> Option<T> {
    struct During(Stop);
    impl Drop for During {
        fn drop(&mut self) {
            *self.0.interrupt() = None;
        }
    }
    let Some(stop) = CURRENT.with_borrow(Clone::clone) else {
        return Some(wait());
    };
    *stop.interrupt() = Some(Box::new(interrupt));
    let _during = During(stop);
    // Asked after the interruption is known: who stops from now on calls it.
    is_wanted().then(wait)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn work_of_nobody_is_wanted() {
        assert!(is_wanted());
        assert_eq!(interruptible(|| (), || 7), Some(7));
    }

    #[test]
    fn stopped_work_is_not_begun() {
        let stop = Stop::default();
        drop(stop.waiting());
        let done = stop.run(|| (is_wanted(), interruptible(|| (), || 7)));
        assert_eq!(done, (false, None));
        assert!(is_wanted(), "the thread is as it was before");
    }

    #[test]
    fn what_work_waits_for_is_interrupted() {
        let stop = Stop::default();
        let waiting = stop.waiting();
        let (started, has_started) = channel();
        let worker = thread::spawn(move || {
            stop.run(|| {
                let (wake, woken) = channel();
                let interrupt = move || {
                    let _ = wake.send(());
                };
                interruptible(interrupt, || {
                    started.send(()).unwrap();
                    woken.recv().unwrap();
                });
                is_wanted()
            })
        });
        has_started.recv().unwrap();
        drop(waiting);
        assert!(!worker.join().unwrap());
    }
}
