//! Results on stdout, errors on stderr. A reader that goes away (`vgae ... | head`) is no fault.

use std::io::Write;

/// Prints a result.
pub(crate) fn result(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _reader_gone = stdout
        .write_all(text.as_bytes())
        .and_then(|()| if text.ends_with('\n') { Ok(()) } else { stdout.write_all(b"\n") });
    let _reader_gone = stdout.flush();
}

/// Prints an error with its causes as one paragraph.
pub(crate) fn error(error: &anyhow::Error) {
    let mut text = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        // Stages name themselves: "split failed: split: ..." would say it twice.
        let stage = text.strip_suffix(" failed").and_then(|said| said.rsplit(' ').next());
        let cause =
            stage.and_then(|stage| cause.strip_prefix(stage)?.strip_prefix(": ")).unwrap_or(&cause);
        // Transparent wrappers repeat their cause.
        if !text.ends_with(cause) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(cause);
        }
    }
    let system = error.chain().filter_map(|cause| cause.downcast_ref::<std::io::Error>());
    if system.into_iter().any(|error| error.kind() == std::io::ErrorKind::StorageFull) {
        text.push_str(": make room and start again, what is finished is kept");
    }
    let _nobody_listens = writeln!(std::io::stderr(), "error: {text}");
}
