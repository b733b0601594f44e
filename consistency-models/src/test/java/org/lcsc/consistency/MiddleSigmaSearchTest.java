package org.lcsc.consistency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.lcsc.diffusion.schedule.KarrasSigmas;

class MiddleSigmaSearchTest {

  @Test
  void findsTheLowestOfEveryUnimodalScore() {
    int levels = 40;
    double[] sigmas = KarrasSigmas.edm(levels);
    for (int i = 1; i < levels - 1; i++) {
      double goal = Math.log(sigmas[i]);
      AtomicInteger calls = new AtomicInteger();
      MiddleSigmaSearch.Result result =
          MiddleSigmaSearch.search(
              levels,
              sigma -> {
                calls.incrementAndGet();
                return Math.abs(Math.log(sigma) - goal);
              });
      assertThat(result.sigma()).isEqualTo(sigmas[i]);
      assertThat(result.score()).isZero();
      assertThat(calls.get()).isEqualTo(result.evaluated().size()).isLessThan(20);
    }
  }

  @Test
  void aScoreThatIsNoNumberIsTheWorst() {
    MiddleSigmaSearch.Result result =
        MiddleSigmaSearch.search(10, sigma -> sigma > 1 ? Double.NaN : 1 - sigma);
    assertThat(result.sigma()).isLessThan(1);
    assertThat(result.score()).isFinite();
  }

  @Test
  void equalScoresLeadToTheHigherNoise() {
    assertThat(MiddleSigmaSearch.search(3, sigma -> 1).sigma()).isEqualTo(KarrasSigmas.edm(3)[1]);
    double[] five = KarrasSigmas.edm(5);
    assertThat(MiddleSigmaSearch.search(5, sigma -> 1).evaluated().keySet())
        .containsExactly(five[1], five[2], five[3]);
    double[] eight = KarrasSigmas.edm(8);
    assertThat(MiddleSigmaSearch.search(8, sigma -> 1).evaluated().keySet())
        .containsExactly(eight[2], eight[5], eight[3], eight[1]);
  }

  @Test
  void refusesTooFewLevels() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MiddleSigmaSearch.search(2, sigma -> sigma))
        .withMessage("levels: expected at least 3, got 2");
  }
}
