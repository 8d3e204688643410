//! Engine `spark`: Apache Spark, through a Python process with `pyspark`.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, anyhow, bail};
use serde::Deserialize;
use serde_json::json;

use super::{Engine, TableFiles};
use crate::steps::Facts;

/// Program that runs the queries; see its documentation for the protocol.
const DRIVER: &str = include_str!("driver.py");

/// Connection to Spark.
#[derive(Debug, Clone)]
pub struct SparkOptions {
    /// Master URL, such as `local[2]`, `local-cluster[2,1,1024]` or `spark://HOST:PORT`.
    pub master: String,
    /// Settings of Spark, `KEY=VALUE`.
    pub settings: Vec<String>,
    /// Python interpreter with the package `pyspark`.
    pub python: PathBuf,
    /// File for the log of Spark.
    pub log: PathBuf,
}

/// Apache Spark behind a Python process.
#[derive(Debug)]
pub struct Spark {
    child: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    log: PathBuf,
    /// The driver program on disk, removed with the engine.
    _program: tempfile::TempPath,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Answer<T> {
    Ok(T),
    Error(String),
}

impl Spark {
    /// Starts the Python process and its Spark session.
    ///
    /// # Errors
    /// Returns an error when Python, `pyspark` or Java is missing, a setting is malformed, or the master cannot be reached.
    pub fn new(options: &SparkOptions) -> anyhow::Result<Self> {
        if let Some(setting) = options.settings.iter().find(|setting| !setting.contains('=')) {
            bail!("--conf: expected KEY=VALUE, found {setting:?}");
        }
        let mut program = tempfile::Builder::new()
            .prefix("vgae-scale-driver-")
            .suffix(".py")
            .tempfile()
            .context("cannot write the Spark driver to the temporary folder")?;
        program.write_all(DRIVER.as_bytes()).context("cannot write the Spark driver")?;
        let program = program.into_temp_path();
        let log = File::create(&options.log)
            .with_context(|| format!("cannot write {}", options.log.display()))?;
        let mut child = Command::new(&options.python)
            .arg(&program)
            .arg(&options.master)
            .args(&options.settings)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .with_context(|| {
                format!(
                    "cannot start {}: install Python, or name the interpreter that has `pyspark` with --python",
                    options.python.display()
                )
            })?;
        let requests = child.stdin.take();
        let answers = child.stdout.take().context("the Spark driver has no standard output")?;
        let answers = BufReader::new(answers);
        let mut spark =
            Self { child, requests, answers, log: options.log.clone(), _program: program };
        spark.answer::<serde_json::Value>().with_context(|| {
            format!(
                "cannot start Spark at {} (the engine needs Python with `pyspark` 4 and Java 17 or newer)",
                options.master
            )
        })?;
        Ok(spark)
    }

    fn request<T: for<'a> Deserialize<'a>>(
        &mut self,
        request: &serde_json::Value,
    ) -> anyhow::Result<T> {
        let requests = self.requests.as_mut().context("the Spark driver has ended")?;
        let sent = writeln!(requests, "{request}").and_then(|()| requests.flush());
        sent.map_err(|error| anyhow!(error).context(self.ended()))?;
        self.answer()
    }

    fn answer<T: for<'a> Deserialize<'a>>(&mut self) -> anyhow::Result<T> {
        let mut line = String::new();
        let length =
            self.answers.read_line(&mut line).context("cannot read from the Spark driver")?;
        if length == 0 {
            bail!(self.ended());
        }
        let answer = serde_json::from_str(&line)
            .with_context(|| format!("the Spark driver answered {:?}", line.trim_end()))?;
        match answer {
            Answer::Ok(content) => Ok(content),
            Answer::Error(error) => bail!(error),
        }
    }

    /// Returns a message with the last lines of the log.
    fn ended(&mut self) -> String {
        self.requests = None;
        let status =
            self.child.wait().map_or_else(|error| error.to_string(), |status| status.to_string());
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let last = lines[lines.len().saturating_sub(5)..].join("\n");
        format!("the Spark driver ended ({status}); the end of {}:\n{last}", self.log.display())
    }
}

impl Drop for Spark {
    fn drop(&mut self) {
        // The driver stops its session at the end of its input.
        self.requests = None;
        let _ = self.child.wait();
    }
}

fn absolute(path: &Path) -> anyhow::Result<PathBuf> {
    std::path::absolute(path).with_context(|| format!("cannot resolve {}", path.display()))
}

impl Engine for Spark {
    fn name(&self) -> &'static str {
        "spark"
    }

    fn register(&mut self, name: &str, files: &TableFiles) -> anyhow::Result<()> {
        let paths =
            files.paths.iter().map(|path| absolute(path)).collect::<anyhow::Result<Vec<_>>>()?;
        let request =
            json!({ "do": "register", "name": name, "paths": paths, "columns": files.columns });
        self.request::<()>(&request).with_context(|| format!("cannot read the table `{name}`"))
    }

    fn write(&mut self, sql: &str, folder: &Path) -> anyhow::Result<()> {
        self.request(&json!({ "do": "write", "sql": sql, "folder": absolute(folder)? }))
    }

    fn query(&mut self, sql: &str) -> anyhow::Result<Facts> {
        self.request(&json!({ "do": "query", "sql": sql }))
    }
}
