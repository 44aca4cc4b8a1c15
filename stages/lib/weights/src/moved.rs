use files::{DirType, Model, StateTensor, Tensor};
use ndarray::ArrayD;

/// The entries of a model that directions of a type move, in `state_dict` order.
pub fn moved(model: &Model, dir_type: DirType) -> Vec<&StateTensor> {
    let mut moved = Vec::new();
    for entry in &model.state {
        if dir_type.moves(entry.role) {
            moved.push(entry);
        }
    }
    moved
}

/// For each entry of a model the tensor by which a direction moves it; `None` for what stays where
/// it is. Integers never move.
pub fn moves<'a>(
    model: &Model,
    dir_type: DirType,
    direction: &'a [ArrayD<f32>],
) -> Vec<Option<&'a ArrayD<f32>>> {
    let mut tensors = direction.iter();
    let mut moves = Vec::with_capacity(model.state.len());
    for entry in &model.state {
        let tensor = if dir_type.moves(entry.role) {
            tensors.next()
        } else {
            None
        };
        moves.push(tensor.filter(|_| entry.tensor.is_float()));
    }
    moves
}

/// How far a tensor is from its origin, θ₂ - θ*: both have one shape. Integers never move.
pub fn difference(origin: &Tensor, to: &Tensor) -> ArrayD<f32> {
    if origin.is_float() {
        to.to_f32() - origin.to_f32()
    } else {
        ArrayD::zeros(origin.shape())
    }
}

#[cfg(test)]
mod tests {
    use files::Role;
    use ndarray::{arr0, arr1};

    use super::*;

    fn entry(name: &str, role: Role, tensor: Tensor) -> StateTensor {
        StateTensor {
            name: name.into(),
            role,
            tensor,
        }
    }

    fn model() -> Model {
        let reals = || Tensor::F32(arr1(&[1.0, 2.0]).into_dyn());
        Model {
            program: String::new(),
            state: vec![
                entry("weight", Role::Parameter, reals()),
                entry("count", Role::Buffer, Tensor::I64(arr0(7).into_dyn())),
                entry("mean", Role::Buffer, reals()),
                entry("mask", Role::Constant, reals()),
            ],
            architecture: String::new(),
            notes: Vec::new(),
        }
    }

    #[test]
    fn weights_move_parameters_and_states_all_but_constants() {
        let model = model();
        let names = |dir_type| -> Vec<&str> {
            let moved = moved(&model, dir_type);
            moved.iter().map(|entry| entry.name.as_str()).collect()
        };
        assert_eq!(names(DirType::Weights), ["weight"]);
        assert_eq!(names(DirType::States), ["weight", "count", "mean"]);
    }

    #[test]
    fn integers_have_a_place_in_a_direction_and_do_not_move() {
        let direction = [0.5f32, 9.0, 0.25].map(|value| arr1(&[value, value]).into_dyn());
        let moves = moves(&model(), DirType::States, &direction);
        assert_eq!(
            moves,
            [Some(&direction[0]), None, Some(&direction[2]), None]
        );
    }

    #[test]
    fn a_difference_leads_from_the_origin_to_the_other() {
        let [from, to] = [[1.0f32, 2.0], [3.0, -1.0]].map(|it| Tensor::F32(arr1(&it).into_dyn()));
        assert_eq!(difference(&from, &to), arr1(&[2.0, -3.0]).into_dyn());
        let count = Tensor::I64(arr0(7).into_dyn());
        assert_eq!(difference(&count, &count), arr0(0.0).into_dyn());
    }
}
