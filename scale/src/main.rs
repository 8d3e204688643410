//! The program `vgae-scale`.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{bail, ensure};
use clap::{Args, Parser, Subcommand, ValueEnum};
use vgae_large::LargeConfig;
use vgae_scale::{Engine, Event, Local, LocalOptions, Spark, SparkOptions, run, verify};

/// Graph embeddings by SQL, beyond the memory of one machine
#[derive(Debug, Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a pipeline file; finished steps are kept
    Run {
        /// Pipeline file (TOML)
        pipeline: PathBuf,
        /// Output folder; by default `out/` and the name of the pipeline file
        #[arg(long)]
        out: Option<PathBuf>,
        /// SQL engine
        #[arg(long, value_enum, default_value = "local")]
        engine: EngineName,
        #[command(flatten)]
        local: LocalArgs,
        #[command(flatten)]
        spark: SparkArgs,
    },
    /// Verify the files of a finished run and repeat the queries that verified its steps
    Verify {
        /// Output folder of the run
        folder: PathBuf,
        #[command(flatten)]
        local: LocalArgs,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[expect(clippy::doc_markdown, reason = "help texts have no backticks")]
enum EngineName {
    /// Apache DataFusion in this process
    Local,
    /// Apache Spark, through Python with pyspark
    Spark,
}

#[derive(Debug, Args)]
struct LocalArgs {
    /// Memory of queries, such as 2GB; beyond it they spill to disk (engine `local`; unlimited by default)
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    memory: Option<usize>,
    /// Folder for spilled data (engine `local`; the temporary folder by default)
    #[arg(long, value_name = "DIR")]
    spill: Option<PathBuf>,
    /// Number of threads (engine `local`; all processors by default)
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
}

#[derive(Debug, Args)]
struct SparkArgs {
    /// Master URL, such as `spark://HOST:7077` (engine `spark`; `local[*]` by default)
    #[arg(long, value_name = "URL")]
    master: Option<String>,
    /// Setting of Spark, such as `spark.executor.memory=8g`; may be repeated (engine `spark`)
    #[arg(long, value_name = "KEY=VALUE")]
    conf: Vec<String>,
    /// Python interpreter with pyspark (engine `spark`; `python3` by default)
    #[arg(long, value_name = "PATH", env = "VGAE_SCALE_PYTHON")]
    python: Option<PathBuf>,
}

/// Parses a size in bytes with the unit B, KB, MB, GB or TB (powers of 1000).
fn bytes(text: &str) -> Result<usize, String> {
    let expected = || format!("expected a size such as 500MB or 2GB, found {text:?}");
    let split = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(split);
    let factor: usize = match unit.to_ascii_uppercase().as_str() {
        "" | "B" => 1,
        "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "TB" => 1_000_000_000_000,
        _ => return Err(expected()),
    };
    let count: usize = digits.parse().map_err(|_| expected())?;
    count.checked_mul(factor).filter(|&bytes| bytes > 0).ok_or_else(expected)
}

impl LocalArgs {
    fn engine(self) -> anyhow::Result<Local> {
        ensure!(
            self.spill.is_none() || self.memory.is_some(),
            "--spill: expected --memory too, as nothing is spilled without a limit"
        );
        Local::new(&LocalOptions {
            threads: self.threads.map(usize::from),
            memory: self.memory,
            spill: self.spill,
        })
    }

    fn is_set(&self) -> bool {
        self.memory.is_some() || self.spill.is_some() || self.threads.is_some()
    }
}

fn main() -> ExitCode {
    match start(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            diagnostic(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn start(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Command::Run { pipeline, out, engine, local, spark } => {
            let config = LargeConfig::read(&pipeline)?;
            let out = out.unwrap_or_else(|| {
                PathBuf::from("out").join(pipeline.file_stem().unwrap_or_default())
            });
            std::fs::create_dir_all(&out)?;
            let mut engine: Box<dyn Engine> = match engine {
                EngineName::Local => {
                    let SparkArgs { master, conf, .. } = &spark;
                    if master.is_some() || !conf.is_empty() {
                        bail!(
                            "--master and --conf are options of the engine `spark`: add --engine spark"
                        );
                    }
                    Box::new(local.engine()?)
                }
                EngineName::Spark => {
                    if local.is_set() {
                        bail!(
                            "--memory, --spill and --threads are options of the engine `local`: use --conf, such as \
                             --conf spark.executor.memory=8g"
                        );
                    }
                    Box::new(Spark::new(&SparkOptions {
                        master: spark.master.unwrap_or_else(|| "local[*]".to_owned()),
                        settings: spark.conf,
                        python: spark.python.unwrap_or_else(|| PathBuf::from("python3")),
                        log: out.join("spark.log"),
                    })?)
                }
            };
            let outcome = run(&config, engine.as_mut(), &out, &mut |event| progress(&event))?;
            output(&format!("{outcome}\nresults in {}", out.display()))
        }
        Command::Verify { folder, local } => {
            let mut engine = local.engine()?;
            let steps =
                verify(&folder, &mut engine, &mut |step| diagnostic(&format!("verified {step}")))?;
            output(&format!("verified: {} steps of {}", steps, folder.display()))
        }
    }
}

/// Prints a line about a step.
fn progress(event: &Event<'_>) {
    diagnostic(&match event {
        Event::Kept(record) => format!("kept     {:<14} {} rows", record.step.name, record.rows),
        Event::Damaged(step, error) => format!("damaged  {step:<14} runs again: {error:#}"),
        Event::Rejected(step, attempt, error) => {
            format!("rejected {step:<14} attempt {attempt}: {error:#}")
        }
        Event::Written { record, write_seconds, verify_seconds } => {
            // The memory of Spark is that of other processes.
            let memory = peak_memory().filter(|_| record.engine == "local");
            let memory = memory
                .map_or_else(String::new, |bytes| format!(", peak RSS {} MB", bytes / 1_000_000));
            format!(
                "written  {:<14} {} rows, {} part files, {write_seconds:.2} s, verified in {verify_seconds:.2} \
                 s{memory}",
                record.step.name,
                record.rows,
                record.parts.len()
            )
        }
    });
}

/// Returns the largest resident memory of this process so far, in bytes, where the system reports it.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// Writes a line to the standard error.
fn diagnostic(line: &str) {
    // Without a standard error there is no place for a report.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Writes a line to the standard output.
fn output(line: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(bytes("2GB"), Ok(2_000_000_000));
        assert_eq!(bytes("500mb"), Ok(500_000_000));
        assert_eq!(bytes("17"), Ok(17));
        for faulty in ["", "GB", "0", "2 GB", "2.5GB", "-1", "2GiB", "99999999999TB"] {
            let error = bytes(faulty).expect_err(faulty);
            assert!(error.contains("expected a size such as 500MB or 2GB"), "{error}");
        }
    }
}
