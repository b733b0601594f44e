package org.lcsc.cli.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.experiment.LoadedModel;
import org.lcsc.experiment.ReleasedModel;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.export.TensorExport;
import org.lcsc.io.AtomicFiles;
import org.lcsc.tensor.SafetensorsFormat;

/**
 * A tensor for every parameter array.
 *
 * @param as whose names they have; null for our layers'
 * @param config of the model; null to find it in the model's run
 */
record TensorsExport(String as, Path config) implements ExportForm {

  /** The file that describes the network, where the code base has one. */
  static Path configuration(ExportTarget target) {
    return target.file().resolveSibling("config.json");
  }

  @Override
  public Exported export(ExportSource source, ExportTarget target) throws IOException {
    OutputFile.check("--out", target.file(), new SafetensorsFormat().suffix());
    ComputationGraph network = source.restore();
    Map<String, String> metadata =
        Map.of(
            "format",
            "pt",
            "iteration",
            String.valueOf(network.getConfiguration().getIterationCount()));
    if (as == null) {
      target.write(source, file -> TensorExport.write(file, network, metadata));
      return new Exported(List.of(target.file()), source.text());
    }
    RunConfig run = LoadedModel.configuration(config, List.of(source.model())).getValue();
    String[] text = new String[1];
    target.write(source, file -> text[0] = ReleasedModel.write(file, as, run, network, metadata));
    if (text[0] == null) {
      return new Exported(List.of(target.file()), source.text());
    }
    AtomicFiles.writeString(configuration(target), text[0]);
    return new Exported(List.of(target.file(), configuration(target)), source.text());
  }
}
