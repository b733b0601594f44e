package org.lcsc.search.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.lcsc.config.InvalidValueException;

class PostHocConfigTest {

  @Test
  void fillsInThePapersWidths() {
    PostHocConfig config = new PostHocConfig(null, null, 100, null);
    assertThat(config).isEqualTo(new PostHocConfig(0.05, 0.1, 100, 40));
    assertThat(new PostHocConfig(0.15, null, 100, 8).wide()).isEqualTo(0.28);
  }

  @Test
  void refusesWidthsThatDoNotAscend() {
    assertThatExceptionOfType(InvalidValueException.class)
        .isThrownBy(() -> new PostHocConfig(0.1, 0.1, 100, 40))
        .withMessageContaining("allowed: more than 0.1 to 0.28");
    assertThatExceptionOfType(InvalidValueException.class)
        .isThrownBy(() -> new PostHocConfig(null, null, 0, 40));
  }
}
