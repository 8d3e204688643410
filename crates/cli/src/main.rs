//! The `vgae` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    vgae_cli::main_from(std::env::args_os())
}
