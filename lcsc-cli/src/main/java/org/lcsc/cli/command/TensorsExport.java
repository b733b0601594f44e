package org.lcsc.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.diffusion.model.DiffusionModel;
import org.lcsc.diffusion.released.ReleasedNetwork;
import org.lcsc.diffusion.schedule.NoiseSchedule;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.experiment.LoadedModel;
import org.lcsc.experiment.ReleasedExport;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.export.TensorExport;
import org.lcsc.io.Text;
import org.lcsc.tensor.SafetensorsFormat;

/**
 * A tensor for every parameter array.
 *
 * @param as whose names they have; null for our layers'
 * @param config of the model; null to find it in the model's run
 */
record TensorsExport(String as, Path config) implements ExportForm {

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
      target.write(source, file -> TensorExport.write(file, network, metadata), Map.of());
      return new Exported(List.of(target.file()), source.text());
    }
    RunConfig run = LoadedModel.configuration(config, List.of(source.model())).getValue();
    ReleasedExport export;
    try {
      export = ReleasedExport.of(as, run, source.model(), network);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(source.model() + ": " + e.getMessage());
    }
    Map<Path, String> beside = new TreeMap<>();
    export.beside().forEach((name, text) -> beside.put(target.file().resolveSibling(name), text));
    target.write(source, file -> export.write(file, metadata), beside);
    for (String name : export.names().files()) {
      // An earlier export's would be taken for this one's.
      if (!export.beside().containsKey(name)) {
        Files.deleteIfExists(target.file().resolveSibling(name));
      }
    }
    List<Path> files = new ArrayList<>(List.of(target.file()));
    files.addAll(beside.keySet());
    return new Exported(files, source.text() + untold(export, run));
  }

  /** What whoever reads the weights has to know, and no tensor tells. */
  private static String untold(ReleasedExport export, RunConfig run) {
    if (export.sigmaData().isPresent()) {
      return ", " + ReleasedNetwork.SIGMA_DATA_TEXT + " " + export.sigmaData().getAsDouble();
    }
    return run.model() instanceof DiffusionModel chain
            && chain.steps() != NoiseSchedule.REFERENCE_STEPS
        ? Text.format(
            ", a network that is given %s t / %s as the time of step t",
            NoiseSchedule.REFERENCE_STEPS, chain.steps())
        : "";
  }
}
