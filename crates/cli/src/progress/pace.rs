//! How much is done and how fast it goes, with several runs at a time.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use vgae_pipeline::{Event, RunEvent};

/// The work in units of weight, and the time it took. Runs that only skip say nothing about the speed: the
/// clock goes while at least one run works.
#[derive(Debug, Default)]
pub(super) struct Pace {
    total: f64,
    /// Work of finished runs, skipped or not.
    finished: f64,
    /// Work done in this session, as a part of the above.
    worked: f64,
    under_way: BTreeMap<usize, UnderWay>,
    /// Time of work up to `since`, from when on work goes on.
    time: Duration,
    since: Option<Instant>,
}

#[derive(Debug)]
struct UnderWay {
    weight: f64,
    /// Finished share of its training, from 0 to 1.
    share: f64,
    works: bool,
}

impl Pace {
    pub(super) fn event(&mut self, event: &Event<'_>, now: Instant) {
        match *event {
            Event::Planned { weight, .. } => {
                *self = Self { total: weight as f64, ..Self::default() }
            }
            Event::Run { run, event } => self.run(run, event, now),
            _ => {}
        }
    }

    fn run(&mut self, run: usize, event: RunEvent<'_>, now: Instant) {
        if let RunEvent::Started { weight, .. } = event {
            let weight = weight as f64;
            self.under_way.insert(run, UnderWay { weight, share: 0.0, works: false });
        }
        // Of a run that is only being prepared, nothing is counted.
        let Some(this) = self.under_way.get_mut(&run) else { return };
        match event {
            RunEvent::StageStarted { .. } => {
                this.works = true;
                self.since.get_or_insert(now);
            }
            RunEvent::Batch { epoch, epochs, done, total } => {
                let batches = epoch.saturating_sub(1) as usize * total + done;
                this.share = batches as f64 / (epochs as usize * total).max(1) as f64;
            }
            RunEvent::Epoch { record, total } => {
                this.share = f64::from(record.epoch) / f64::from(total.max(1));
            }
            RunEvent::Step { done, total: Some(total) } => {
                this.share = f64::from(done) / f64::from(total.max(1));
            }
            RunEvent::Finished { unchanged, .. } => {
                self.finished += this.weight;
                if !unchanged {
                    self.worked += this.weight;
                }
                self.under_way.remove(&run);
                if !self.under_way.values().any(|other| other.works) {
                    self.time = self.time(now);
                    self.since = None;
                }
            }
            _ => {}
        }
    }

    /// Work that is done, of finished runs and those under way.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "no more than the sum of the weights"
    )]
    pub(super) fn done(&self) -> u64 {
        (self.finished + self.parts()) as u64
    }

    /// The time left at the speed so far, once there is one.
    pub(super) fn left(&self, now: Instant) -> Option<Duration> {
        let worked = self.worked + self.parts();
        let rest = (self.total - self.finished - self.parts()).max(0.0);
        let left = self.time(now).as_secs_f64() * rest / worked;
        Duration::try_from_secs_f64(left).ok()
    }

    fn parts(&self) -> f64 {
        self.under_way.values().map(|run| run.weight * run.share).sum()
    }

    fn time(&self, now: Instant) -> Duration {
        self.time + self.since.map_or(Duration::ZERO, |since| now.duration_since(since))
    }
}

#[cfg(test)]
mod tests {
    use vgae_pipeline::Stage;

    use super::*;

    /// A pace with events at given seconds.
    struct Told {
        pace: Pace,
        begin: Instant,
    }

    impl Told {
        fn new(weight: u64) -> Self {
            let (mut pace, begin) = (Pace::default(), Instant::now());
            pace.event(&Event::Planned { runs: 9, weight }, begin);
            Self { pace, begin }
        }

        fn at(&mut self, seconds: u64, run: usize, event: RunEvent<'_>) {
            let now = self.begin + Duration::from_secs(seconds);
            self.pace.event(&Event::Run { run, event }, now);
        }

        fn left(&self, seconds: u64) -> Option<f64> {
            let left = self.pace.left(self.begin + Duration::from_secs(seconds));
            left.map(|left| left.as_secs_f64())
        }
    }

    const TRAIN: RunEvent<'_> = RunEvent::StageStarted { stage: Stage::Train };
    const DONE: RunEvent<'_> = RunEvent::Finished { name: "", unchanged: false };
    const SKIPPED: RunEvent<'_> = RunEvent::Finished { name: "", unchanged: true };

    fn started(weight: u64) -> RunEvent<'static> {
        RunEvent::Started { name: "", weight }
    }

    #[test]
    fn two_runs_at_a_time_halve_the_time_left() {
        let mut told = Told::new(400);
        for run in 0..2 {
            told.at(0, run, started(100));
            told.at(0, run, TRAIN);
        }
        assert_eq!(told.left(0), None, "no speed yet");
        told.at(5, 0, RunEvent::Step { done: 1, total: Some(2) });
        told.at(5, 1, RunEvent::Step { done: 1, total: Some(2) });
        // 100 of 400 in five seconds.
        assert_eq!((told.pace.done(), told.left(5)), (100, Some(15.0)));
        told.at(10, 0, DONE);
        told.at(10, 1, DONE);
        assert_eq!((told.pace.done(), told.left(10)), (200, Some(10.0)));
    }

    #[test]
    fn skipped_runs_and_idle_time_say_nothing_about_the_speed() {
        let mut told = Told::new(400);
        told.at(0, 0, TRAIN); // while it is prepared
        told.at(7, 0, started(200));
        told.at(9, 0, SKIPPED);
        assert_eq!((told.pace.done(), told.left(9)), (200, None));
        told.at(10, 1, started(100));
        told.at(10, 1, TRAIN);
        told.at(14, 1, DONE);
        assert_eq!(told.left(20), Some(4.0));
    }
}
