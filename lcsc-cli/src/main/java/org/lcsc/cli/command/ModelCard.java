package org.lcsc.cli.command;

import static org.lcsc.io.Text.format;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.YamlConfig;
import org.lcsc.diffusion.onnx.OnnxGraph;
import org.lcsc.diffusion.unet.UNet;
import org.lcsc.export.Recipe;
import org.lcsc.io.Text;

/**
 * What a model is, as a Markdown page with the front matter that model hubs read.
 *
 * @param file name of the ONNX file that it describes
 * @param license identifier of the licence
 * @param network the network
 * @param recipe how its parameters were made; null where that is not known
 */
record ModelCard(String file, String license, ComputationGraph network, Recipe recipe) {

  @Override
  public String toString() {
    StringBuilder page = new StringBuilder("---\n");
    page.append("license: ").append(YamlConfig.scalar(license)).append('\n');
    page.append("library_name: onnx\n");
    page.append("pipeline_tag: unconditional-image-generation\n");
    page.append("tags: [diffusion, onnx, lcsc]\n");
    if (recipe != null) {
      frontMatter(page);
    }
    page.append("---\n\n# ").append(name()).append("\n\n");
    page.append(
        format(
            "An image network of %s parameters in ONNX, opset %s%s.\n",
            network.numParams(), OnnxGraph.OPSET, recipe == null ? "" : ", " + origin()));
    if (recipe != null) {
      recipe(page);
    }
    page.append(use());
    return page.toString();
  }

  private String name() {
    return file.substring(0, file.lastIndexOf('.'));
  }

  private String known(String key) {
    Object value = recipe.provenance().get(key);
    return value == null ? "unknown" : value.toString();
  }

  private void frontMatter(StringBuilder page) {
    String data = YamlConfig.scalar(known("dataset"));
    page.append("datasets: [").append(data).append("]\n");
    if (recipe.reportScores().isEmpty()) {
      return;
    }
    page.append("model-index:\n  - name: ").append(YamlConfig.scalar(name())).append('\n');
    page.append("    results:\n      - task: { type: unconditional-image-generation }\n");
    page.append(format("        dataset: { name: %s, type: %s }\n", data, data));
    page.append("        metrics:\n");
    recipe
        .reportScores()
        .forEach(
            (score, value) -> {
              String label = YamlConfig.scalar(score);
              page.append(
                  format("          - { type: %s, name: %s, value: %s }\n", label, label, value));
            });
  }

  private String origin() {
    return format("model `%s` of iteration %s", recipe.model(), recipe.iteration());
  }

  private void recipe(StringBuilder page) {
    page.append("\n## Data\n\n");
    page.append(
        format(
            "%s: %s images, %s, fingerprint `%s`.\n",
            known("dataset"), known("images"), known("shape"), known("datasetFingerprint")));
    page.append("\n## Recipe\n\n");
    long[] checkpoints = recipe.checkpoints();
    if (checkpoints.length > 0) {
      page.append(
          format(
              "The window had %s checkpoints, iterations %s to %s. ",
              checkpoints.length, checkpoints[0], checkpoints[checkpoints.length - 1]));
    }
    page.append(
        format(
            "Search: %s, %s evaluations of %s, seed %s. Coefficients, hash and versions are in"
                + " `%s.json`.\n",
            recipe.search().strategy(),
            recipe.search().evaluations(),
            recipe.search().objective(),
            recipe.search().seed(),
            name()));
    page.append(scores());
    Object config = recipe.provenance().get("config");
    if (config != null) {
      page.append("\n## Configuration of the training\n\n```yaml\n").append(config);
      page.append("```\n");
    }
  }

  /** A table of the scores on fresh noise. */
  private String scores() {
    Set<String> names = new LinkedHashSet<>(recipe.reportScores().keySet());
    if (names.isEmpty()) {
      return "";
    }
    List<String> rows = new ArrayList<>();
    rows.add(row("model", names.stream().toList()));
    rows.add(row("---", names.stream().map(n -> "---").toList()));
    rows.add(row("this model", values(names, recipe.reportScores())));
    for (Recipe.Score baseline : recipe.baselines()) {
      if (!baseline.reportScores().isEmpty() && !baseline.model().equals(recipe.model())) {
        rows.add(row(baseline.model(), values(names, baseline.reportScores())));
      }
    }
    return "\n## Scores on fresh noise\n\n" + String.join("", rows);
  }

  private static List<String> values(Set<String> names, Map<String, Double> scores) {
    return names.stream()
        .map(name -> scores.containsKey(name) ? Text.score(scores.get(name)) : "")
        .toList();
  }

  private static String row(String first, List<String> cells) {
    return cells.stream().collect(Collectors.joining(" | ", "| " + first + " | ", " |\n"));
  }

  private String use() {
    boolean sigma = UNet.isPreconditioned(network);
    List<String> rows = new ArrayList<>();
    rows.add(row("name", List.of("shape", "what")));
    rows.add(row("---", List.of("---", "---")));
    rows.add(row("input `image`", List.of("[N, C, H, W]", "noisy images, data in [-1, 1]")));
    rows.add(
        row(
            "input `time`",
            List.of(
                "[N, 1]",
                sigma
                    ? "noise level sigma: the image is data + sigma * Gaussian noise"
                    : "1000 t / T for step t of a chain of T (`model.steps`, usually 1000: then t), 0"
                        + " for the least noise, fractions allowed; of `kind: flow` 1000 t, with"
                        + " ncsnpp and ddpmpp t")));
    if (network.getNumInputArrays() > 2) {
      rows.add(row("input `label`", List.of("[N, classes]", "one-hot class")));
    }
    rows.add(
        row(
            "output `output`",
            List.of(
                "[N, C, H, W]",
                sigma
                    ? "the image without its noise"
                    : "what `model.prediction` names; of `kind: flow` the velocity")));
    return "\n## Use\n\nAll values are float32; N is any number.\n\n" + String.join("", rows);
  }
}
