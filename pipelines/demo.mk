# The demo: the landscape of a ResNet-20 trained on Fashion-MNIST, from what lies in pipelines/demo.

OUT := build/demo
MODEL := pipelines/demo/resnet20.h5
DATA := $(OUT)/data.h5
X := -1:1:25
EVAL := --split train --limit 500

pictures := $(addprefix $(OUT)/,contour.png contourf.png heat.png surface3d.png curve.png surface.html surface.vtp)

.PHONY: demo
demo: $(pictures)
	@echo; echo "The loss landscape of a ResNet-20 on Fashion-MNIST:"; printf '  %s\n' $(pictures)

include pipelines/surface.mk

$(DATA): $(wildcard pipelines/demo/*.gz)
	@mkdir -p $(OUT)
	$(BIN)/import-data idx pipelines/demo --classes fashion-mnist --normalize 0.2860/0.3530 --output $@ --force

$(OUT)/contour.png: $(surface)
	$(BIN)/render $< --plot contour --output $@ --force
$(OUT)/contourf.png: $(surface)
	$(BIN)/render $< --plot contourf --output $@ --force
$(OUT)/heat.png: $(surface)
	$(BIN)/render $< --plot heat --output $@ --force
$(OUT)/surface3d.png: $(surface)
	$(BIN)/render $< --plot surface3d --output $@ --force
$(OUT)/surface.html: $(surface)
	$(BIN)/render $< --title "A ResNet-20 on Fashion-MNIST" --output $@ --force
$(OUT)/surface.vtp: $(surface)
	$(BIN)/to-vtp $< --log --output $@ --force

# the curve along the first direction, of both splits
$(OUT)/curve.h5: $(MODEL) $(DATA) $(OUT)/directions.h5
	@echo "eval-grid: the curve into $@"
	@$(BIN)/eval-grid --model $(MODEL) --data $(DATA) --directions $(OUT)/directions.h5 --x=-1:1:41 --jobs 1 \
	    --output $(OUT)/curve-shard.h5 --force --quiet
	$(BIN)/merge $(OUT)/curve-shard.h5 --output $@ --force
$(OUT)/curve.png: $(OUT)/curve.h5
	$(BIN)/render $< --plot curve --output $@ --force
