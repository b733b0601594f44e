package org.lcsc.diffusion.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lcsc.config.InvalidValueException;

class TimestepsTest {

  @Test
  void uniformStrideMayGiveOneStepMore() {
    assertThat(Timesteps.uniform(1000, 10))
        .containsExactly(0, 100, 200, 300, 400, 500, 600, 700, 800, 900);
    assertThat(Timesteps.uniform(1000, 15)).hasSize(16).endsWith(924, 990);
    assertThat(Timesteps.uniform(5, 5)).containsExactly(Timesteps.all(5));
  }

  @Test
  void quadraticSpacingIsTheOneOfDdim() {
    assertThat(Timesteps.quadratic(1000, 10))
        .containsExactly(0, 9, 39, 88, 158, 246, 355, 483, 632, 800);
    assertThat(Timesteps.quadratic(1000, 15))
        .containsExactly(0, 4, 16, 36, 65, 102, 146, 200, 261, 330, 408, 493, 587, 689, 800);
  }

  @Test
  void evenSpacingHoldsBothEnds() {
    assertThat(Timesteps.even(4000, 5)).containsExactly(0, 1000, 2000, 2999, 3999);
    assertThat(Timesteps.even(10, 10)).containsExactly(Timesteps.all(10));
  }

  @Test
  void stridedSpacingIsExactOrRefused() {
    assertThat(Timesteps.strided(1000, 50)).hasSize(50).startsWith(0, 20).endsWith(980);
    assertThat(Timesteps.strided(10, 4)).containsExactly(0, 3, 6, 9);
    assertThat(Timesteps.strided(10, 1)).containsExactly(0);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Timesteps.strided(10, 6))
        .withMessageContaining("no integer stride through 10 steps gives exactly 6");
  }

  @Test
  void refusesCountsThatDoNotFit() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Timesteps.uniform(100, 101))
        .withMessage("number of sampling steps must be in [1, 100], but is 101");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Timesteps.even(100, 1))
        .withMessageContaining("[2, 100], but is 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Timesteps.quadratic(20, 10))
        .withMessageContaining("visits step 0 twice");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Timesteps.checked(10, new int[] {3, 3}))
        .withMessageContaining("[3, 3]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Timesteps.checked(10, new int[] {3, 10}))
        .withMessageContaining("within [0, 10)");
    assertThatIllegalArgumentException().isThrownBy(() -> Timesteps.checked(10, new int[0]));
  }

  private static int[] steps(Timesteps.Spacing spacing, int chain, int count) {
    return switch (spacing) {
      case UNIFORM -> Timesteps.uniform(chain, count);
      case QUADRATIC -> Timesteps.quadratic(chain, count);
      case EVEN -> Timesteps.even(chain, count);
      case STRIDED -> Timesteps.strided(chain, count);
    };
  }

  /** Of one step alone, the first of the chain, the image would be the noise it began as. */
  @ParameterizedTest
  @EnumSource(Timesteps.Spacing.class)
  void aSamplerVisitsExactlySoManyStepsOrNone(Timesteps.Spacing spacing) {
    assertThat(spacing.visited("ddim", 1, 1)).containsExactly(0);
    for (int chain = 2; chain <= 60; chain++) {
      for (int count = 1; count <= chain; count++) {
        int[] expected = {};
        try {
          expected = steps(spacing, chain, count);
        } catch (IllegalArgumentException e) {
          // It does not give so many.
        }
        int length = chain;
        int asked = count;
        if (count > 1 && expected.length == count) {
          assertThat(spacing.visited("ddim", chain, count)).isEqualTo(expected);
        } else {
          assertThatThrownBy(() -> spacing.visited("ddim", length, asked))
              .as("%s of %s", count, chain)
              .isInstanceOf(InvalidValueException.class)
              .hasMessageContaining("cannot visit exactly so many of the model's " + chain);
        }
      }
    }
  }

  @Test
  @Timeout(20)
  void aNumberThatIsNotToBeHadInALongChainIsRefusedAtOnce() {
    assertThatThrownBy(() -> Timesteps.Spacing.UNIFORM.visited("ddim", 400_000, 200_001))
        .hasMessageEndingWith("(200001), allowed: 200000 or 400000");
  }
}
