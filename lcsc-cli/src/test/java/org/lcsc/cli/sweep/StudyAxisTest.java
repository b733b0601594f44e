package org.lcsc.cli.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
  void valuesHaveTheDigitsThatTellThemApart() throws ConfigException {
    assertThat(labels("{ key: ema.rate, from: 0.99, to: 0.99999, steps: 5 }"))
        .as("the ends as they were written")
        .containsExactly("0.9900", "0.9925", "0.9950", "0.9975", "0.99999");
    assertThat(labels("{ key: a, from: 100000, to: 100100, steps: 11 }"))
        .hasSize(11)
        .startsWith("1.000e+05", "1.0001e+05")
        .endsWith("1.0009e+05", "1.001e+05");
    assertThat(labels("{ key: a, from: 0.123456, to: 0.123457, steps: 3 }"))
        .containsExactly("0.123456", "0.1234565", "0.123457");
    assertThat(labels("{ key: a, from: 0.99990, to: 0.99991, scale: log-from-one, steps: 3 }"))
        .containsExactly("0.9999", "0.9999051", "0.99991");
    assertThat(labels("{ key: a, from: 0.0001, to: 0.123456, scale: log, steps: 2 }"))
        .containsExactly("0.0001000", "0.123456");
  }

  @Test
  void drawsStayWithinTheRangeAndDiffer() throws ConfigException {
    for (String range :
        List.of(
            "from: 0.99, to: 0.99999",
            "from: 100000, to: 100100",
            "from: 1, to: 1.0001, scale: log",
            "from: 0.9999, to: 0.99991, scale: log-from-one",
            "from: -0.33333333, to: 1.0e-9")) {
      StudyAxis axis = axis("{ key: a, " + range + " }");
      Set<Double> drawn = new HashSet<>();
      for (int i = 0; i <= 1000; i++) {
        double value = Double.parseDouble(axis.at(i / 1000.0).label());
        assertThat(value).as(range).isBetween(axis.from(), axis.to());
        drawn.add(value);
      }
      assertThat(drawn).as(range).hasSizeGreaterThan(15).contains(axis.from(), axis.to());
    }
    assertThat(axis("{ key: a, from: 0.02, to: 1, scale: log }").at(0.3).label())
        .as("four digits where they suffice")
        .isEqualTo("0.06467");
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
    assertThatThrownBy(() -> labels("{ key: a, from: 1, to: 1.0000000000000002, steps: 3 }"))
        .hasMessageContaining(
            "steps: more than there are numbers from 1.0 to 1.0000000000000002 (3), allowed: fewer"
                + " (a)");
  }

  private static void assertRefused(String yaml, String message) {
    assertThatThrownBy(() -> axis(yaml))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message);
  }
}
