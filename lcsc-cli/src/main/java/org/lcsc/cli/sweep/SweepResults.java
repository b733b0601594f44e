package org.lcsc.cli.sweep;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.arbiter.optimize.api.OptimizationResult;
import org.deeplearning4j.arbiter.optimize.api.saving.ResultReference;
import org.deeplearning4j.arbiter.optimize.api.saving.ResultSaver;
import org.lcsc.cli.output.TextTable;
import org.lcsc.experiment.output.CsvWriter;

/**
 * Keeps the candidates of a study as Arbiter's result saver: {@code candidates/ID/candidate.json}
 * of each, and {@code results.csv} with a row for each and all its scores. Thread-safe.
 */
public final class SweepResults implements ResultSaver {

  private final Study study;
  private final Path root;

  /** By id, in the order of their ends, those of earlier calls at their turn. */
  private final Map<String, CandidateResult> done = new LinkedHashMap<>();

  /**
   * The results of a study.
   *
   * @param root the study's directory
   */
  SweepResults(Study study, Path root) {
    this.study = study;
    this.root = root;
  }

  /** The directory of a candidate. */
  Path directory(String id) {
    return root.resolve("candidates").resolve(id);
  }

  /** The run directory of a candidate that is trained or searched. */
  Path run(String id) {
    return run(directory(id));
  }

  /** The run directory within the directory of a candidate. */
  static Path run(Path candidate) {
    return candidate.resolve("run");
  }

  /**
   * The result that an earlier call or another candidate of equal values left.
   *
   * @return null where there is none, or it failed
   */
  CandidateResult find(String id) throws IOException {
    Path file = directory(id).resolve("candidate.json");
    if (!Files.exists(file)) {
      return null;
    }
    CandidateResult found = CandidateResult.read(file);
    return found.failure() == null ? found : null;
  }

  /** Keeps a result. */
  synchronized void add(CandidateResult result) throws IOException {
    result.write(directory(result.id()).resolve("candidate.json"));
    took(result);
  }

  /** Takes a result that is kept already into the tables. */
  synchronized void took(CandidateResult result) throws IOException {
    done.put(result.id(), result);
    writeCsv();
  }

  /** Candidates so far. */
  synchronized List<CandidateResult> all() {
    return List.copyOf(done.values());
  }

  @Override
  public ResultReference saveModel(OptimizationResult result, Object model) throws IOException {
    add((CandidateResult) model);
    return new ResultReference() {
      @Override
      public OptimizationResult getResult() {
        return result;
      }

      @Override
      public Object getResultModel() {
        return model;
      }
    };
  }

  @Override
  public List<Class<?>> getSupportedCandidateTypes() {
    return List.of(SweepPoint.class);
  }

  @Override
  public List<Class<?>> getSupportedModelTypes() {
    return List.of(CandidateResult.class);
  }

  /** Every score that any candidate has, in the order they came. */
  private List<String> names() {
    Set<String> names = new LinkedHashSet<>();
    done.values().forEach(result -> names.addAll(result.scores().keySet()));
    return new ArrayList<>(names);
  }

  private void writeCsv() throws IOException {
    List<String> names = names();
    List<String> header = new ArrayList<>(List.of("candidate"));
    study.axes().forEach(axis -> header.add(axis.key()));
    header.addAll(List.of("score", "seconds", "failure"));
    header.addAll(names);
    List<Object[]> rows = new ArrayList<>();
    for (CandidateResult result : done.values()) {
      List<Object> row = new ArrayList<>(List.of(result.id()));
      row.addAll(result.labels());
      row.add(result.score());
      row.add(result.seconds());
      row.add(result.failure());
      names.forEach(name -> row.add(result.scores().get(name)));
      rows.add(row.toArray());
    }
    CsvWriter.write(root.resolve("results.csv"), header, rows);
  }

  /** All candidates, best first; failed ones last. */
  synchronized TextTable ranking() {
    List<String> header = new ArrayList<>(List.of("rank"));
    study.axes().forEach(axis -> header.add(axis.key()));
    header.add(study.score());
    List<String> others = SweepTables.shown(names(), study.score());
    header.addAll(others);
    header.add("seconds");
    TextTable table = new TextTable(header.toArray(String[]::new));
    List<CandidateResult> sorted = new ArrayList<>(done.values());
    // NaN is more than any number in this order.
    sorted.sort(Comparator.comparingDouble(CandidateResult::score));
    int rank = 1;
    for (CandidateResult result : sorted) {
      List<Object> row = new ArrayList<>();
      row.add(Double.isFinite(result.score()) ? rank++ : null);
      row.addAll(result.labels());
      row.add(
          result.failure() != null
              ? "failed: " + result.failure()
              : SweepTables.number(result.score()));
      others.forEach(name -> row.add(SweepTables.number(result.scores().get(name))));
      row.add(SweepTables.number(result.seconds()));
      table.row(row.toArray());
    }
    return table;
  }
}
