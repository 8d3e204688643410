//! Which runs go at the same time, on how many threads each.

use std::any::Any;
use std::collections::{BTreeMap, VecDeque};
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc;

use rayon::ThreadPool;

use crate::PipelineError;
use crate::placement::Placement;

/// Hands out runs in order, and never more threads than there are.
#[derive(Debug)]
struct Schedule<'a> {
    threads: usize,
    placements: &'a [Placement],
    /// Runs that have not started, by their place.
    waiting: VecDeque<usize>,
    /// Threads of those that have.
    under_way: BTreeMap<usize, usize>,
}

impl<'a> Schedule<'a> {
    fn new(threads: usize, placements: &'a [Placement]) -> Self {
        let waiting = (0..placements.len()).collect();
        Self { threads, placements, waiting, under_way: BTreeMap::new() }
    }

    /// The next run that can start now, and its threads: one, or more where threads would be left over; all
    /// for a run that goes alone, once no other is under way.
    fn start(&mut self) -> Option<(usize, usize)> {
        let free = self.threads - self.under_way.values().sum::<usize>();
        let &next = self.waiting.front()?;
        let needed = if self.placements[next] == Placement::Alone { self.threads } else { 1 };
        if free < needed {
            return None;
        }
        // At least the next one itself starts.
        let shared = |run: &&usize| self.placements[**run] == Placement::Shared;
        let starting = self.waiting.iter().take(free).take_while(shared).count().max(1);
        let threads = free.div_ceil(starting);
        self.waiting.pop_front();
        self.under_way.insert(next, threads);
        Some((next, threads))
    }

    fn finished(&mut self, run: usize) {
        self.under_way.remove(&run);
    }

    /// Starts no other run.
    fn stop(&mut self) {
        self.waiting.clear();
    }
}

/// Maximum number of worker threads; anything larger is assumed to be a typo.
const MOST_THREADS: usize = 4096;

/// A pool of `threads` threads; 0 means one a core.
pub(crate) fn pool(threads: usize) -> Result<ThreadPool, PipelineError> {
    if threads > MOST_THREADS {
        return Err(PipelineError::Usage {
            what: "threads".to_owned(),
            expected: format!("at most {MOST_THREADS}"),
            found: threads.to_string(),
        });
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.map_err(|source| PipelineError::Threads { threads, source: source.into() })
}

/// Starts the worker threads of everything but [`crate::run()`], which has a pool of its own; without this call
/// they start on their own when first needed, and panic if the system has none.
///
/// # Errors
/// Returns an error when the threads cannot be started.
pub fn start_threads() -> Result<(), PipelineError> {
    rayon::ThreadPoolBuilder::new().build_global().map_err(|source| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        PipelineError::Threads { threads, source: source.into() }
    })
}

/// Calls `work` in a pool of so many threads, one per core without a number.
///
/// # Errors
/// Returns an error when the number is too large, or the threads cannot be started.
pub fn on_threads<T: Send>(
    threads: Option<NonZeroUsize>,
    work: impl FnOnce() -> T + Send,
) -> Result<T, PipelineError> {
    Ok(pool(threads.map_or(0, NonZeroUsize::get))?.install(work))
}

/// Calls `work` once a run, in a pool that no other run has at the time; together they have as many threads
/// as `all`. Returns what came out, in the order of `placements`.
///
/// After an error or a panic no other run starts; those under way end. The error or panic is that of the
/// first run in order that has one.
pub(crate) fn carry_out<T: Send>(
    all: ThreadPool,
    placements: &[Placement],
    work: impl Fn(usize) -> Result<T, PipelineError> + Sync,
) -> Result<Vec<T>, PipelineError> {
    type Panic = Box<dyn Any + Send>;
    let mut schedule = Schedule::new(all.current_num_threads(), placements);
    // Pools are used again: the allocator keeps memory for each new thread.
    let mut idle = vec![all];
    let mut ended: BTreeMap<usize, Result<Result<T, PipelineError>, Panic>> = BTreeMap::new();
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        loop {
            while let Some((run, threads)) = schedule.start() {
                let fits = |pool: &ThreadPool| pool.current_num_threads() == threads;
                let found = idle.iter().position(fits).map(|at| idle.swap_remove(at));
                let (sender, work) = (sender.clone(), &work);
                let begin = found.map_or_else(|| pool(threads), Ok).and_then(|pool| {
                    let work = move || {
                        // What runs share, they share behind locks.
                        let work = AssertUnwindSafe(|| pool.install(|| work(run)));
                        let result = catch_unwind(work);
                        drop(sender.send((run, result, pool)));
                    };
                    std::thread::Builder::new()
                        .spawn_scoped(scope, work)
                        .map_err(|source| PipelineError::Threads { threads, source: source.into() })
                });
                if let Err(error) = begin {
                    schedule.finished(run);
                    schedule.stop();
                    ended.insert(run, Ok(Err(error)));
                }
            }
            if schedule.under_way.is_empty() {
                break;
            }
            let Ok((run, result, pool)) = receiver.recv() else { break };
            idle.push(pool);
            schedule.finished(run);
            if !matches!(result, Ok(Ok(_))) {
                schedule.stop();
            }
            ended.insert(run, result);
        }
    });
    ended.into_values().map(|result| result.unwrap_or_else(|panic| resume_unwind(panic))).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use super::*;
    use Placement::{Alone, Shared};

    /// Starts what can start.
    fn starts(schedule: &mut Schedule<'_>) -> Vec<(usize, usize)> {
        std::iter::from_fn(|| schedule.start()).collect()
    }

    #[test]
    fn small_runs_have_a_thread_each_and_the_last_ones_what_is_left() {
        let mut two = Schedule::new(2, &[Shared; 3]);
        assert_eq!(starts(&mut two), [(0, 1), (1, 1)]);
        two.finished(1);
        assert_eq!(starts(&mut two), [(2, 1)]);
        assert_eq!(starts(&mut Schedule::new(2, &[Shared])), [(0, 2)]);
        assert_eq!(starts(&mut Schedule::new(8, &[Shared; 3])), [(0, 3), (1, 3), (2, 2)]);
    }

    #[test]
    fn a_large_run_waits_for_all_threads_and_keeps_them() {
        let mut schedule = Schedule::new(4, &[Shared, Shared, Alone, Shared]);
        assert_eq!(starts(&mut schedule), [(0, 2), (1, 2)]);
        schedule.finished(0);
        assert_eq!(starts(&mut schedule), []);
        schedule.finished(1);
        assert_eq!(starts(&mut schedule), [(2, 4)]);
        schedule.finished(2);
        assert_eq!(starts(&mut schedule), [(3, 4)]);
    }

    /// Every mix of seven runs, on up to five threads, ending in every of a few orders.
    #[test]
    fn every_run_starts_once_in_order_on_no_more_threads_than_there_are() {
        for (mix, threads, order) in (0..1 << 7).flat_map(|mix| {
            (1..=5).flat_map(move |threads| (0..4).map(move |order| (mix, threads, order)))
        }) {
            let placements = [0, 1, 2, 3, 4, 5, 6].map(|bit| [Shared, Alone][(mix >> bit) & 1]);
            let mut schedule = Schedule::new(threads, &placements);
            let mut started = Vec::new();
            loop {
                started.extend(starts(&mut schedule).into_iter().map(|(run, _)| run));
                let used = schedule.under_way.values().sum::<usize>();
                assert!(used <= threads && schedule.under_way.values().all(|&own| own > 0));
                let alone = schedule.under_way.keys().any(|&run| placements[run] == Alone);
                assert!(!alone || (schedule.under_way.len(), used) == (1, threads));
                let under_way: Vec<usize> = schedule.under_way.keys().copied().collect();
                let Some(run) = under_way.get(order * started.len() % under_way.len().max(1))
                else {
                    break;
                };
                schedule.finished(*run);
            }
            assert_eq!(started, [0, 1, 2, 3, 4, 5, 6]);
        }
    }

    fn failure(run: usize) -> PipelineError {
        let (expected, found) = (String::new(), String::new());
        PipelineError::Usage { what: run.to_string(), expected, found }
    }

    #[test]
    fn results_come_in_order_from_pools_that_together_have_the_threads() {
        let busy = AtomicUsize::new(0);
        let results = carry_out(pool(3).expect("threads"), &[Shared; 20], |run| {
            let own = rayon::current_num_threads();
            assert!(busy.fetch_add(own, Ordering::SeqCst) + own <= 3);
            std::thread::yield_now();
            busy.fetch_sub(own, Ordering::SeqCst);
            Ok(run)
        });
        assert!(results.expect("no failure").into_iter().eq(0..20));
    }

    #[test]
    fn after_a_failure_no_run_starts_and_the_first_in_order_is_told() {
        let started = AtomicUsize::new(0);
        let second_failed = AtomicBool::new(false);
        let result = carry_out(
            pool(2).expect("threads"),
            &[Shared; 9],
            |run| -> Result<(), PipelineError> {
                started.fetch_add(1, Ordering::SeqCst);
                if run == 1 {
                    second_failed.store(true, Ordering::SeqCst);
                }
                while !second_failed.load(Ordering::SeqCst) {
                    std::thread::yield_now();
                }
                Err(failure(run))
            },
        );
        let said = result.expect_err("both fail").to_string();
        assert!(said.starts_with("0:"), "{said}");
        assert_eq!(started.into_inner(), 2);
    }

    #[test]
    fn a_panic_hangs_nobody_and_what_is_under_way_ends() {
        let (panics, ended) = (AtomicBool::new(false), AtomicBool::new(false));
        let caught = catch_unwind(AssertUnwindSafe(|| {
            carry_out(pool(2).expect("threads"), &[Shared; 2], |run| {
                if run == 1 {
                    panics.store(true, Ordering::SeqCst);
                    panic!("of the second run");
                }
                while !panics.load(Ordering::SeqCst) {
                    std::thread::yield_now();
                }
                ended.store(true, Ordering::SeqCst);
                Ok(())
            })
        }));
        let panic = caught.expect_err("the panic is passed on");
        assert_eq!(panic.downcast_ref(), Some(&"of the second run"));
        assert!(ended.into_inner());
    }
}
