//! Progress: bars on a terminal, log lines elsewhere.

mod bars;
mod lines;
mod pace;

use std::io::{IsTerminal, Write};

use bars::Bars;
use indicatif::MultiProgress;
use lines::Lines;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use vgae_ingest::fetch::{FetchWatch, Reason};
use vgae_pipeline::{Event, Observer};

use crate::args::{LogFormat, Talk};

/// Watches runs and downloads, and shows them.
pub(crate) struct Progress {
    bars: Option<Bars>,
    lines: Lines,
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
    Progress { bars: drawn.then(|| Bars::new(all)), lines: Lines::default() }
}

impl Progress {
    /// Removes the bars, so that what is printed next stands alone.
    pub(crate) fn finish(&self) {
        if let Some(bars) = &self.bars {
            bars.clear();
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

impl FetchWatch for Progress {
    fn file_started(&mut self, dataset: &str, file: &str, source: &str, bytes: u64) {
        if let Some(bars) = &mut self.bars {
            bars.show_file(bytes, format!("fetch {dataset}/{file} from {source}"));
        }
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
        if let Some(bars) = &mut self.bars {
            bars.show_package(format!("fetch the {source}"));
        }
    }

    fn source_failed(&mut self, _: &str, _: &str, _: Option<&str>, _: &Reason) {
        if let Some(bars) = &self.bars {
            bars.download.finish_and_clear();
        }
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
