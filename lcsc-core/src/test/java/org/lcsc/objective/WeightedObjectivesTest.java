package org.lcsc.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.lcsc.config.Kind;
import org.lcsc.objective.WeightedObjectives.Settings;
import org.lcsc.objective.WeightedObjectives.Term;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class WeightedObjectivesTest {

  /** The squared distance of all parameters to a value, with its gradient. */
  @Kind("distance")
  public record Distance(double to) implements ObjectiveSettings {

    @Override
    public Objective create(Inputs inputs) {
      return new DifferentiableObjective() {
        @Override
        public String name() {
          return "distance to " + to;
        }

        @Override
        public Evaluation evaluate(INDArray parameters) {
          double norm = parameters.sub(to).norm2Number().doubleValue();
          return new Evaluation(norm * norm, new StageSeconds(0, 1, 0, 0));
        }

        @Override
        public Evaluation gradient(INDArray parameters, long draw, INDArray gradient) {
          gradient.assign(parameters.sub(to).mul(2));
          return evaluate(parameters);
        }

        @Override
        public double gradientCost() {
          return to;
        }

        @Override
        public DifferentiableObjective onShare(double share) {
          return (DifferentiableObjective) new Distance(share * to).create(inputs);
        }
      };
    }
  }

  private static final Settings MIXTURE =
      new Settings(List.of(new Term(new Distance(3), 1), new Term(new Distance(5), 0.5)));

  private static Objective create(boolean gradient) throws IOException {
    return MIXTURE.create(
        new ObjectiveSettings.Inputs(null, null, 10, 10, gradient ? 10 : 0, false, List.of()));
  }

  @Test
  void scoresAreAddedWithTheirWeights() throws IOException {
    Objective mixture = create(false);
    Evaluation evaluation = mixture.evaluate(Nd4j.zeros(2));
    assertThat(evaluation.score()).isCloseTo(2 * 9 + 0.5 * 2 * 25, within(1e-4));
    assertThat(evaluation.seconds().sampling()).isEqualTo(2);
    assertThat(mixture.name()).isEqualTo("1.0 distance to 3.0 + 0.5 distance to 5.0");
    assertThat(mixture).isNotInstanceOf(DifferentiableObjective.class);
  }

  /** A measure of shares that is to be maximised, and that has something to close. */
  private static final class Share implements PartialObjective, AutoCloseable {
    private int closed;

    @Override
    public String name() {
      return "share";
    }

    @Override
    public double scoreOf(double value) {
      return -value;
    }

    @Override
    public int samples() {
      return 40;
    }

    @Override
    public Evaluation evaluate(INDArray parameters, double share) {
      return new Evaluation(-share, StageSeconds.ZERO);
    }

    @Override
    public void close() {
      closed++;
    }
  }

  /** The kind of one objective that is there already. */
  @Kind("given")
  public record Given(Objective objective, int parallel) implements ObjectiveSettings {

    @Override
    public Objective create(Inputs inputs) {
      return objective;
    }

    @Override
    public void probe(Inputs inputs, INDArray parameters) {
      throw new IllegalStateException("probed");
    }
  }

  @Test
  void isWhatAllOfItsPartsAre() throws IOException {
    Share share = new Share();
    Settings settings =
        new Settings(List.of(new Term(new Given(share, 4), 1), new Term(new Given(share, 3), 2)));
    ObjectiveSettings.Inputs inputs =
        new ObjectiveSettings.Inputs(null, null, 40, 10, 0, false, List.of());
    Objective mixture = settings.create(inputs);
    assertThat(PartialObjective.require(mixture).evaluate(null, 0.25).score()).isEqualTo(-0.75);
    assertThat(PartialObjective.require(mixture).samples()).isEqualTo(40);
    assertThat(mixture.scoreOf(-0.75)).isEqualTo(0.75);
    assertThat(settings.parallel()).isEqualTo(3);
    assertThatThrownBy(() -> settings.probe(inputs, null)).hasMessage("probed");
    Objective.close(mixture);
    assertThat(share.closed).isEqualTo(2);

    Settings other =
        new Settings(List.of(new Term(new Given(share, 4), 1), new Term(new Distance(3), 1)));
    Objective one = other.create(inputs);
    assertThat(one.scoreOf(2)).isEqualTo(2);
    assertThat(other.parallel()).isEqualTo(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PartialObjective.require(one))
        .withMessageContaining("allowed: one that scores a share of its samples");
  }

  @Test
  void namesItsPartsHoweverDeepTheyLie() {
    Settings nested = new Settings(List.of(new Term(new Distance(1), 1), new Term(MIXTURE, 2)));
    assertThat(nested.leaves())
        .containsExactly(
            Map.entry(".parts[0].objective", new Distance(1)),
            Map.entry(".parts[1].objective.parts[0].objective", new Distance(3)),
            Map.entry(".parts[1].objective.parts[1].objective", new Distance(5)));
    assertThat(nested.drawsSamples()).isTrue();
  }

  @Test
  void gradientsToo() throws IOException {
    DifferentiableObjective mixture = (DifferentiableObjective) create(true);
    INDArray gradient = Nd4j.valueArrayOf(2, 7f);
    assertThat(mixture.gradient(Nd4j.zeros(2), 0, gradient).score())
        .isEqualTo(mixture.evaluate(Nd4j.zeros(2)).score());
    assertThat(gradient.toDoubleVector()).containsExactly(-11, -11);
    assertThat(mixture.gradientCost()).isEqualTo(4);
    assertThat(mixture.onShare(0.5).gradient(Nd4j.zeros(2), 0, gradient).score())
        .isCloseTo(2 * 1.5 * 1.5 + 0.5 * 2 * 2.5 * 2.5, within(1e-4));
    assertThat(mixture.onShare(1)).isSameAs(mixture);
  }

  @Test
  void refusesAnEmptyMixtureAndAWeightThatIsNotPositive() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Settings(List.of()))
        .withMessage("parts: is empty, allowed: one objective or more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Term(new Distance(1), 0))
        .withMessage("weight: not a positive number (0.0), allowed: more than 0");
  }
}
