package org.lcsc.cli.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.arbiter.optimize.api.Candidate;
import org.junit.jupiter.api.Test;
import org.lcsc.config.ConfigException;
import org.lcsc.config.YamlConfig;

/** Arbiter's generators on our axes. */
class CandidatesTest {

  private static final String STUDY =
      """
      base: none.yaml
      mode: train
      axes:
        - { key: training.seed, values: [1, 2, 3] }
        - { key: fixed, values: [7] }
        - { key: training.batchSize, values: [8, 16] }
      generator: %s
      termination: %s
      output: none
      """;

  private static Study study(String generator, String termination) throws ConfigException {
    return YamlConfig.parse("study", STUDY.formatted(generator, termination), Study.class);
  }

  private static List<List<String>> points(Study study) {
    Candidates candidates = new Candidates(study);
    List<List<String>> points = new ArrayList<>();
    while (candidates.hasNext()) {
      points.add(Candidates.point(candidates.next()).labels());
    }
    assertThat(points).hasSize(candidates.most());
    return points;
  }

  @Test
  void aGridIsEveryCombinationOnceAlsoWithAnAxisOfOneValue() throws ConfigException {
    List<List<String>> points = points(study("{ kind: grid }", "{}"));
    assertThat(points).hasSize(6).doesNotHaveDuplicates();
    assertThat(points.get(0)).containsExactly("1", "7", "8");
    assertThat(points.get(1)).containsExactly("2", "7", "8");
    assertThat(points.get(5)).containsExactly("3", "7", "16");
  }

  @Test
  void aRandomSearchRepeatsWithItsSeed() throws ConfigException {
    Study study = study("{ kind: random, candidates: 60, seed: 5 }", "{}");
    assertThat(points(study)).hasSize(60).isEqualTo(points(study));
    assertThat(points(study("{ kind: random, candidates: 60, seed: 6 }", "{}")))
        .isNotEqualTo(points(study));
    assertThat(points(study)).as("all values come").contains(List.of("3", "7", "16"));
  }

  @Test
  void aTerminationCutsTheCandidates() throws ConfigException {
    assertThat(points(study("{ kind: grid }", "{ candidates: 4 }"))).hasSize(4);
  }

  @Test
  void aGeneticSearchRepeatsAndGetsCloser() throws ConfigException {
    List<Double> first = genetic(3);
    assertThat(genetic(3)).isEqualTo(first);
    assertThat(genetic(4)).isNotEqualTo(first);
    double early = first.subList(0, 12).stream().mapToDouble(d -> d).average().orElseThrow();
    double late = first.subList(48, 60).stream().mapToDouble(d -> d).average().orElseThrow();
    assertThat(late).isLessThan(early / 2);
  }

  /** Scores of 60 candidates: squared distance from 0.3 in each of two ranges. */
  private static List<Double> genetic(long seed) throws ConfigException {
    Study study =
        YamlConfig.parse(
            "study",
            """
            base: none.yaml
            mode: train
            axes:
              - { key: a, from: 0, to: 1 }
              - { key: b, from: 0, to: 1 }
            generator: { kind: genetic, candidates: 60, seed: %d, population: 10 }
            output: none
            """
                .formatted(seed),
            Study.class);
    Candidates candidates = new Candidates(study);
    List<Double> scores = new ArrayList<>();
    while (candidates.hasNext()) {
      Candidate<?> candidate = candidates.next();
      double score = 0;
      for (String label : Candidates.point(candidate).labels()) {
        score += Math.pow(Double.parseDouble(label) - 0.3, 2);
      }
      scores.add(score);
      candidates.scored(candidate, score);
    }
    return scores;
  }
}
