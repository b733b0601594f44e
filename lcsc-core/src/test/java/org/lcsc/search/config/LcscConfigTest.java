package org.lcsc.search.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lcsc.checkpoint.CheckpointDataType;
import org.lcsc.checkpoint.MemoryStorage;
import org.lcsc.config.ConfigException;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Parts;
import org.lcsc.config.YamlConfig;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.Objective;
import org.lcsc.objective.StageSeconds;
import org.lcsc.search.SearchBudget;
import org.lcsc.search.strategy.Algorithm1;
import org.lcsc.search.strategy.CmaEs;
import org.lcsc.search.strategy.EvolutionarySearch;
import org.lcsc.search.strategy.GradientFirstSearch;
import org.lcsc.search.strategy.GradientSearch;
import org.lcsc.search.strategy.GreedySoup;
import org.lcsc.search.strategy.PcaCmaEs;
import org.lcsc.search.strategy.StochasticGradientSearch;
import org.lcsc.search.strategy.StrategySettings;
import org.nd4j.linalg.api.ndarray.INDArray;

class LcscConfigTest {

  public record File(LcscConfig lcsc, @OptionalKey EmaConfig ema) {}

  private static File parse(String lcsc) throws ConfigException {
    return YamlConfig.parse("x.yaml", "lcsc: " + lcsc, File.class);
  }

  private static String mistake(String yaml) {
    ConfigException e =
        catchThrowableOfType(
            ConfigException.class, () -> YamlConfig.parse("x.yaml", yaml, File.class));
    assertThat(e).as("refusal of %s", yaml).isNotNull();
    return e.getMessage();
  }

  @Test
  void fillsInThePapersBudgetAndThreeNoiseSets() throws ConfigException {
    LcscConfig lcsc = parse("{window: 4000, interval: 40, searchAt: [3000, 6000]}").lcsc();

    assertThat(lcsc.checkpoints()).isEqualTo(100);
    assertThat(lcsc.search().decided(false).evaluations()).isEqualTo(2000);
    assertThat(lcsc.search().samples()).isEqualTo(10_000);
    assertThat(lcsc.search().strategy()).isNull();
    assertThat(lcsc.objective()).isNull();
    assertThat(lcsc.validation()).isEqualTo(new NoiseSetConfig(10_000, 2L));
    assertThat(lcsc.report()).isEqualTo(new NoiseSetConfig(5000, 3L));
    assertThat(lcsc.target()).isNull();
    assertThat(lcsc.storage()).isEqualTo(new MemoryStorage(CheckpointDataType.FLOAT32));
  }

  @Test
  void searchesByGradientsWhereThereAreAndNoStrategyIsNamed() throws ConfigException {
    String yaml = "{window: 4, interval: 2, every: 9, search: {%s}}";
    SearchConfig open = parse(yaml.formatted("samples: 9")).lcsc().search();

    assertThat(open.strategy()).isNull();
    assertThat(open.evaluations()).isNull();
    assertThat(open.decided(false).strategy()).isEqualTo(new EvolutionarySearch.Parameters());
    assertThat(open.decided(true).strategy()).isEqualTo(new GradientSearch.Parameters());
    assertThat(open.decided(true).evaluations()).isEqualTo(40);
    assertThat(open.decided(true).samples()).isEqualTo(9);
    assertThat(parse(yaml.formatted("evaluations: 9")).lcsc().search().decided(true).evaluations())
        .isEqualTo(9);
    SearchConfig racing = parse(yaml.formatted("racing: {share: 0.5}")).lcsc().search();
    assertThat(racing.decided(true).strategy()).isEqualTo(new EvolutionarySearch.Parameters());
    SearchConfig named = parse(yaml.formatted("strategy: cma-es")).lcsc().search();
    assertThat(named.decided(true)).isEqualTo(named);
    assertThat(named.evaluations()).isEqualTo(2000);
  }

  @Test
  void aStrategysKeysStandUnderIt() throws ConfigException {
    String yaml = "{window: 4, interval: 2, every: 9, search: {strategy: %s}}";
    EvolutionarySearch.Parameters d = EvolutionarySearch.Parameters.DEFAULTS;
    Map<String, StrategySettings> expected = new LinkedHashMap<>();
    expected.put(
        "{kind: evolution, sigma: 0.1, parents: 8}",
        Parts.with(d, Map.of("sigma", 0.1, "parents", 8, "childrenPerGeneration", 16)));
    expected.put("{kind: evolution, limit: 2}", Parts.with(d, Map.of("limit", 2.0)));
    expected.put("algorithm-1", new Algorithm1());
    expected.put("{kind: algorithm-1, sigma: 0.3}", new Algorithm1(4, 16, 0.5, 0.25, 0.3));
    expected.put(
        "{kind: cma-es, convex: true}",
        Parts.with(CmaEs.Parameters.SEPARABLE, Map.of("convex", true)));
    expected.put("pca-cma-es", new PcaCmaEs());
    expected.put("{kind: greedy-soup, ingredients: 7}", new GreedySoup.Parameters(7));
    expected.put(
        "{kind: gradient, penalty: 0.1}",
        Parts.with(new GradientSearch.Parameters(), Map.of("penalty", 0.1)));
    expected.put("stochastic-gradient", StochasticGradientSearch.Parameters.DEFAULTS);
    expected.put(
        "{kind: gradient-evolution, gradients: 3, evolution: {sigma: 0.1}}",
        new GradientFirstSearch.Parameters(
            3, new GradientSearch.Parameters(), Parts.with(d, Map.of("sigma", 0.1))));
    for (Map.Entry<String, StrategySettings> each : expected.entrySet()) {
      assertThat(parse(yaml.formatted(each.getKey())).lcsc().search().strategy())
          .as(each.getKey())
          .isEqualTo(each.getValue());
    }
  }

  /** The paper divides by the sum, and keeps the length of the mutations. */
  @Test
  void algorithm1IsThePapers() {
    EvolutionarySearch.Parameters parameters = new Algorithm1().parameters();
    assertThat(parameters.adaptation()).isZero();
    assertThat(parameters.normalisation()).isEqualTo(org.lcsc.search.strategy.Normalisation.DIVIDE);
    assertThat(parameters.mutationProbability()).isEqualTo(1);
  }

  @Test
  void aSearchMayEndByTimeAndByScoreInTheObjectivesOwnUnits() throws ConfigException {
    String yaml =
        "{window: 4, interval: 2, every: 9, search: {strategy: evolution, seconds: 60,"
            + " targetScore: 0.9}}";
    SearchConfig search = parse(yaml).lcsc().search();
    Objective accuracy =
        new Objective() {
          @Override
          public String name() {
            return "accuracy";
          }

          @Override
          public double scoreOf(double value) {
            return -value;
          }

          @Override
          public Evaluation evaluate(INDArray parameters) {
            return new Evaluation(-0.5, StageSeconds.ZERO);
          }
        };
    assertThat(search.budget(accuracy)).isEqualTo(new SearchBudget(2000, 60, -0.9));
  }

  @Test
  void findsAFreeReportSeedBesideAGivenValidationSeed() throws ConfigException {
    LcscConfig lcsc =
        parse("{window: 4, interval: 2, every: 9, search: {seed: 7}, validation: {seed: 9}}")
            .lcsc();

    assertThat(lcsc.validation().seed()).isEqualTo(9);
    assertThat(lcsc.report().seed()).isEqualTo(10);
  }

  /** Which there are depends on the modules on the class path. */
  @Test
  void refusesAnUnknownObjectiveWithTheKindsThereAre() {
    assertThat(mistake("lcsc: {window: 4, interval: 2, every: 9, objective: loss}"))
        .startsWith("x.yaml: lcsc.objective: unknown value (loss), allowed: ")
        .contains("mixture");
  }

  @Test
  void listsTheSearchIterations() throws ConfigException {
    assertThat(parse("{window: 4, interval: 2, every: 30}").lcsc().schedule().within(100))
        .containsExactly(30, 60, 90);
    assertThat(
            parse("{window: 4, interval: 2, every: 30, startAt: 10}").lcsc().schedule().within(100))
        .containsExactly(10, 40, 70, 100);
    assertThat(
            parse("{window: 4, interval: 2, searchAt: [50, 100, 101]}")
                .lcsc()
                .schedule()
                .within(100))
        .containsExactly(50, 100);
    assertThat(
            parse("{window: 4, interval: 2, every: 2147483647}")
                .lcsc()
                .schedule()
                .within(Integer.MAX_VALUE))
        .containsExactly(Integer.MAX_VALUE);
  }

  @Test
  void groupsAreANameOrAListOfPatterns() throws ConfigException {
    String lcsc = "{window: 4, interval: 2, every: 9, search: {groups: %s}}";
    assertThat(parse(lcsc.formatted("resolution")).lcsc().search().groups())
        .containsExactly("resolution");
    assertThat(parse(lcsc.formatted("['down.*', '.*_b']")).lcsc().search().groups())
        .containsExactly("down.*", ".*_b");
    assertThat(parse("{window: 4, interval: 2, every: 9}").lcsc().search().groups()).isNull();
  }

  @Test
  void timeRangesAreANumberOrBoundaries() throws ConfigException {
    String lcsc = "{window: 4, interval: 2, every: 9, search: {timeRanges: %s}}";
    assertThat(parse(lcsc.formatted("2")).lcsc().search().timeRanges())
        .isEqualTo(new TimeRangesConfig(2, null));
    assertThat(parse(lcsc.formatted("[0.5, 5]")).lcsc().search().timeRanges())
        .isEqualTo(new TimeRangesConfig(null, List.of(0.5, 5.0)));
    assertThat(parse("{window: 4, interval: 2, every: 9}").lcsc().search().timeRanges()).isNull();
  }

  @Test
  void readsBackEqualWhatIsWrittenResolved() throws ConfigException {
    for (String yaml :
        List.of(
            "{window: 4000, interval: 40, searchAt: [3000, 6000]}",
            "{window: 40, interval: 4, every: 90, search: {groups: encoder-middle-decoder}}",
            "{window: 40, interval: 4, every: 90, search: {groups: ['(down|up)0.*', '.*\\\\d_b'],"
                + " strategy: {kind: gradient-evolution, gradients: 7}}}",
            "{window: 40, interval: 4, every: 90, search: {timeRanges: 3}}",
            "{window: 40, interval: 4, every: 90, search: {timeRanges: [1e-3, 20]}}",
            "{window: 4000, interval: 40, every: 3000, storage: {kind: mapped, dataType:"
                + " bfloat16}}",
            "{window: 40, interval: 4, every: 90, search: {strategy: greedy-soup}}",
            "{window: 40, interval: 4, every: 90, search: {strategy: pca-cma-es, seconds: 5}}",
            "{window: 40, interval: 20, every: 300, startAt: 600, target: -5.0, search: {finalists:"
                + " 4, strategy: {kind: evolution, sigma: 0.1, parents: 8, mixProbability: 0.5,"
                + " adaptation: 0, normalisation: divide, childrenPerGeneration: 16}}, report:"
                + " {samples: 20, seed: -4}}")) {
      File file = parse(yaml);
      assertThat(YamlConfig.parse("again.yaml", YamlConfig.toYaml(file), File.class))
          .as(yaml)
          .isEqualTo(file);
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "window: 40, interval: 80, every: 100 | interval: larger than the window (80, window 40),"
            + " allowed: at most half the window",
        "window: 40, interval: 40, every: 100 | interval: leaves one checkpoint (40, window 40),"
            + " allowed: at most half the window",
        "window: 100, interval: 40, every: 100 | window: not a multiple of the interval (100,"
            + " interval 40), allowed: 80 or 120",
        "window: 0, interval: 40, every: 100 | window: too small (0), allowed: 1 or more",
        "window: 40, interval: -1, every: 100 | interval: too small (-1), allowed: 1 or more",
        "window: 40, interval: 20 | searchAt: missing, allowed: exactly one of searchAt and every",
        "window: 40, interval: 20, every: 100, searchAt: [100] | searchAt: given beside every,"
            + " allowed: exactly one of searchAt and every",
        "window: 40, interval: 20, searchAt: [] | searchAt: is empty, allowed: one value or more",
        "window: 40, interval: 20, searchAt: [200, 100] | searchAt[1]: smaller than the one before"
            + " (100 after 200), allowed: ascending iterations",
        "window: 40, interval: 20, searchAt: [100, 100] | searchAt: holds a value twice (100),"
            + " allowed: distinct values",
        "window: 40, interval: 20, searchAt: [-5, 100] | searchAt[0]: before the second checkpoint"
            + " (-5, interval 20), allowed: 40 or more",
        "window: 40, interval: 20, searchAt: [39] | searchAt[0]: before the second checkpoint (39,"
            + " interval 20), allowed: 40 or more",
        "window: 40, interval: 20, searchAt: [100], startAt: 50 | startAt: has no effect with"
            + " searchAt (50), allowed: only with every",
        "window: 40, interval: 20, every: 0 | every: too small (0), allowed: 1 or more",
        "window: 40, interval: 20, every: 100, startAt: 10 | startAt: before the second checkpoint"
            + " (10, interval 20), allowed: 40 or more",
        "window: 40, interval: 20, every: 100, search: {evaluations: 0} | search.evaluations: too"
            + " small (0), allowed: 1 or more",
        "window: 40, interval: 20, every: 100, search: {samples: 1} | search.samples: too small"
            + " (1), allowed: 2 or more",
        "window: 40, interval: 20, every: 100, search: {strategy: annealing} | search.strategy:"
            + " unknown value (annealing), allowed: algorithm-1, cma-es, evolution, gradient,"
            + " gradient-evolution, greedy-soup, pca-cma-es, stochastic-gradient",
        "window: 40, interval: 20, every: 100, search: {strategy: {kind: gradient, gradients: 3}} |"
            + " search.strategy.gradients: unknown key, allowed: kind, starts, step, components,"
            + " whitening, memory, trials, penalty, growth",
        "window: 40, interval: 20, every: 100, search: {sigma: 0.1} | search.sigma: unknown key,"
            + " now strategy: { kind: evolution, sigma: 0.1 }",
        "window: 40, interval: 20, every: 100, search: {strategy: cma-es, sigma: 0.1} |"
            + " search.sigma: unknown key, now strategy: { kind: cma-es, sigma: 0.1 }",
        "window: 40, interval: 20, every: 100, search: {ingredients: 8} | search.ingredients:"
            + " unknown key, now strategy: { kind: greedy-soup, ingredients: 8 }",
        "window: 40, interval: 20, every: 100, search: {cma: {population: 8}} | search.cma: unknown"
            + " key, now strategy: { kind: cma-es, population: ..., ... }",
        "window: 40, interval: 20, every: 100, search: {gradient: {step: 1}} | search.gradient:"
            + " unknown key, now strategy: { kind: gradient, step: ..., ... }",
        "window: 40, interval: 20, every: 100, search: {groups: encoder} | search.groups: unknown"
            + " value (encoder), allowed: encoder-middle-decoder, resolution, or a list",
        "window: 40, interval: 20, every: 100, search: {groups: resolutions} | search.groups:"
            + " unknown value (resolutions) (did you mean resolution?), allowed:"
            + " encoder-middle-decoder, resolution, or a list",
        "window: 40, interval: 20, every: 100, search: {groups: 3} | search.groups: unknown value"
            + " (3), allowed: encoder-middle-decoder, resolution, or a list",
        "window: 40, interval: 20, every: 100, search: {timeRanges: 0} | search.timeRanges: too"
            + " small (0), allowed: 1 or more",
        "window: 40, interval: 20, every: 100, search: {timeRanges: two} | search.timeRanges:"
            + " expected a whole number (two)",
        "window: 40, interval: 20, every: 100, search: {timeRanges: {count: 2}} |"
            + " search.timeRanges: expected a whole number or a list of numbers (a mapping)",
        "window: 40, interval: 20, every: 100, search: {timeRanges: []} | search.timeRanges: is"
            + " empty, allowed: one value or more",
        "window: 40, interval: 20, every: 100, search: {timeRanges: [1, -1]} |"
            + " search.timeRanges[1]: not a positive number (-1.0), allowed: more than 0",
        "window: 40, interval: 20, every: 100, search: {timeRanges: [5, 0.5]} | search.timeRanges:"
            + " not ascending [5.0, 0.5], allowed: noise levels sigma, the least first",
        "window: 40, interval: 20, every: 100, search: {timeRanges: 2, strategy: greedy-soup} |"
            + " search.timeRanges: has no effect with strategy: greedy-soup, allowed: only with a"
            + " strategy that searches groups",
        "window: 40, interval: 20, every: 100, search: {groups: []} | search.groups: is empty,"
            + " allowed: one value or more",
        "window: 40, interval: 20, every: 100, search: {groups: [up.*, up.*]} | search.groups:"
            + " holds a value twice (up.*), allowed: distinct values",
        "window: 40, interval: 20, every: 100, search: {groups: ['up(']} | search.groups[0]: no"
            + " regular expression (up(: Unclosed group), allowed: one for names of layers or"
            + " parameters, such as down.*",
        "window: 40, interval: 20, every: 100, search: {groups: [up.*, resolution]} |"
            + " search.groups[1]: beside others (resolution), allowed: that name alone, or patterns"
            + " alone",
        "window: 40, interval: 20, every: 100, search: {groups: resolution, strategy: greedy-soup}"
            + " | search.groups: has no effect with strategy: greedy-soup, allowed: only with a"
            + " strategy that searches groups",
        "window: 40, interval: 20, every: 100, search: {strategy: {kind: gradient, step: 0}} |"
            + " search.strategy.step: not a positive number (0.0), allowed: more than 0",
        "window: 40, interval: 20, every: 100, search: {strategy: {kind: gradient, limit: 2}} |"
            + " search.strategy.limit: unknown key, allowed: kind, starts, step, components,"
            + " whitening, memory, trials, penalty, growth",
        "window: 40, interval: 20, every: 100, search: {strategy: {kind: pca-cma-es, whitening: 2}}"
            + " | search.strategy.whitening: out of range (2.0), allowed: 0.0 to 1.0",
        "window: 40, interval: 20, every: 100, search: {strategy: {kind: cma-es, population: 2}} |"
            + " search.strategy.population: too small (2), allowed: 4 or more",
        "window: 40, interval: 20, every: 100, search: {strategy: {kind: evolution, limit: 0}} |"
            + " search.strategy.limit: not a positive number (0.0), allowed: more than 0",
        "window: 60, interval: 20, searchAt: [60, 100], search: {strategy: {kind: evolution, limit:"
            + " 0.3}} | search.strategy.limit: too small (0.3), the coefficients of 3"
            + " checkpoints cannot sum to 1, allowed: more than 0.3333333333333333",
        "window: 60, interval: 20, searchAt: [60, 100], search: {strategy: {kind:"
            + " gradient-evolution, evolution: {limit: 0.3}}} |"
            + " search.strategy.evolution.limit: too small (0.3), the coefficients of 3"
            + " checkpoints cannot sum to 1, allowed: more than 0.3333333333333333",
        "window: 40, interval: 20, every: 100, search: {strategy: {kind: evolution, penalty: -1}} |"
            + " search.strategy.penalty: negative (-1.0), allowed: 0 or more",
        "window: 40, interval: 20, every: 100, search: {strategy: {kind: evolution, sigma: 0}} |"
            + " search.strategy.sigma: not a positive number (0.0), allowed: more than 0",
        "window: 40, interval: 20, every: 100, search: {strategy: {kind: evolution, parents: 0}} |"
            + " search.strategy.parents: too small (0), allowed: 1 or more",
        "window: 40, interval: 20, every: 100, search: {strategy: {kind: evolution, mixProbability:"
            + " 1.5}} | search.strategy.mixProbability: out of range (1.5), allowed: 0.0 to 1.0",
        "window: 40, interval: 20, every: 100, search: {strategy: {kind: evolution, mixProbability:"
            + " 0.75, exchangeProbability: 0.5}} | search.strategy.exchangeProbability: out of"
            + " range (0.5), allowed: 0.0 to 0.25",
        "window: 40, interval: 20, every: 100, search: {strategy: {kind: evolution,"
            + " mutationProbability: 0}} | search.strategy.mutationProbability: out of range (0.0),"
            + " allowed: more than 0.0 to 1.0",
        "window: 40, interval: 20, every: 100, search: {strategy: {kind: evolution, normalisation:"
            + " none}} | search.strategy.normalisation: unknown value (none), allowed: project,"
            + " divide, convex",
        "window: 40, interval: 20, every: 100, search: {strategy: {kind: algorithm-1, adaptation:"
            + " 0.1}} | search.strategy.adaptation: unknown key, allowed: kind, parents,"
            + " childrenPerGeneration, mixProbability, exchangeProbability, sigma",
        "window: 40, interval: 20, every: 100, search: {racing: {share: 1}} | search.racing.share:"
            + " out of range (1.0), allowed: more than 0.0 and less than 1.0",
        "window: 40, interval: 20, every: 100, search: {strategy: gradient, racing: {share: 0.5}} |"
            + " search.racing: has no effect with strategy: gradient, allowed: only with a strategy"
            + " that asks for scores alone",
        "window: 40, interval: 20, every: 100, search: {seconds: 0} | search.seconds: not a"
            + " positive number (0.0), allowed: more than 0",
        "window: 40, interval: 20, every: 100, validation: {samples: 1} | validation.samples: too"
            + " small (1), allowed: 2 or more",
        "window: 40, interval: 20, every: 100, search: {seed: 3}, validation: {seed: 3} |"
            + " validation.seed: the same as search.seed (3), allowed: search, validation and"
            + " report have three different seeds",
        "window: 40, interval: 20, every: 100, report: {seed: 1} | report.seed: the same as"
            + " search.seed (1), allowed: search, validation and report have three different seeds",
        "window: 40, interval: 20, every: 100, report: {seed: 2} | report.seed: the same as"
            + " validation.seed (2), allowed: search, validation and report have three different"
            + " seeds",
        "window: 40, interval: 20, every: 100, targetFid: 5 | targetFid: unknown key, now target:"
            + " 5",
        "window: 40, interval: 20, every: 100, target: .inf | target: expected a number (.inf)",
        "window: 40, interval: 20, every: 100, storage: {kind: disk} | storage.kind: unknown value"
            + " (disk), allowed: mapped, memory",
        "window: 40, interval: 20, every: 100, storage: {dataType: float64} | storage.dataType:"
            + " unknown value (float64) (did you mean float32?), allowed: float32, bfloat16,"
            + " float16",
        "window: 40, intervall: 20, every: 100 | intervall: unknown key (did you mean interval?),"
            + " allowed: window, interval, searchAt, every, startAt, search, objective, validation,"
            + " report, target, storage, greedySoup, keep",
        "window: 40, interval: 20, search_at: [100] | search_at: unknown key (did you mean"
            + " searchAt?), allowed: window, interval, searchAt, every, startAt, search,"
            + " objective, validation, report, target, storage, greedySoup, keep",
        "window: 40, interval: 20, every: 100, greedySoup: 1 | greedySoup: too small (1), allowed:"
            + " 2 or more",
      })
  void refusesWhatCannotWork(String lcsc, String expected) {
    assertThat(mistake("lcsc: {" + lcsc + "}")).isEqualTo("x.yaml: lcsc." + expected);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "[] | rates: is empty, allowed: one value or more",
        "[0.9, 0.9] | rates: holds a value twice (0.9), allowed: distinct values",
        "[0.9, 1.0] | rates[1]: out of range (1.0), allowed: more than 0.0 and less than 1.0",
        "[0] | rates[0]: out of range (0.0), allowed: more than 0.0 and less than 1.0",
        "0.9 | rates: expected a list of numbers (0.9)",
      })
  void refusesRatesThatAverageNothing(String rates, String expected) {
    String yaml = "lcsc: {window: 4, interval: 2, every: 9}\nema: { rates: " + rates + " }";
    assertThat(mistake(yaml)).isEqualTo("x.yaml: ema." + expected);
  }
}
