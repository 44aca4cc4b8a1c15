#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use super::*;

/// Checks that a config and a command line have the same words for a choice.
fn same_words<T: ValueEnum + Serialize>() {
    assert!(!T::value_variants().is_empty());
    for choice in T::value_variants() {
        let typed = choice.to_possible_value().unwrap();
        let written = serde_json::to_value(choice).unwrap();
        assert_eq!(written.as_str(), Some(typed.get_name()));
        assert!(typed.get_help().is_some(), "{written} has no help");
    }
}

#[test]
fn configs_and_command_lines_have_the_same_words() {
    same_words::<DirType>();
    same_words::<Norm>();
    same_words::<Ignore>();
    same_words::<Loss>();
    same_words::<Precision>();
    same_words::<ClassAxis>();
    same_words::<Style>();
}

#[test]
fn a_default_is_written_as_it_is_typed() {
    assert_eq!(Norm::Dfilter.to_string(), "dfilter");
    assert_eq!(Ignore::Biasbn.to_string(), "biasbn");
}
