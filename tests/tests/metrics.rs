//! Metrics beside the loss, compared with numpy on a network that numpy can compute.

use tests::{Workdir, python};

const EVAL: &str = "eval-grid --model model.h5 --data data.h5 --directions dirs.h5";

#[test]
fn the_margin_is_that_of_numpy() {
    let workdir = Workdir::new();
    // one linear layer; the last target does not count
    let make = "
import h5py, json, numpy
random = numpy.random.default_rng(0)
linear = {'op': 'aten::linear', 'outputs': ['y'],
          'args': {'input': {'value': 'x'}, 'weight': {'state': 'w'}, 'bias': {'none': None}}}
inputs = [{'name': 'x', 'shape': [None, 4], 'dtype': 'f32'}]
program = {'version': 1, 'inputs': inputs, 'outputs': ['y'], 'nodes': [linear]}
with h5py.File('model.h5', 'w') as f:
    f['program'] = json.dumps(program)
    f['state/w'] = random.normal(size=(3, 4)).astype('f4')
    f['state/w'].attrs['index'] = 0
    f['state/w'].attrs['role'] = 'parameter'
with h5py.File('data.h5', 'w') as f:
    f['train/inputs'] = random.normal(size=(20, 4)).astype('f4')
    f['train/targets'] = numpy.array([0, 1, 2, 1] * 4 + [0, 1, 2, -100])
";
    python(&workdir, make);
    workdir.ok("make-dirs --model model.h5 --output dirs.h5");
    workdir.ok(&format!(
        "{EVAL} --x=0:0:1 --metric margin --output shard.h5"
    ));
    let compare = "
import h5py, numpy
with h5py.File('model.h5') as m, h5py.File('data.h5') as data, h5py.File('shard.h5') as shard:
    logits = data['train/inputs'][:19].astype('f8') @ m['state/w'][()].astype('f8').T
    classes = data['train/targets'][:19]
    right = logits[numpy.arange(19), classes]
    logits[numpy.arange(19), classes] = -numpy.inf
    wanted = (right - logits.max(1)).mean()
    found = shard['train_margin']
    numpy.testing.assert_allclose(found[()], [wanted], rtol=1e-6)
    assert found.attrs['meaning'].decode() == 'other' and found.attrs['examples'] == 20
    assert [name.decode() for name in shard.attrs['metrics']] == ['train_margin']
";
    python(&workdir, compare);
}
