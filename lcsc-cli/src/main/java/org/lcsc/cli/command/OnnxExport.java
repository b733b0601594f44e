package org.lcsc.cli.command;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.diffusion.unet.OnnxUNet;

/**
 * A network for ONNX Runtime, with a model card beside it.
 *
 * @param license that the card names
 */
record OnnxExport(String license) implements ExportForm {

  /** The file of the card. */
  static Path card(ExportTarget target) {
    return target.file().resolveSibling("README.md");
  }

  @Override
  public Exported export(ExportSource source, ExportTarget target) throws IOException {
    ComputationGraph network = source.restore();
    Map<String, String> metadata =
        Map.of("iteration", String.valueOf(network.getConfiguration().getIterationCount()));
    String name = target.file().getFileName().toString();
    ModelCard card = new ModelCard(name, license, network, source.recipe());
    target.write(
        source,
        file -> {
          try (OutputStream stream = new BufferedOutputStream(Files.newOutputStream(file))) {
            OnnxUNet.write(network, metadata, stream);
          }
        },
        Map.of(card(target), card.toString()));
    return new Exported(List.of(target.file(), card(target)), source.text());
  }
}
