//! The options of `vgae train` that are hyper-parameters, from their declarations.

use clap::{Arg, ArgMatches, Command};
use vgae_model::Method;
use vgae_pipeline::reference::{ModelOption, model_options, names};

/// Hyper-parameters as typed: key and text.
#[derive(Debug, Clone, Default)]
pub(crate) struct ModelArgs(pub(crate) Vec<(String, String)>);

/// Help for the choice of a method.
pub(crate) fn methods() -> String {
    let all: Vec<Method> = Method::all().collect();
    format!("Method: {} [default: vgae; vae for samples]", names(&all))
}

/// The declarations by key.
fn by_key() -> Vec<(String, Vec<ModelOption>)> {
    let mut keys: Vec<(String, Vec<ModelOption>)> = Vec::new();
    for option in model_options() {
        match keys.iter_mut().find(|(key, _)| *key == option.field.key) {
            Some((_, options)) => options.push(option),
            None => keys.push((option.field.key.clone(), vec![option])),
        }
    }
    keys
}

/// Returns the help of one key: its meaning, methods and defaults.
fn help(options: &[ModelOption]) -> String {
    let one = |option: &ModelOption| {
        let methods: Vec<Method> = option.methods().collect();
        let (about, defaults) = (option.field.summary(), option.shown_defaults());
        let default = match defaults.as_str() {
            "" => String::new(),
            defaults => format!(" [default: {defaults}]"),
        };
        format!("{about} ({}){default}", names(&methods))
    };
    options.iter().map(one).collect::<Vec<_>>().join("\n")
}

impl clap::Args for ModelArgs {
    fn augment_args(command: Command) -> Command {
        let arg = |(key, options): (String, Vec<ModelOption>)| {
            let long = key.replace('_', "-");
            Arg::new(key).long(long).value_name("VALUE").help(help(&options))
        };
        command.args(by_key().into_iter().map(arg))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for ModelArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let keys = by_key().into_iter().map(|(key, _)| key);
        let given = keys.filter_map(|key| {
            let text = matches.get_one::<String>(&key)?.clone();
            Some((key, text))
        });
        Ok(Self(given.collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
