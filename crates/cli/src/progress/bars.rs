//! Bars on a terminal: one for the whole work, and in a grid a line for each run under way.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use indicatif::{FormattedDuration, MultiProgress, ProgressBar, ProgressStyle};
use vgae_pipeline::{Event, RunEvent};

use super::lines::step;
use super::pace::Pace;

pub(super) struct Bars {
    all: MultiProgress,
    work: ProgressBar,
    pub(super) download: ProgressBar,
    pace: Pace,
    runs: usize,
    finished: usize,
    under_way: BTreeMap<usize, Line>,
}

/// A run under way.
struct Line {
    name: String,
    /// Its own line; the bar of the whole work if it is the only run.
    bar: ProgressBar,
}

impl Bars {
    pub(super) fn new(all: MultiProgress) -> Self {
        Self {
            // Not drawn until they have something to say.
            work: all.add(ProgressBar::hidden()),
            download: all.add(ProgressBar::hidden()),
            all,
            pace: Pace::default(),
            runs: 1,
            finished: 0,
            under_way: BTreeMap::new(),
        }
    }

    pub(super) fn clear(&self) {
        let _not_drawn = self.all.clear();
    }

    pub(super) fn event(&mut self, event: &Event<'_>) {
        let now = Instant::now();
        self.pace.event(event, now);
        match *event {
            Event::Planned { runs, weight } => {
                self.runs = runs;
                self.work = self.all.insert(0, ProgressBar::new(weight));
                self.work.set_style(style("{elapsed_precise} {bar:24} {msg}{prefix}"));
            }
            Event::Run { run, event } => self.run(run, event),
            _ => {}
        }
        self.work.set_position(self.pace.done());
        if let Some(left) = self.pace.left(now) {
            self.work.set_prefix(format!("  {} left", FormattedDuration(left)));
        }
    }

    fn run(&mut self, run: usize, event: RunEvent<'_>) {
        match event {
            RunEvent::Preparing { name } if self.runs > 1 => {
                self.work.set_message(format!("data of {name}, {} of {}", run + 1, self.runs));
            }
            RunEvent::Preparing { name } | RunEvent::Started { name, .. } => self.begin(run, name),
            RunEvent::StageStarted { stage } => self.say(run, &stage.to_string()),
            RunEvent::Epoch { record, total } => {
                self.say(run, &format!("train {}/{total} loss {:.4}", record.epoch, record.loss));
            }
            RunEvent::Step { done, total } => {
                self.say(run, &format!("train {}", step(done, total)));
            }
            RunEvent::Finished { .. } => self.end(run),
            _ => {}
        }
    }

    fn begin(&mut self, run: usize, name: &str) {
        let bar = if self.runs > 1 {
            self.count();
            let bar = self.all.insert_before(&self.download, ProgressBar::new_spinner());
            bar.set_style(style("  {msg}"));
            bar
        } else {
            self.work.clone()
        };
        bar.set_message(name.to_owned());
        self.under_way.insert(run, Line { name: name.to_owned(), bar });
    }

    fn say(&self, run: usize, what: &str) {
        if let Some(line) = self.under_way.get(&run) {
            line.bar.set_message(format!("{} {what}", line.name));
        }
    }

    fn end(&mut self, run: usize) {
        self.finished += 1;
        let line = self.under_way.remove(&run);
        if let Some(line) = line.filter(|_| self.runs > 1) {
            self.count();
            line.bar.finish_and_clear();
            self.all.remove(&line.bar);
        }
    }

    fn count(&self) {
        self.work.set_message(format!("{}/{} runs", self.finished, self.runs));
    }

    pub(super) fn show_file(&mut self, bytes: u64, what: String) {
        self.show_download(ProgressBar::new(bytes));
        self.download.set_style(style("{msg} {bar:24} {bytes}/{total_bytes} {bytes_per_sec}"));
        self.download.set_message(what);
    }

    pub(super) fn show_package(&mut self, what: String) {
        self.show_download(ProgressBar::new_spinner());
        self.download.set_style(style("{spinner} {msg} {elapsed}"));
        self.download.set_message(what);
        self.download.enable_steady_tick(Duration::from_millis(120));
    }

    fn show_download(&mut self, bar: ProgressBar) {
        self.download.finish_and_clear();
        self.download = self.all.add(bar);
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━╸ ")
}
