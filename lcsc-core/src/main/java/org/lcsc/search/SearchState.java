package org.lcsc.search;

import static org.lcsc.search.strategy.StrategySnapshot.readBytes;
import static org.lcsc.search.strategy.StrategySnapshot.readDoubles;
import static org.lcsc.search.strategy.StrategySnapshot.readLength;
import static org.lcsc.search.strategy.StrategySnapshot.writeBytes;
import static org.lcsc.search.strategy.StrategySnapshot.writeDoubles;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.checkpoint.Coefficients;
import org.lcsc.io.ChecksummedFile;
import org.lcsc.io.Text;
import org.lcsc.objective.Objective;
import org.lcsc.objective.StageSeconds;
import org.lcsc.search.strategy.GradientStrategy;
import org.lcsc.search.strategy.ScoredCoefficients;
import org.lcsc.search.strategy.SearchStrategy;

/**
 * Everything a search needs to continue to the same result, between any two evaluations.
 *
 * @param identity what the continuing search must share
 * @param strategy the strategy's snapshot before the running generation
 * @param generation index of the running generation
 * @param scores scores of the first candidates of the running generation
 * @param leaders the best distinct candidates so far, best first
 * @param baselines the baselines with the scores they got so far
 * @param screeningScores scores on a part of the validation samples of the first baselines compared
 * @param validationScores validation scores of the first candidates to be validated
 * @param nonFinite evaluations without a finite score
 * @param searchSeconds stages of the search so far
 * @param validationSeconds stages of the validation so far
 * @param elapsedSeconds wall clock so far
 * @param history best score so far after each evaluation
 * @param cost what was spent, in evaluations on all samples
 * @param gradients evaluations that gave a gradient
 */
record SearchState(
    Identity identity,
    byte[] strategy,
    int generation,
    double[] scores,
    List<ScoredCoefficients> leaders,
    List<ScoredCoefficients> baselines,
    double[] screeningScores,
    double[] validationScores,
    int nonFinite,
    StageSeconds searchSeconds,
    StageSeconds validationSeconds,
    double elapsedSeconds,
    double[] history,
    double cost,
    int gradients) {

  private static final long MAGIC = 0x4c4353437372c408L;

  /**
   * What two searches must share for one to continue the other, beside the strategy's own
   * configuration.
   *
   * @param given what the caller says beside, see {@link CheckpointSearchBuilder#identity}
   */
  record Identity(
      String strategy,
      String objective,
      String validation,
      int finalists,
      List<Double> shrinkage,
      int mergeRows,
      long parameters,
      String groups,
      List<Long> iterations,
      List<Long> checksums,
      List<String> baselines,
      String given) {

    static Identity of(
        CheckpointMerger merger,
        SearchStrategy strategy,
        Objective objective,
        Objective validation,
        int finalists,
        double[] shrinkage,
        int mergeRows,
        List<ScoredCoefficients> baselines,
        int gradientShards,
        String given) {
      // The parts of a gradient round it: with others the search would go another way.
      boolean parts = strategy instanceof GradientStrategy && gradientShards > 1;
      return new Identity(
          strategy.name(),
          parts ? objective.name() + " in " + gradientShards + " parts" : objective.name(),
          validation == null ? "none" : validation.name(),
          finalists,
          DoubleStream.of(shrinkage).boxed().toList(),
          mergeRows,
          merger.parameters(),
          merger.grouping(),
          LongStream.of(merger.iterations()).boxed().toList(),
          LongStream.of(merger.checksums()).boxed().toList(),
          baselines.stream()
              .map(
                  baseline ->
                      baseline.label()
                          + ":"
                          + Long.toHexString(Coefficients.fingerprint(baseline.coefficients())))
              .toList(),
          given);
    }

    /** Refuses a state of another search. */
    void requireSame(Identity saved) {
      require("strategy", saved.strategy, strategy);
      require("objective", saved.objective, objective);
      require("validation objective", saved.validation, validation);
      require("identity", or(saved.given, "none"), or(given, "none"));
      require("finalists", saved.finalists, finalists);
      require("shrinkage", saved.shrinkage, shrinkage);
      require("merge rows", saved.mergeRows, mergeRows);
      require("parameters", saved.parameters, parameters);
      require("groups", or(saved.groups, "none"), or(groups, "none"));
      require("checkpoints", range(saved.iterations), range(iterations));
      require("checkpoint iterations", saved.iterations, iterations);
      requireSameContents(saved);
      require("baselines", saved.baselines, baselines);
    }

    /** Checkpoints that another search has beside all of this one's; empty where it has others. */
    List<Long> lost(Identity other) {
      if (checksums.size() < iterations.size()
          || other.checksums.size() < other.iterations.size()) {
        return List.of();
      }
      for (int k = 0; k < iterations.size(); k++) {
        int there = other.iterations.indexOf(iterations.get(k));
        if (there < 0 || !other.checksums.get(there).equals(checksums.get(k))) {
          return List.of();
        }
      }
      return other.iterations.stream().filter(i -> !iterations.contains(i)).toList();
    }

    private void requireSameContents(Identity saved) {
      for (int k = 0; k < Math.min(checksums.size(), saved.checksums.size()); k++) {
        require(
            "checksum of checkpoint " + iterations.get(k),
            Long.toHexString(saved.checksums.get(k)),
            Long.toHexString(checksums.get(k)));
      }
    }

    private static String range(List<Long> iterations) {
      return iterations.isEmpty()
          ? "0"
          : Text.format(
              "%d of iterations %d to %d",
              iterations.size(), iterations.get(0), iterations.get(iterations.size() - 1));
    }

    private static String or(String text, String otherwise) {
      return text.isEmpty() ? otherwise : text;
    }

    private static void require(String what, Object saved, Object here) {
      if (!saved.equals(here)) {
        throw new IllegalArgumentException(
            "the saved state is of another search: " + what + " " + saved + ", here " + here);
      }
    }
  }

  /** Writes the state, whole or not at all. */
  void save(Path file) throws IOException {
    ChecksummedFile.write(file, MAGIC, this::write);
  }

  /**
   * Reads a state.
   *
   * @throws IOException where the file cannot be read, is no search state or is damaged
   */
  static SearchState load(Path file) throws IOException {
    return ChecksummedFile.read(file, MAGIC, SearchState::read);
  }

  private void write(DataOutputStream out) throws IOException {
    out.writeUTF(identity.strategy);
    out.writeUTF(identity.objective);
    out.writeUTF(identity.validation);
    out.writeInt(identity.finalists);
    writeDoubles(out, identity.shrinkage.stream().mapToDouble(s -> s).toArray());
    out.writeInt(identity.mergeRows);
    out.writeLong(identity.parameters);
    out.writeUTF(identity.groups);
    out.writeUTF(identity.given);
    writeLongs(out, identity.iterations);
    writeLongs(out, identity.checksums);
    out.writeInt(identity.baselines.size());
    for (String baseline : identity.baselines) {
      out.writeUTF(baseline);
    }
    writeBytes(out, strategy);
    out.writeInt(generation);
    writeDoubles(out, scores);
    writeCandidates(out, leaders);
    writeCandidates(out, baselines);
    writeDoubles(out, screeningScores);
    writeDoubles(out, validationScores);
    out.writeInt(nonFinite);
    writeSeconds(out, searchSeconds);
    writeSeconds(out, validationSeconds);
    out.writeDouble(elapsedSeconds);
    writeDoubles(out, history);
    out.writeDouble(cost);
    out.writeInt(gradients);
  }

  private static SearchState read(DataInputStream in) throws IOException {
    String strategyName = in.readUTF();
    String objective = in.readUTF();
    String validation = in.readUTF();
    int finalists = in.readInt();
    List<Double> shrinkage = DoubleStream.of(readDoubles(in)).boxed().toList();
    int mergeRows = in.readInt();
    long parameters = in.readLong();
    String groups = in.readUTF();
    String given = in.readUTF();
    List<Long> iterations = readLongs(in);
    List<Long> checksums = readLongs(in);
    List<String> names = new ArrayList<>();
    for (int left = readLength(in); left > 0; left--) {
      names.add(in.readUTF());
    }
    Identity identity =
        new Identity(
            strategyName,
            objective,
            validation,
            finalists,
            shrinkage,
            mergeRows,
            parameters,
            groups,
            iterations,
            checksums,
            names,
            given);
    return new SearchState(
        identity,
        readBytes(in),
        in.readInt(),
        readDoubles(in),
        readCandidates(in),
        readCandidates(in),
        readDoubles(in),
        readDoubles(in),
        in.readInt(),
        readSeconds(in),
        readSeconds(in),
        in.readDouble(),
        readDoubles(in),
        in.readDouble(),
        in.readInt());
  }

  private static void writeLongs(DataOutputStream out, List<Long> values) throws IOException {
    out.writeInt(values.size());
    for (long value : values) {
      out.writeLong(value);
    }
  }

  private static List<Long> readLongs(DataInputStream in) throws IOException {
    List<Long> values = new ArrayList<>();
    for (int left = readLength(in); left > 0; left--) {
      values.add(in.readLong());
    }
    return values;
  }

  private static void writeCandidates(DataOutputStream out, List<ScoredCoefficients> candidates)
      throws IOException {
    out.writeInt(candidates.size());
    for (ScoredCoefficients candidate : candidates) {
      out.writeUTF(candidate.label());
      out.writeInt(candidate.evaluation());
      out.writeDouble(candidate.searchScore());
      out.writeDouble(candidate.validationScore());
      writeDoubles(out, candidate.coefficients());
    }
  }

  private static List<ScoredCoefficients> readCandidates(DataInputStream in) throws IOException {
    List<ScoredCoefficients> candidates = new ArrayList<>();
    for (int left = readLength(in); left > 0; left--) {
      candidates.add(
          new ScoredCoefficients(
              in.readUTF(), in.readInt(), in.readDouble(), in.readDouble(), readDoubles(in)));
    }
    return candidates;
  }

  private static void writeSeconds(DataOutputStream out, StageSeconds seconds) throws IOException {
    writeDoubles(out, seconds.toArray());
  }

  private static StageSeconds readSeconds(DataInputStream in) throws IOException {
    return StageSeconds.of(readDoubles(in));
  }
}
