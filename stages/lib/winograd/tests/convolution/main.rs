//! Against the convolution's definition in f64, for all sizes, paddings and what comes after.

mod case;

use half::bf16;
use winograd::{Convolution, Order, Tile, available, fits, kernel_shape, transform};

use case::{Case, cases, rounded};

#[test]
fn every_size_padding_and_end_is_that_of_the_definition() {
    if !available() {
        return;
    }
    // sums of up to 576 products of numbers up to a quarter: a few units in the last place of what
    // is summed
    for (tile, most) in [(Tile::Two, 1e-5), (Tile::Four, 1e-4)] {
        let off = |case: Case| {
            let pairs = case.run().into_iter().zip(case.wanted());
            pairs
                .map(|(found, wanted)| (f64::from(found) - wanted).abs())
                .fold(0.0, f64::max)
        };
        let worst = cases(tile).map(off).fold(0.0, f64::max);
        println!("{tile:?}: off by {worst:.1e} at most");
        assert!(worst < most, "{tile:?}: {worst}");
    }
}

#[test]
fn images_in_bf16_are_rounded_once() {
    if !available() {
        return;
    }
    let (mut same, mut count) = (0, 0);
    for case in cases(Tile::Four).map(Case::in_bf16) {
        for (found, wanted) in case.run_bf16().into_iter().zip(case.wanted()) {
            // the nearest one, or its neighbour where the sum in f32 lies on the other side of the
            // middle
            let nearest = bf16::from_f64(wanted);
            assert!(
                (f64::from(found) - wanted).abs() <= wanted.abs() / 250.0 + 1e-4,
                "{found} for {wanted}"
            );
            (same, count) = (same + usize::from(found == nearest), count + 1);
        }
    }
    println!("{same} of {count} are the nearest");
    assert!(same * 1000 > count * 995, "{same} of {count}");
}

#[test]
fn numbers_at_the_ends_of_bf16() {
    if !available() {
        return;
    }
    // a kernel of zeros, so that the sum is what was there
    let values = [
        0.0,
        -0.0,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::NAN,
        3.3e38,
        -1e-38,
        1e-40,
    ];
    let size = [4, 4];
    let convolution = |add| Convolution {
        images: 1,
        size,
        inputs: 16,
        outputs: 16,
        padding: [1, 1],
        add,
        relu: false,
        tile: Tile::Four,
    };
    let kernel = vec![0.0; kernel_shape(Tile::Four, 16, 16).iter().product()];
    let before: Vec<bf16> = rounded(
        &(0..256)
            .map(|k| values[k % values.len()])
            .collect::<Vec<f32>>(),
    );
    let mut found = before.clone();
    convolution(true).run_bf16(&[bf16::ZERO; 256], &kernel, None, &mut found);
    for (found, before) in found.iter().zip(&before) {
        // a sum with 0 loses the sign of -0
        assert!(
            found == before || found.is_nan() && before.is_nan(),
            "{found} for {before}"
        );
    }
    // a bias beyond the largest, halfway between two, and a NaN all of whose bits are set
    let bias = [
        f32::MAX,
        1.003_906_3,
        1.011_718_8,
        f32::from_bits(0x7FFF_FFFF),
    ];
    let bias: Vec<f32> = (0..16).map(|k| bias[k % 4]).collect();
    convolution(false).run_bf16(&[bf16::ZERO; 256], &kernel, Some(&bias), &mut found);
    assert!(found[0] == bf16::INFINITY && found[3].is_nan());
    assert_eq!([found[1], found[2]], [bias[1], bias[2]].map(bf16::from_f32));
}

#[test]
fn bits_do_not_depend_on_the_company() {
    if !available() {
        return;
    }
    // more tiles than are transformed at once, of small kernels and of large ones
    let kinds = [
        (Tile::Two, 32, 32),
        (Tile::Four, 32, 32),
        (Tile::Two, 512, 272),
        (Tile::Four, 512, 272),
    ];
    for (tile, inputs, outputs) in kinds {
        let (size, padding) = ([9, 14], [1, 1]);
        let convolution = |images| Convolution {
            images,
            size,
            inputs,
            outputs,
            padding,
            add: false,
            relu: true,
            tile,
        };
        let many = Case::new(convolution(9), true);
        let (image, result) = (many.input.len() / 9, many.before.len() / 9);
        let (all, all_bf16) = (many.run(), many.run_bf16());
        for k in 0..9 {
            let one = Case {
                input: many.input[k * image..][..image].to_vec(),
                ..Case::new(convolution(1), true)
            };
            assert_eq!(
                one.run(),
                all[k * result..][..result],
                "{tile:?}, image {k}"
            );
            assert_eq!(
                one.run_bf16(),
                all_bf16[k * result..][..result],
                "{tile:?} in bf16, image {k}"
            );
        }
    }
}

#[test]
fn large_kernels_and_both_orders_of_weights() {
    if !available() {
        return;
    }
    for (tile, channels) in [
        (Tile::Two, 512),
        (Tile::Four, 512),
        (Tile::Two, 256),
        (Tile::Four, 256),
    ] {
        let (size, padding) = ([6, 5], [1, 1]);
        let convolution = Convolution {
            images: 2,
            size,
            inputs: channels,
            outputs: channels,
            padding,
            add: false,
            relu: false,
            tile,
        };
        let case = Case::new(convolution, false);
        let off = case
            .run()
            .into_iter()
            .zip(case.wanted())
            .map(|(found, wanted)| (f64::from(found) - wanted).abs());
        assert!(off.fold(0.0, f64::max) < 1e-3, "{tile:?}");
        // [outputs, inputs, 3, 3] as [outputs, 3, 3, inputs]
        let filter = 9 * channels;
        let place = |k: usize| (k / filter * channels + k % channels) * 9 + k / channels % 9;
        let last: Vec<f32> = (0..filter * channels)
            .map(|k| case.weight[place(k)])
            .collect();
        let mut kernel = vec![0.0; case.kernel().len()];
        transform(
            tile,
            &last,
            Order::ChannelsLast,
            channels,
            channels,
            &mut kernel,
        );
        assert_eq!(kernel, case.kernel(), "{tile:?}");
    }
}

#[test]
fn not_a_number_stays_such_and_odd_channels_do_not_fit() {
    assert!(fits(16, 48) && !fits(8, 16) && !fits(16, 24) && !fits(0, 16));
    if !available() {
        return;
    }
    for tile in [Tile::Two, Tile::Four] {
        let (size, padding) = ([4, 4], [1, 1]);
        let convolution = Convolution {
            images: 1,
            size,
            inputs: 16,
            outputs: 16,
            padding,
            add: false,
            relu: true,
            tile,
        };
        let mut case = Case::new(convolution, false);
        case.input[0] = f32::NAN;
        assert!(case.run()[0].is_nan() && case.run_bf16()[0].is_nan());
    }
}
