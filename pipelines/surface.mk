# A landscape as make rules: directions, shards (in parallel under `make -j`), the merged surface.
#
#   make -f pipelines/surface.mk -j8 MODEL=model.h5 DATA=data.h5 OUT=build/mine
#
# MODEL, DATA  the network and the examples
# OUT          the folder of everything that is made
# X, Y         the axes; Y= (empty) makes a curve
# SHARDS       parts that are computed independently; a killed or failed one goes on where it stopped
# DIRS         how the directions are made (options of make-dirs)
# EVAL         what is measured (options of eval-grid)
# BIN          where the stages are

BIN ?= target/release
X ?= -1:1:51
Y ?= $(X)
SHARDS ?= 16
DIRS ?= --xnorm filter --xignore biasbn
EVAL ?=

surface := $(OUT)/surface.h5
shards := $(foreach shard,$(shell seq $(SHARDS)),$(OUT)/shard-$(shard)-of-$(SHARDS).h5)

.PHONY: surface
# a stage writes its file whole or not at all: make must not delete it when it is stopped
.PRECIOUS: $(surface) $(shards) $(OUT)/directions.h5
surface: $(surface)

$(surface): $(shards)
	$(BIN)/merge $^ --output $@ --force

# one job each: make runs as many shards at once as -j says
$(shards): $(OUT)/shard-%-of-$(SHARDS).h5: $(MODEL) $(DATA) $(OUT)/directions.h5 $(OUT)/eval.settings
	@echo "eval-grid: shard $* of $(SHARDS) into $@"
	@$(BIN)/eval-grid --model $(MODEL) --data $(DATA) --directions $(OUT)/directions.h5 \
	    --x=$(X) $(addprefix --y=,$(Y)) --shard $*/$(SHARDS) --jobs 1 $(EVAL) --output $@ --force --quiet

$(OUT)/directions.h5: $(MODEL) $(OUT)/dirs.settings
	$(BIN)/make-dirs --model $(MODEL) $(DIRS) --output $@ --force

# files that change when the settings do, so that other settings make new files
$(OUT)/dirs.settings: settings := $(DIRS)
$(OUT)/eval.settings: settings := $(X) $(Y) $(EVAL)
$(OUT)/%.settings: always
	@mkdir -p $(OUT)
	@echo '$(settings)' | cmp -s - $@ || echo '$(settings)' >$@

.PHONY: always
always:
