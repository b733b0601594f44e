package org.lcsc.cli.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.lcsc.cli.sweep.StudyAxis.Case;
import org.lcsc.config.ConfigException;
import org.lcsc.config.YamlConfig;

class StudyAxisTest {

  private static StudyAxis axis(String yaml) throws ConfigException {
    return YamlConfig.parse("axis", yaml, StudyAxis.class);
  }

  private static List<String> labels(String yaml) throws ConfigException {
    return axis(yaml).listed().stream().map(Case::label).toList();
  }

  @Test
  void valuesAreSetAsTheyStand() throws ConfigException {
    assertThat(axis("{ key: ema.rates, values: ['[0.9]', '[0.9, 0.99]'] }").listed())
        .containsExactly(
            new Case("[0.9]", List.of("ema.rates=[0.9]")),
            new Case("[0.9, 0.99]", List.of("ema.rates=[0.9, 0.99]")));
    assertThat(labels("{ key: lcsc.search.samples, values: [500, 1000] }"))
        .containsExactly("500", "1000");
  }

  @Test
  void wholeStrategiesWithTheirSettingsAreValues() throws ConfigException {
    List<Case> values =
        axis("{ key: lcsc.search.strategy, values: [gradient, { kind: evolution, sigma: 0.2,"
                + " note: 'a: b', list: [1, x] }, true] }")
            .listed();
    String mapping = "{kind: evolution, sigma: 0.2, note: \"a: b\", list: [1, x]}";
    assertThat(values).extracting(Case::label).containsExactly("gradient", mapping, "true");
    assertThat(values.get(1).set()).containsExactly("lcsc.search.strategy=" + mapping);
  }

  @Test
  void casesSetSeveralKeys() throws ConfigException {
    StudyAxis axis =
        axis(
            "{ key: strategy, cases: [ { label: plain }, { label: cma, set:"
                + " [lcsc.search.strategy=cma-es, lcsc.search.strategy.population=8] } ] }");
    assertThat(axis.listed().get(0)).isEqualTo(new Case("plain", List.of()));
    assertThat(axis.listed().get(1).set()).hasSize(2);
  }

  @Test
  void rangesAreDividedOnTheirScale() throws ConfigException {
    assertThat(labels("{ key: a, from: 0, to: 1, steps: 3 }"))
        .containsExactly("0.000", "0.5000", "1.000");
    assertThat(labels("{ key: a, from: 1, to: 100, scale: log, steps: 3 }"))
        .containsExactly("1.000", "10.00", "100.0");
    assertThat(labels("{ key: a, from: 0.9, to: 0.9999, scale: log-from-one, steps: 4 }"))
        .containsExactly("0.9", "0.99", "0.999", "0.9999");
    assertThat(labels("{ key: a, from: 1, to: 3, steps: 9, whole: true }"))
        .as("no value twice")
        .containsExactly("1", "2", "3");
  }

  @Test
  void aMistakeNamesTheKey() {
    assertRefused("{ key: a }", "values: missing (a)");
    assertRefused("{ key: a, values: [1], from: 1, to: 2 }", "given beside others (a)");
    assertRefused("{ key: a, from: 2, to: 1 }", "no range (2.0 to 1.0)");
    assertRefused("{ key: a, from: 0, to: 1, scale: log }", "from: not a positive number (0.0)");
    assertRefused("{ key: a, from: 0, to: 1, scale: log-from-one }", "to: out of range (1.0)");
    assertRefused("{ key: a, values: [1], steps: 2 }", "scale: has no effect (a)");
    assertRefused("{ key: a, values: [1, 1] }", "holds a value twice (1)");
  }

  private static void assertRefused(String yaml, String message) {
    assertThatThrownBy(() -> axis(yaml))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message);
  }
}
