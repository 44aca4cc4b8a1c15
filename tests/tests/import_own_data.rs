//! import-data: users' own arrays and images, as numpy and Pillow write them.

use files::{DatasetFile, Split, Tensor};
use tests::{Workdir, python};

fn pixels(tensor: &Tensor) -> Vec<u8> {
    match tensor {
        Tensor::U8(values) => values.iter().copied().collect(),
        other => panic!("they are {}", other.dtype()),
    }
}

#[test]
fn arrays_of_numpy_with_the_splits_that_are_there() {
    let workdir = Workdir::new();
    python(
        &workdir,
        "import numpy
images = numpy.arange(2 * 3 * 4 * 5, dtype='u1').reshape(2, 3, 4, 5)
numpy.savez('images.npz', train_inputs=images, train_targets=numpy.array([1, 0]))
numpy.savez_compressed('columns.npz', train_inputs=numpy.asfortranarray(images), train_targets=numpy.array([1, 0], 'i4'))
numpy.savez('halves.npz', test_inputs=numpy.array([[0.5, -2]], 'f2'), test_targets=numpy.array([[0.25]]))
numpy.savez('named.npz', train_inputs_time=numpy.zeros((3, 1), 'f4'), train_inputs_at=numpy.ones((3, 2)),
            train_targets=numpy.zeros(3, 'f4'))
",
    );
    workdir.ok("import-data npz images.npz --output a.h5");
    workdir.ok("import-data npz columns.npz --output b.h5");
    let data = |name: &str| DatasetFile::open(&workdir.path(name)).unwrap();
    assert_eq!(data("a.h5").header.id, data("b.h5").header.id);
    let examples = data("a.h5").examples(&Split::Train, None).unwrap();
    assert_eq!(examples.input().shape(), [2, 3, 4, 5]);
    assert_eq!(pixels(examples.input()), (0..120).collect::<Vec<u8>>());
    assert_eq!(data("a.h5").normalization.mean.len(), 3);

    workdir.ok("import-data npz halves.npz --output c.h5");
    assert!(data("c.h5").examples(&Split::Train, None).is_err());
    let examples = data("c.h5").examples(&Split::Test, None).unwrap();
    assert_eq!(
        examples.input(),
        &Tensor::F32(ndarray::arr2(&[[0.5f32, -2.0]]).into_dyn())
    );
    assert_eq!(
        examples.targets.unwrap(),
        Tensor::F64(ndarray::arr2(&[[0.25]]).into_dyn())
    );
    assert_eq!(
        (
            &data("c.h5").normalization.scale[..],
            &data("c.h5").normalization.std[..]
        ),
        (&[1.0][..], &[1.0][..])
    );

    let said = workdir.ok("import-data npz named.npz --output d.h5").stderr;
    assert!(
        said.contains("inputs at [3, 2]") && said.contains("inputs time [3, 1]"),
        "{said}"
    );
    let examples = data("d.h5").examples(&Split::Train, None).unwrap();
    assert_eq!(
        examples
            .inputs
            .iter()
            .map(|(name, _)| name.as_str())
            .collect::<Vec<_>>(),
        ["at", "time"]
    );
}

#[test]
fn images_in_a_folder_for_each_class_as_pillow_sees_them() {
    let workdir = Workdir::new();
    let wanted = python(
        &workdir,
        "import numpy, os
from PIL import Image
random = numpy.random.default_rng(0)
smooth = lambda: numpy.kron(random.integers(0, 256, (6, 8, 3)), numpy.ones((4, 4, 1))).astype('u1')
for split, classes in ('train', ['cat', 'dog']), ('test', ['cat', 'dog']):
    for name in classes:
        os.makedirs(f'pets/{split}/{name}')
        for k, ending in enumerate(['png', 'JPG', 'jpeg']):
            Image.fromarray(smooth()).save(f'pets/{split}/{name}/{k}.{ending}', quality=90, subsampling=0)
open('pets/train/cat/notes.txt', 'w').close()
os.mkdir('pets/train/.cache')
os.makedirs('grey/zero')
Image.fromarray(smooth()[..., 0]).save('grey/zero/a.png')
for size in None, (16, 10):
    for split in 'train', 'test':
        values = [Image.open(f'pets/{split}/{name}/{k}.{ending}') for name in ('cat', 'dog')
                  for k, ending in enumerate(['png', 'JPG', 'jpeg'])]
        values = [image if size is None else image.resize(size, Image.BILINEAR) for image in values]
        print(*numpy.array(values).transpose(0, 3, 1, 2).ravel())
",
    );
    workdir.ok("import-data folder pets --output whole.h5");
    workdir.ok("import-data folder pets --size 16x10 --output small.h5");
    let mut wanted = wanted.lines().map(|line| {
        line.split(' ')
            .map(|value| value.parse().unwrap())
            .collect::<Vec<u8>>()
    });
    for (file, shape) in [("whole.h5", [6, 3, 24, 32]), ("small.h5", [6, 3, 10, 16])] {
        let data = DatasetFile::open(&workdir.path(file)).unwrap();
        assert_eq!(data.classes, ["cat", "dog"]);
        for split in data.splits() {
            let examples = data.examples(split, None).unwrap();
            assert_eq!(examples.input().shape(), shape);
            assert_eq!(
                examples.targets.as_ref().unwrap(),
                &Tensor::I64(ndarray::arr1(&[0i64, 0, 0, 1, 1, 1]).into_dyn())
            );
            let (found, wanted) = (pixels(examples.input()), wanted.next().unwrap());
            // PNG has one meaning; a decoder of JPEG and a resize round in their own ways
            let exact = if file == "whole.h5" { 24 * 32 * 3 } else { 0 };
            assert_eq!(found[..exact], wanted[..exact]);
            let furthest = found
                .iter()
                .zip(&wanted)
                .map(|(a, b)| a.abs_diff(*b))
                .max()
                .unwrap();
            assert!(
                found.len() == wanted.len() && furthest <= 3,
                "{file}: {furthest}"
            );
        }
    }
    workdir.ok("import-data folder grey --normalize none --output grey.h5");
    let grey = DatasetFile::open(&workdir.path("grey.h5")).unwrap();
    assert_eq!(
        grey.examples(&Split::Train, None).unwrap().input().shape(),
        [1, 1, 24, 32]
    );
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let workdir = Workdir::new();
    python(
        &workdir,
        "import numpy, os
from PIL import Image
zeros = lambda *shape: numpy.zeros(shape, 'f4')
numpy.savez('lonely.npz', train_targets=zeros(2, 3))
numpy.savez('short.npz', train_inputs=zeros(2, 3), train_targets=zeros(3))
numpy.savez('strange.npz', train_inputs=zeros(2, 3), train_targets=zeros(2), other=zeros(1))
numpy.savez('none.npz', x=zeros(2, 3))
numpy.savez('objects.npz', train_inputs=numpy.array([{}]), train_targets=zeros(1))
numpy.savez('both.npz', train_inputs=zeros(2, 3), train_inputs_a=zeros(2, 3), train_targets=zeros(2))
for path in 'sizes/a/1.png', 'sizes/a/2.png', 'broken/a/1.png', 'test/train/a/1.png', 'test/test/b/1.png', 'hollow/a/1.txt':
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if path.endswith('png'): Image.new('L', (4, 4 + int(path[-5]))).save(path)
open('broken/a/1.png', 'wb').write(b'no image')
",
    );
    for (wrong, said) in [
        ("npz nowhere.npz", "nowhere.npz cannot be read"),
        ("npz broken/a/1.png", "no .npz file"),
        (
            "npz lonely.npz",
            "there is train_targets, but no train_inputs",
        ),
        (
            "npz short.npz",
            "targets has the shape [3], the first inputs [2, 3]",
        ),
        (
            "npz strange.npz",
            "the array other is neither SPLIT_inputs nor SPLIT_targets",
        ),
        (
            "npz none.npz",
            "the array x is neither SPLIT_inputs nor SPLIT_targets, such as train_inputs; there is x",
        ),
        ("npz objects.npz", "Python objects"),
        (
            "npz both.npz",
            "train_inputs stands beside train_inputs_NAME",
        ),
        ("folder nowhere", "nowhere is no folder"),
        (
            "folder sizes",
            "4×6, sizes/a/1.png is 4×5: --size brings all to one size",
        ),
        ("folder broken", "broken/a/1.png cannot be read"),
        ("folder test", "has the classes b, the training set has a"),
        ("folder hollow", "hollow/a holds no image"),
        ("folder hollow/a", "holds no folder"),
        ("folder sizes --size 0x3", "no size such as"),
    ] {
        let stderr = workdir.fails(&format!("import-data {wrong} --output data.h5"));
        assert!(stderr.contains(said), "{wrong}: {stderr}");
    }
}
