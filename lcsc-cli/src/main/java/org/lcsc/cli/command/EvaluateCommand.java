package org.lcsc.cli.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lcsc.cli.output.ProgressBar;
import org.lcsc.cli.output.ScoreTable;
import org.lcsc.config.Require;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.experiment.evaluation.EvaluationReport;
import org.lcsc.experiment.evaluation.ImageScorer;
import org.lcsc.experiment.evaluation.ImageSource;
import org.lcsc.experiment.evaluation.PairedComparison;
import org.lcsc.experiment.evaluation.ReferenceImages;
import org.lcsc.experiment.evaluation.Scores;
import org.lcsc.export.Versions;
import org.lcsc.io.AtomicFiles;
import org.lcsc.io.Refuse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Scores models, folders and archives of images by every metric, beside held-out real images. */
@Command(
    name = "evaluate",
    description = {
      "Score models (.zip), folders of images, or NumPy archives (.npz: uint8 images, or mu and"
          + " sigma) against the training images.",
      "All models are given the same noise. The last row is the floor: real images that were held"
          + " out from training. FID falls with the number of images, so compare equal numbers;"
          + " KID and FID-inf do not. FID (2nd space) is measured by an independent network, which"
          + " helps to choose what a search by mean-fid emits; nothing in a search sees FID (3rd"
          + " space)."
    })
final class EvaluateCommand extends TextCommand {

  private static final int DEFAULT_SEEDS = 5;

  @Mixin private ModelOptions models;
  @Mixin private NoiseOptions noise = new NoiseOptions(5000, 9);
  @Mixin private EvaluationOptions options;
  @Mixin private JsonOption json;

  @Option(
      names = "--compare",
      description =
          "Compare two models over several noise seeds: differences with 95 %% confidence"
              + " intervals.")
  private boolean compare;

  @Option(
      names = "--seeds",
      paramLabel = "K",
      description = "Noise seeds of --compare, from --seed on. Default: " + DEFAULT_SEEDS + ".")
  private Integer seeds;

  @Option(names = "--out", paramLabel = "FILE.json", description = "Also write the scores here.")
  private Path out;

  @Override
  int run() throws IOException {
    noise.check();
    if (seeds == null) {
      seeds = DEFAULT_SEEDS;
    } else {
      Require.not(!compare, "--seeds", "has no effect (%s), allowed: with --compare", seeds);
    }
    Require.atLeast("--seeds", seeds, 2);
    if (out != null) {
      OutputFile.check("--out", out, ".json");
    }
    EvaluationInputs inputs = EvaluationInputs.resolve(models, options, noise.samples());
    InvalidInputException.when(
        compare && (inputs.names().size() != 2 || !inputs.allModels()),
        "--compare: takes two models, which are sampled from several noise seeds, got %s",
        String.join(", ", inputs.names()));
    options.leftOut().forEach(line -> err().println("lcsc: warning: " + line));
    try (EvaluationOptions.Opened opened =
        options.open(inputs, noise.seed(), ProgressBar.features(err()))) {
      ReferenceImages images = inputs.images();
      if (images != null && images.heldOut() == null) {
        err().println("lcsc: warning: no held-out images to compare with: " + images.missing());
      }
      String scores =
          json(inputs, opened.scorer(), compare ? compare(inputs, opened) : score(inputs, opened));
      if (json.wanted()) {
        out().print(scores);
      }
      if (out != null) {
        AtomicFiles.writeString(out, scores);
        (json.wanted() ? err() : out()).println("written: " + out);
      }
    }
    return 0;
  }

  private Map<String, Object> score(EvaluationInputs inputs, EvaluationOptions.Opened opened)
      throws IOException {
    ImageScorer scorer = opened.scorer();
    Map<String, Scores> rows = new LinkedHashMap<>();
    Map<String, Object> json = new LinkedHashMap<>();
    List<Map<String, Object>> entries = new ArrayList<>();
    long total = (long) noise.samples() * inputs.names().size() + heldOut(inputs);
    Scores floor;
    try (ProgressBar bar = progress("evaluating", "images", total)) {
      for (int i = 0; i < inputs.names().size(); i++) {
        Scores scores = inputs.score(i, scorer, noise.seed(), bar::advance);
        rows.put(inputs.names().get(i), scores);
        Map<String, Object> entry = new LinkedHashMap<>(inputs.describe(i));
        entry.putAll(EvaluationReport.json(scores));
        entries.add(entry);
        bar.update((i + 1L) * noise.samples(), inputs.names().get(i));
      }
      floor = floor(inputs, scorer, bar);
      bar.update(total, "");
    }
    rows.forEach(
        (name, scores) -> {
          if (!scores.finite()) {
            err().println("lcsc: " + name + ": warning: a sample is not finite");
          }
        });
    if (floor != null) {
      rows.put("held-out images", floor);
    }
    print(inputs, scorer, ScoreTable.of(rows).toText());
    json.put("models", entries);
    json.put("heldOut", floor == null ? null : EvaluationReport.json(floor));
    return json;
  }

  private Map<String, Object> compare(EvaluationInputs inputs, EvaluationOptions.Opened opened)
      throws IOException {
    ImageScorer scorer = opened.scorer();
    List<List<Scores>> scores = List.of(new ArrayList<>(), new ArrayList<>());
    long total = noise.samples() * 2L * seeds + heldOut(inputs);
    Scores floor;
    try (ProgressBar bar = progress("evaluating", "images", total)) {
      for (int s = 0; s < seeds; s++) {
        for (int i = 0; i < 2; i++) {
          Scores one = inputs.score(i, scorer, noise.seed() + s, bar::advance);
          Refuse.state(
              !one.finite(),
              "%s: a sample of noise seed %s is not finite, so there is nothing to compare",
              inputs.names().get(i),
              noise.seed() + s);
          scores.get(i).add(one);
        }
      }
      floor = floor(inputs, scorer, bar);
      bar.update(total, "");
    }
    List<PairedComparison> comparisons = PairedComparison.of(scores.get(0), scores.get(1));
    String first = inputs.names().get(0);
    String second = inputs.names().get(1);
    StringBuilder text = new StringBuilder();
    text.append(ScoreTable.of(first, second, comparisons).toText());
    if (floor != null) {
      text.append(System.lineSeparator())
          .append(ScoreTable.of(Map.of("held-out images", floor)).toText());
    }
    print(inputs, scorer, text.toString());
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("seeds", seeds);
    json.put("first", inputs.describe(0));
    json.put("second", inputs.describe(1));
    json.put("differences", EvaluationReport.json(comparisons));
    json.put("heldOut", floor == null ? null : EvaluationReport.json(floor));
    return json;
  }

  /** How many held-out images are scored. */
  private int heldOut(EvaluationInputs inputs) {
    ReferenceImages images = inputs.images();
    return images == null || images.heldOut() == null
        ? 0
        : Math.min(noise.samples(), images.heldOut().size());
  }

  /** Real images as if a model had drawn them: the floor of what a model can reach. */
  private Scores floor(EvaluationInputs inputs, ImageScorer scorer, ProgressBar bar)
      throws IOException {
    return heldOut(inputs) == 0
        ? null
        : scorer.score(
            ImageSource.ofDataSet("held-out images", inputs.images().heldOut(), noise.samples()),
            bar::advance);
  }

  private void print(EvaluationInputs inputs, ImageScorer scorer, String tables) {
    if (json.wanted()) {
      return;
    }
    if (inputs.images() != null) {
      print("%s%n", inputs.images().training());
    }
    for (int i = 0; i < scorer.spaceNames().size(); i++) {
      print("%s: %s%n", scorer.spaceNames().get(i), scorer.spaceIds().get(i));
    }
    if (inputs.experiment() != null) {
      String used =
          compare
              ? noise.seed() + " to " + (noise.seed() + seeds - 1)
              : Long.toString(noise.seed());
      print("noise seed %s, %s%n", used, inputs.experiment().sampling());
    }
    print("%n%s", tables);
  }

  private String json(EvaluationInputs inputs, ImageScorer scorer, Map<String, Object> results)
      throws IOException {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("seed", noise.seed());
    root.putAll(results);
    root.put("spaces", scorer.spaceIds());
    if (inputs.experiment() != null) {
      root.putAll(inputs.experiment().provenance());
    } else if (inputs.images() != null) {
      root.put("dataset", inputs.images().dataset());
      root.put("datasetFingerprint", inputs.images().training().fingerprint());
    }
    root.put("versions", Versions.current());
    return JsonOption.of(root);
  }
}
