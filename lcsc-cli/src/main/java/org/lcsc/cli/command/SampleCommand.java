package org.lcsc.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.lcsc.cli.output.ProgressBar;
import org.lcsc.cli.output.SampleFiles;
import org.lcsc.cli.output.SampleGrid;
import org.lcsc.config.Require;
import org.lcsc.experiment.LoadedModel;
import org.lcsc.image.ImageShape;
import org.lcsc.io.HostArrays;
import org.lcsc.objective.NoiseSource;
import org.lcsc.objective.SampleGenerator;
import org.lcsc.objective.SeededNoise;
import org.lcsc.objective.TimeRanges;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Draws samples of models as a picture. */
@Command(
    name = "sample",
    description = {
      "Draw samples of a model as a PNG grid, or as image files or arrays.",
      "Several models are drawn side by side from the same noise."
    })
final class SampleCommand extends TextCommand {

  @Mixin private ModelOptions models;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "64",
      description = "Samples of each model. Default: ${DEFAULT-VALUE}.")
  private int count;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Seed of the noise. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--columns",
      paramLabel = "N",
      description = "Samples per row. Default: a square grid.")
  private Integer columns;

  @Option(
      names = "--scale",
      paramLabel = "N",
      description = "Side of a drawn pixel. Default: small images are enlarged.")
  private Integer scale;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE.png|FILE.npz|FOLDER",
      description =
          "The picture to write; or a file of the images as uint8 [N, H, W, C] named arr_0, or a"
              + " new folder of PNG files, of several models one in each.")
  private Path out;

  @Override
  int run() throws IOException {
    Require.atLeast("--count", count, 1);
    Require.atLeast("--columns", columns, 1);
    Require.atLeast("--scale", scale, 1);
    boolean archive = out.toString().endsWith(".npz");
    boolean folder = !archive && !out.toString().endsWith(".png");
    if (folder) {
      Require.not(Files.exists(out), "--out", "exists already (%s), allowed: a new folder", out);
    } else {
      OutputFile.check("--out", out, archive ? ".npz" : ".png");
    }
    if (archive || folder) {
      Require.not(columns != null, "--columns", "has no effect, allowed: with a .png file");
      Require.not(scale != null, "--scale", "has no effect, allowed: with a .png file");
    }
    ModelOptions.Loaded loaded = models.load();
    int side = loaded.experiment().images().shape().height();
    SampleGrid fitting = SampleGrid.fitting(count, side);
    SampleGrid grid =
        new SampleGrid(
            columns == null ? fitting.columns() : columns,
            fitting.padding(),
            scale == null ? fitting.scale() : scale);
    long values = (long) count * loaded.experiment().images().shape().length();
    Require.not(
        values > Integer.MAX_VALUE,
        "--count",
        "too many samples to hold in memory (%s), allowed: at most %s",
        count,
        count * (long) Integer.MAX_VALUE / values);
    if (!archive && !folder) {
      grid.requireFits(loaded.models().size(), count, side);
    }
    Require.not(
        archive && loaded.models().size() > 1,
        "--out",
        "takes the samples of one model (%s), got %s, allowed: a folder",
        out,
        loaded.models().size());
    List<SampleGrid.Captioned> grids = draw(loaded);
    if (archive) {
      SampleFiles.writeArchive(out, grids.get(0).images());
    } else if (folder) {
      SampleFiles.writeFolder(out, grids);
    } else if (grids.size() == 1) {
      grid.write(out, grids.get(0).images());
    } else {
      grid.writeSideBySide(out, grids.stream().map(SampleCommand::withoutEnding).toList());
    }
    written(out);
    return 0;
  }

  private static SampleGrid.Captioned withoutEnding(SampleGrid.Captioned grid) {
    return new SampleGrid.Captioned(
        grid.caption().replaceFirst("\\.(zip|json)$", ""), grid.images());
  }

  private List<SampleGrid.Captioned> draw(ModelOptions.Loaded loaded) {
    Map<TimeRanges, SampleGenerator> generators = new HashMap<>();
    List<SampleGrid.Captioned> grids = new ArrayList<>();
    List<String> spoilt = new ArrayList<>();
    long total = (long) count * loaded.models().size();
    try (ProgressBar bar = progress("sampling", "samples", total)) {
      for (int i = 0; i < loaded.models().size(); i++) {
        LoadedModel model = loaded.models().get(i);
        SampleGenerator generator =
            generators.computeIfAbsent(
                model.ranges(), ranges -> loaded.experiment().generator(loaded.network(), ranges));
        generator.setParameters(model.parameters());
        String name = loaded.names().get(i);
        INDArray images = samples(generator, loaded, bar);
        if (!HostArrays.allFinite(HostArrays.floats(images))) {
          spoilt.add(name);
        }
        grids.add(new SampleGrid.Captioned(name, images));
      }
    }
    spoilt.forEach(
        name -> err().println("lcsc: " + name + ": warning: samples are not finite, drawn black"));
    return grids;
  }

  private INDArray samples(SampleGenerator generator, ModelOptions.Loaded loaded, ProgressBar bar) {
    ImageShape shape = loaded.experiment().images().shape();
    INDArray images =
        Nd4j.createUninitialized(
            DataType.FLOAT, count, shape.channels(), shape.height(), shape.width());
    NoiseSource noise = new SeededNoise(seed);
    int batch = loaded.experiment().sampleBatch();
    for (int first = 0; first < count; first += batch) {
      int size = Math.min(batch, count - first);
      images
          .get(NDArrayIndex.interval(first, first + size))
          .assign(generator.sample(noise, first, size));
      bar.advance(size);
    }
    return images;
  }
}
