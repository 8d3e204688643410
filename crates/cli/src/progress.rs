//! Progress: bars on a terminal, log lines elsewhere.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{FormattedDuration, MultiProgress, ProgressBar, ProgressStyle};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use vgae_ingest::fetch::{FetchWatch, Reason};
use vgae_pipeline::{Event, Observer};

use crate::args::{LogFormat, Talk};

/// Epochs between two log lines where there is no bar.
const EPOCHS_A_LINE: u32 = 50;
/// Seconds after which an epoch has a line of its own.
const LONG_EPOCH: f64 = 0.5;

/// Watches runs and downloads, and shows them.
pub(crate) struct Progress {
    bars: Option<Bars>,
    lines: Lines,
}

/// What log lines need to know of the runs so far.
#[derive(Debug)]
struct Lines {
    runs: usize,
    /// Work not yet begun.
    left: u64,
    /// Work of the current run.
    weight: u64,
    started: Instant,
    /// Work done in this session, and the time it took: skipped runs say nothing about the speed.
    done: u64,
    worked: Duration,
}

impl Default for Lines {
    fn default() -> Self {
        let (started, worked) = (Instant::now(), Duration::ZERO);
        Self { runs: 1, left: 0, weight: 0, started, done: 0, worked }
    }
}

struct Bars {
    all: MultiProgress,
    run: ProgressBar,
    download: ProgressBar,
    /// Work of the runs before this one.
    done: u64,
    weight: u64,
    runs: usize,
    name: String,
}

/// Sets up logging and returns the watcher for this session.
pub(crate) fn start(talk: &Talk) -> Progress {
    let drawn =
        std::io::stderr().is_terminal() && talk.log_format == LogFormat::Text && !talk.quiet;
    let all = MultiProgress::new();
    let level = match (talk.quiet, talk.verbose, drawn) {
        (true, ..) => LevelFilter::ERROR,
        (_, 0, true) => LevelFilter::WARN,
        (_, 0, false) | (_, 1, true) => LevelFilter::INFO,
        (_, 1, false) => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let own =
        format!("warn,vgae={level},vgae_pipeline={level},vgae_ingest={level},vgae_model={level}");
    let filter = EnvFilter::try_from_env("VGAE_LOG").unwrap_or_else(|_| EnvFilter::new(own));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(AboveBars(all.clone()))
        .with_target(false)
        .with_ansi(drawn);
    match talk.log_format {
        LogFormat::Json => builder.json().flatten_event(true).init(),
        LogFormat::Text => builder.init(),
    }
    let bars = drawn.then(|| Bars {
        run: all.add(hidden()),
        download: all.add(hidden()),
        all,
        done: 0,
        weight: 0,
        runs: 1,
        name: String::new(),
    });
    Progress { bars, lines: Lines::default() }
}

/// A bar that is not drawn until it has something to say.
fn hidden() -> ProgressBar {
    ProgressBar::hidden()
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━╸ ")
}

impl Progress {
    /// Removes the bars, so that what is printed next stands alone.
    pub(crate) fn finish(&self) {
        if let Some(bars) = &self.bars {
            let _not_drawn = bars.all.clear();
        }
    }
}

impl Observer for Progress {
    fn event(&mut self, event: &Event<'_>) {
        match &mut self.bars {
            Some(bars) => bars.event(event),
            None => self.lines.event(event),
        }
    }

    fn fetch(&mut self) -> &mut dyn FetchWatch {
        self
    }
}

impl Bars {
    fn event(&mut self, event: &Event<'_>) {
        match *event {
            Event::Planned { runs, weight } => {
                self.runs = runs;
                self.run = self.all.insert(0, ProgressBar::new(weight));
                self.run.set_style(style("{elapsed_precise} {bar:24} {msg}  {eta} left"));
            }
            Event::RunStarted { number, name, weight } => {
                self.weight = weight;
                self.name = if self.runs > 1 {
                    format!("[{number}/{}] {name}", self.runs)
                } else {
                    name.to_owned()
                };
                self.run.set_message(self.name.clone());
            }
            Event::StageStarted { stage } => {
                self.run.set_message(format!("{} {stage}", self.name));
            }
            Event::Batch { epoch, epochs, done, total } => {
                let total = total.max(1) as u64;
                let batches = u64::from(epoch.saturating_sub(1)) * total + done as u64;
                let share = batches * self.weight / (u64::from(epochs.max(1)) * total);
                self.run.set_position(self.done + share);
            }
            Event::Epoch { record, total } => {
                let share = u64::from(record.epoch) * self.weight / u64::from(total.max(1));
                self.run.set_position(self.done + share);
                self.run.set_message(format!(
                    "{} train {}/{total} loss {:.4}",
                    self.name, record.epoch, record.loss
                ));
            }
            Event::Step { done, total } => {
                if let Some(total) = total {
                    let share = u64::from(done) * self.weight / u64::from(total.max(1));
                    self.run.set_position(self.done + share);
                }
                self.run.set_message(format!("{} train {}", self.name, step(done, total)));
            }
            Event::RunFinished { unchanged, .. } => {
                self.done += self.weight;
                self.run.set_position(self.done);
                if unchanged {
                    // Skipped work says nothing about the speed of the rest.
                    self.run.reset_eta();
                }
            }
            _ => {}
        }
    }
}

impl Lines {
    fn event(&mut self, event: &Event<'_>) {
        if self.runs > 1 {
            self.grid(event);
        } else {
            single(event);
        }
        if let Event::Planned { runs, weight } = *event {
            *self = Self { runs, left: weight, ..Self::default() };
        }
    }

    /// A line a run with the time left; what happens within a run would drown it.
    fn grid(&mut self, event: &Event<'_>) {
        match *event {
            Event::RunStarted { number, name, weight } => {
                self.weight = weight;
                self.started = Instant::now();
                let rate = self.worked.as_secs_f64() / self.done.max(1) as f64;
                let left = Duration::from_secs_f64(rate * self.left as f64);
                let left = (self.done > 0).then(|| FormattedDuration(left).to_string());
                tracing::info!(name, left, "run {number} of {}", self.runs);
            }
            Event::RunFinished { unchanged, .. } => {
                self.left = self.left.saturating_sub(self.weight);
                if !unchanged {
                    self.done += self.weight;
                    self.worked += self.started.elapsed();
                }
            }
            _ => {}
        }
    }
}

/// Lines for the steps of a single run.
fn single(event: &Event<'_>) {
    match *event {
        Event::RunStarted { name, .. } => tracing::info!(name, "run"),
        Event::StageSkipped { stage } => tracing::info!(%stage, "unchanged, skipped"),
        Event::StageStarted { stage } => tracing::info!(%stage, "start"),
        Event::Resumed { epoch } => tracing::info!(epoch, "training goes on from a checkpoint"),
        Event::Epoch { record, total }
            if record.epoch % EPOCHS_A_LINE == 0
                || record.epoch == total
                || record.seconds >= LONG_EPOCH =>
        {
            let validation = record.validation;
            tracing::info!(
                epoch = record.epoch,
                total,
                loss = round(record.loss),
                val_auc = validation.map(|scores| round(scores.auc)),
                val_ap = validation.map(|scores| round(scores.ap)),
                val_loss = record.validation_loss.map(round),
                "train"
            );
        }
        Event::Step { done, total }
            if total.is_none_or(|total| done == total || done % total.div_ceil(10).max(1) == 0) =>
        {
            tracing::info!(step = step(done, total), "train");
        }
        Event::StageFinished { stage, seconds } => {
            tracing::info!(%stage, seconds = round(seconds), "done");
        }
        _ => {}
    }
}

/// `12/40`, or `12` where the end is open.
fn step(done: u32, total: Option<u32>) -> String {
    total.map_or_else(|| done.to_string(), |total| format!("{done}/{total}"))
}

fn round(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

impl FetchWatch for Progress {
    fn file_started(&mut self, dataset: &str, file: &str, source: &str, bytes: u64) {
        let Some(bars) = &mut self.bars else { return };
        bars.show_download(ProgressBar::new(bytes));
        bars.download.set_style(style("{msg} {bar:24} {bytes}/{total_bytes} {bytes_per_sec}"));
        bars.download.set_message(format!("fetch {dataset}/{file} from {source}"));
    }

    fn bytes_arrived(&mut self, bytes: u64) {
        if let Some(bars) = &self.bars {
            bars.download.inc(bytes);
        }
    }

    fn file_done(&mut self, _: &str, _: &str) {
        if let Some(bars) = &self.bars {
            bars.download.finish_and_clear();
        }
    }

    fn package_started(&mut self, source: &str) {
        let Some(bars) = &mut self.bars else { return };
        bars.show_download(ProgressBar::new_spinner());
        bars.download.set_style(style("{spinner} {msg} {elapsed}"));
        bars.download.set_message(format!("fetch the {source}"));
        bars.download.enable_steady_tick(Duration::from_millis(120));
    }

    fn source_failed(&mut self, _: &str, _: &str, _: Option<&str>, _: &Reason) {
        if let Some(bars) = &self.bars {
            bars.download.finish_and_clear();
        }
    }
}

impl Bars {
    fn show_download(&mut self, bar: ProgressBar) {
        self.download.finish_and_clear();
        self.download = self.all.add(bar);
    }
}

/// Writes log lines above the bars, so that neither garbles the other.
#[derive(Clone)]
struct AboveBars(MultiProgress);

impl Write for AboveBars {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        self.0.suspend(|| std::io::stderr().write(line))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        std::io::stderr().flush()
    }
}

impl<'a> MakeWriter<'a> for AboveBars {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
