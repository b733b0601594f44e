package org.lcsc.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DataSetSpecTest {

  private static final Path PATH = Path.of("data");

  @Test
  void keepsWhatItIsGiven() {
    DataSetSpec spec = DataSetSpec.of("folder", PATH).withSide(32).withChannels(1).offline();
    assertThat(spec).isEqualTo(new DataSetSpec("folder", PATH, 32, 1, false));
    assertThat(spec.mayDownload()).isFalse();
    assertThat(DataSetSpec.of("digits").mayDownload()).isTrue();
  }

  @Test
  void refusesUnknownNamesAndListsTheKnown() {
    refuses("mnits", null, null, null, "data set name mnits: must be one of digits, fashion-mnist");
    refuses(null, null, null, null, "data set name null: must be one of");
  }

  @Test
  void asksForAPathWhereThereIsNoOtherPlace() {
    refuses("folder", null, null, null, "data set folder has no path");
    refuses("imagenet64", null, null, null, "data set imagenet64 has no path");
    refuses("idx", null, null, null, "data set idx has no path");
    refuses("digits", PATH, null, null, "path data: must be absent");
  }

  @Test
  void refusesSidesAndChannelsOutOfRange() {
    refuses("mnist", null, 0, null, "side 0: must be 1 to 4096");
    refuses("mnist", null, 5000, null, "side 5000: must be 1 to 4096");
    refuses("mnist", null, null, 1, "channels 1: must be absent, only folder has it");
    refuses("folder", PATH, null, 2, "channels 2: must be 1 (grey) or 3 (colour)");
  }

  private static void refuses(
      String name, Path path, Integer side, Integer channels, String fault) {
    assertThatThrownBy(() -> new DataSetSpec(name, path, side, channels, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(fault);
  }
}
