use super::*;

fn surface(settings: &[(&str, &str)]) -> Surface {
    let settings = settings.iter();
    Surface {
        name: "surface".into(),
        directions: String::new(),
        settings: settings
            .map(|(key, value)| (key.to_string(), value.to_string()))
            .collect(),
    }
}

#[test]
fn titles_are_what_differs_as_the_config_writes_it() {
    let one = surface(&[
        ("model", "vit"),
        ("data", "mnist"),
        ("xnorm", "layer"),
        ("seed", "1"),
    ]);
    let two = surface(&[
        ("model", "vit"),
        ("data", "mnist"),
        ("xnorm", "layer"),
        ("seed", "2"),
    ]);
    let other = surface(&[("model", "resnet 20"), ("data", "mnist"), ("seed", "2")]);
    assert_eq!(
        titles(&[one, two, other]),
        [
            "vit, seed 1, xnorm layer",
            "vit, seed 2, xnorm layer",
            "resnet 20, seed 2"
        ]
    );
    assert_eq!(titles(&[surface(&[("model", "vit")])]), ["surface"]);
}
