use ndarray::ArrayD;

/// The scalar product of two directions, summed in f64.
pub fn dot(a: &[ArrayD<f32>], b: &[ArrayD<f32>]) -> f64 {
    let mut sum = 0.0;
    for (a, b) in a.iter().zip(b) {
        for (a, b) in a.iter().zip(b) {
            sum += f64::from(*a) * f64::from(*b);
        }
    }
    sum
}

/// The Euclidean length of a direction.
pub fn length(a: &[ArrayD<f32>]) -> f64 {
    dot(a, a).sqrt()
}

/// The cosine of the angle between two directions.
pub fn cosine(a: &[ArrayD<f32>], b: &[ArrayD<f32>]) -> f64 {
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[cfg(test)]
mod tests {
    use ndarray::arr1;

    use super::*;

    #[test]
    fn products_are_those_of_the_flattened_directions() {
        let x = [arr1(&[1.0, 0.0]).into_dyn(), arr1(&[2.0]).into_dyn()];
        let y = [arr1(&[0.0, 1.0]).into_dyn(), arr1(&[2.0]).into_dyn()];
        assert_eq!(dot(&x, &y), 4.0);
        assert!((length(&x) - 5f64.sqrt()).abs() < 1e-12);
        assert!((cosine(&x, &y) - 0.8).abs() < 1e-12);
    }
}
